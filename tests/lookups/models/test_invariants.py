"""Each invariant that `check_invariants` counts: what the database refuses, and that the rest is seen.

Where the database itself refuses the damage, the test sees that first, then takes its guard away.
"""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from businesses import isolation
from businesses.models import Business, Page
from lookups.evidence import decisions
from lookups.evidence.matching import learn
from lookups.evidence.weighing import AnswerRow, Finding, Node
from lookups.management.commands.check_invariants import invariants
from lookups.models import Answer, Decision, Lookup, Person, PersonEvent, PolicyReview, Run, ScopedID
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def make_people(business: Business) -> Page:
    """Two persons: PSID 1 with ASID 2, and PSID 3."""
    app = make_app(business)
    page = make_page(business, app)
    run = Run.objects.create(business=business, kind=Run.Kind.ONE, created_at=NOW)
    for minutes, (value, targets) in enumerate([("1", ["2"]), ("3", [])]):
        lookup = Lookup.objects.create(
            business=business, run=run, asset=page, value=value, created_at=NOW, state="done", finished_at=NOW,
            apps_outcome="linked" if targets else "none", pages_outcome="none", ending="linked" if targets else "none",
        )  # fmt: skip
        answer = Answer.objects.create(
            business=business, lookup=lookup, attempt=1, at=NOW + timedelta(minutes=minutes), edges="ids_for_apps",
            complete=True, token_fingerprint="f", version_asked="v26.0",
        )  # fmt: skip
        rows = tuple(AnswerRow("ids_for_apps", Node(app, target), "0" * 64) for target in targets)
        learn(business, [Finding(answer, Node(page, value), rows)])
    return page


@pytest.fixture(autouse=True)
def page():
    return make_people(make_business())


@pytest.fixture
def other_page(page):
    return make_people(make_business("Other"))


def scoped_id(page: Page, value: str) -> ScopedID:
    return ScopedID.objects.get(business=page.business, value=value)


def run_sql(statement: str, *arguments: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def refused(statement: str, *arguments: object) -> bool:
    """Whether the database refuses it."""
    try:
        with transaction.atomic():
            run_sql(statement, *arguments)
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    return False


def drop_check(table: str, name: str) -> None:
    """Take a check constraint away; SQLite has a switch for all of them."""
    if connection.vendor == "sqlite":
        run_sql("PRAGMA ignore_check_constraints = ON")
    else:
        run_sql("SET CONSTRAINTS ALL IMMEDIATE")
        run_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@pytest.fixture(autouse=True)
def checks_again():
    yield
    if connection.vendor == "sqlite":
        run_sql("PRAGMA ignore_check_constraints = OFF")


def broken() -> dict[str, int]:
    """What the command counts, by the invariant; it must exit with 1 if and only if there is any."""
    out = io.StringIO()
    try:
        call_command("check_invariants", stdout=out)
        code = 0
    except SystemExit as ended:
        code = ended.code
    lines = [line.rsplit(": ", 1) for line in out.getvalue().splitlines()]
    assert [name for name, _ in lines] == list(invariants())
    told = {name: int(count) for name, count in lines if count != "0"}
    assert code == (1 if told else 0)
    return told


def test_a_sound_database_shows_nothing(page, other_page):
    assert broken() == {}


def test_a_match_between_two_businesses_is_refused_and_would_be_seen(page, other_page):
    damage = "UPDATE lookups_match SET target_id = %s WHERE source_id = %s"
    keys = scoped_id(other_page, "2").pk, scoped_id(page, "1").pk
    assert refused(damage, *keys)

    isolation.remove("default")
    run_sql(damage, *keys)

    assert broken()["matches that join two businesses"] == 1


def test_a_person_of_another_business_is_refused_and_would_be_seen(page, other_page):
    damage = "UPDATE lookups_scopedid SET person_id = %s WHERE id = %s"
    keys = scoped_id(other_page, "3").person_id, scoped_id(page, "2").pk
    assert refused(damage, *keys)

    isolation.remove("default")
    run_sql(damage, *keys)

    assert broken()["scoped IDs whose person is of another business"] == 1


def test_an_id_stored_twice_is_refused_and_would_be_seen(page):
    damage = "UPDATE lookups_scopedid SET value = '1' WHERE id = %s"
    key = scoped_id(page, "3").pk
    assert refused(damage, key)

    if connection.vendor == "postgresql":  # SQLite can't drop a key of a table without making it anew
        run_sql("SET CONSTRAINTS ALL IMMEDIATE")
        run_sql("ALTER TABLE lookups_scopedid DROP CONSTRAINT one_scoped_id_per_asset")
        run_sql(damage, key)

        assert broken() == {"scoped IDs stored twice": 1}


def test_a_live_match_between_two_persons_is_seen(page):
    one = Person.objects.get(scoped_ids__value="3")
    run_sql("UPDATE lookups_scopedid SET person_id = %s WHERE value = '1'", one.pk)

    assert broken()["live matches between two persons that nothing keeps apart"] == 1


def test_a_live_match_between_two_persons_kept_apart_is_sound(page):
    one, other = scoped_id(page, "1"), scoped_id(page, "2")

    made = decisions.decide(Decision.Kind.KEEP_APART, one, other, reason="two sisters", by=None, now=NOW)

    assert scoped_id(page, "1").person != scoped_id(page, "2").person
    assert broken() == {}
    Decision.objects.filter(pk=made.pk).update(undone_at=NOW)
    assert broken() == {"live matches between two persons that nothing keeps apart": 1}


def test_a_decision_about_others_explains_no_match(page):
    one, other = scoped_id(page, "1"), scoped_id(page, "2")
    made = decisions.decide(Decision.Kind.KEEP_APART, one, other, reason="two sisters", by=None, now=NOW)

    Decision.objects.filter(pk=made.pk).update(other=scoped_id(page, "3"))

    assert broken() == {"live matches between two persons that nothing keeps apart": 1}


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE lookups_scopedid SET public_id = 'WRONG' WHERE value = '3'",
        "UPDATE lookups_scopedid SET first_seen = '2001-01-01 00:00:00+00' WHERE value = '1'",
    ],
)
def test_a_public_id_that_is_not_that_of_the_earliest_is_seen(damage):
    run_sql(damage)

    assert broken() == {"persons whose public ID is not that of their earliest ID": 1}


def test_of_ids_seen_at_one_moment_asids_come_first_then_the_lower_graph_id(page):
    """As `ScopedID.founding_order` says: the command orders in SQL, and must not see a difference."""
    app, earlier = make_app(page.business, graph_id="9"), make_app(page.business, graph_id="10")
    person = ScopedID.objects.get(value="3").person
    for owner in (app, earlier):
        ScopedID.objects.create(business=page.business, asset=owner, value="5", person=person, first_seen=NOW)
    members = sorted(person.scoped_ids.all(), key=lambda member: member.founding_order)
    Person.objects.filter(pk=person.pk).update(public_id=members[0].public_id)

    assert members[0].asset == earlier
    assert broken() == {}


def test_an_empty_person_without_a_history_is_seen(page):
    Person.objects.create(business=page.business, public_id="EMPTY", created_at=NOW)

    assert broken() == {"persons without an ID whose history does not say where it went": 1}


def test_a_person_that_was_joined_is_sound_until_its_history_is_lost(page):
    app = page.managed_by
    answer = Answer.objects.filter(lookup__value="3").get()
    answer.pk, answer.attempt = None, 2
    answer.save()
    learn(page.business, [Finding(answer, Node(page, "3"), (AnswerRow("ids_for_apps", Node(app, "2"), "0" * 64),))])

    assert broken() == {}
    PersonEvent.objects.filter(kind="joined").delete()
    assert broken() == {"persons without an ID whose history does not say where it went": 1}


def test_a_match_without_a_proof_is_refused_and_would_be_seen():
    damage = "UPDATE lookups_match SET first_answer_id = NULL"
    assert refused(damage)

    drop_check("lookups_match", "match_has_one_proof")
    run_sql(damage)

    assert broken() == {"matches without a proof": 1}


def test_a_lookup_done_without_a_time_is_refused_and_would_be_seen():
    damage = "UPDATE lookups_lookup SET finished_at = NULL WHERE value = '1'"
    assert refused(damage)

    drop_check("lookups_lookup", "done_means_finished")
    run_sql(damage)

    assert broken() == {"lookups that are done without an outcome or a time": 1}


@pytest.mark.parametrize("column", ["apps_outcome", "pages_outcome"])
def test_a_lookup_done_without_an_outcome_is_seen(column):
    run_sql(f"UPDATE lookups_lookup SET {column} = '' WHERE value = '1'")

    assert broken()["lookups that are done without an outcome or a time"] == 1


def test_outcomes_of_what_was_not_asked_are_not_missed(page):
    lookups = Lookup.objects.filter(value="1")

    lookups.update(only=page, apps_outcome="", ending="none")
    assert broken() == {}
    lookups.update(only=None, question="name", pages_outcome="")
    assert broken() == {}


def test_two_open_reviews_are_refused_and_would_be_seen(page):
    for closed_at in (None, NOW):
        PolicyReview.objects.create(
            business=page.business,
            opened_at=NOW,
            last_answer_at=NOW,
            next_probe_at=NOW,
            message="",
            closed_at=closed_at,
        )
    damage = "UPDATE lookups_policyreview SET closed_at = NULL"
    assert broken() == {}
    assert refused(damage)

    run_sql("DROP INDEX one_open_review_per_business")
    run_sql(damage)

    assert broken() == {"businesses with more than one open review": 1}
