"""What is stored twice must agree, and only apps manage Pages and have secrets: each damage is seen by its name."""

from datetime import timedelta

import pytest

from businesses.models import AppSecret, Asset
from lookups.asking.tallies import ending_of
from lookups.lists import feeding
from lookups.management.invariants import invariants
from lookups.models import Answer, Lookup, ScopedID
from lookups.models.outcomes import Edge, answered_column, caller_column, outcome_column
from tests.lookups.list_runs import make_list, work
from tests.lookups.people_of_johns import GAME_APP, MOVIE_APP, PAGE, PSID, asker, asset
from tests.makers import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ANSWERED = "scoped IDs whose time or caller is not that of their latest answer"
NAMED = "lookups whose scoped ID is another one"
COUNTED = "lookups whose ending does not follow from their outcomes"
MANAGED = "Pages managed by something else than an app"
SECRET = "secrets of something else than an app"


@pytest.fixture(autouse=True)
def asked(world) -> Lookup:
    """John, asked about by his PSID alone: his ASIDs never were."""
    return asker(world)(PAGE, PSID)


def broken() -> dict[str, int]:
    """How many rows break each invariant that is broken."""
    return {name: rows.count() for name, rows in invariants().items() if rows.exists()}


def damage(rows, **columns: object) -> None:
    """Write past all that watches."""
    assert rows.update(**columns) == 1


def test_what_answers_have_left_is_sound(world):
    asker(world)(PAGE, "999")
    work(make_list(world.app, "645195294", "998"))

    assert ScopedID.objects.filter(apps_answer__isnull=False).exists()
    assert ScopedID.objects.filter(apps_answer=None).exists()
    assert broken() == {}


@pytest.mark.parametrize("edge", list(Edge))
def test_a_time_that_is_not_that_of_the_answer_is_seen(asked, edge):
    for wrong in (NOW - timedelta(days=400), None):
        damage(ScopedID.objects.filter(value=PSID), **{answered_column(edge): wrong})

        assert broken() == {ANSWERED: 1}


@pytest.mark.parametrize("edge", list(Edge))
def test_a_caller_that_is_not_that_of_the_answer_is_seen(asked, edge):
    for wrong in (asset(GAME_APP), None):
        damage(ScopedID.objects.filter(value=PSID), **{caller_column(edge): wrong})

        assert broken() == {ANSWERED: 1}


@pytest.mark.parametrize("edge", list(Edge))
def test_a_time_or_a_caller_without_an_answer_is_seen(asked, edge):
    never = ScopedID.objects.filter(asset=asset(MOVIE_APP))
    damage(never, **{answered_column(edge): NOW})
    assert broken() == {ANSWERED: 1}

    damage(never, **{answered_column(edge): None, caller_column(edge): asset(MOVIE_APP)})
    assert broken() == {ANSWERED: 1}


def test_an_answer_of_nobody_known_has_no_caller_here_either(asked):
    Answer.objects.update(calling_app=None)
    assert broken() == {ANSWERED: 1}

    damage(ScopedID.objects.filter(value=PSID), **{caller_column(edge): None for edge in Edge})
    assert broken() == {}


@pytest.mark.parametrize("wrong", [{"value": "12345124"}, {"asset": GAME_APP}])
def test_a_lookup_of_another_id_than_its_own_is_seen(asked, wrong):
    columns = {name: asset(one) if name == "asset" else one for name, one in wrong.items()}

    damage(Lookup.objects.filter(pk=asked.pk), **columns)

    assert broken() == {NAMED: 1}


@pytest.mark.parametrize("ending", ["", "none", "refused", "failed"])
def test_an_ending_that_does_not_follow_from_the_outcomes_is_seen(asked, ending):
    damage(Lookup.objects.filter(pk=asked.pk), ending=ending)

    assert broken() == {COUNTED: 1}


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("outcome", ["linked", "none", "failed", "not_visible"])
def test_the_rule_is_that_by_which_lookups_end(asked, edge, outcome):
    lookup = Lookup.objects.get(pk=asked.pk)
    for one in Edge:
        lookup.set_outcome(one, outcome if one == edge else "none")
    lookup.ending = ending_of(lookup)
    lookup.save()
    assert broken() == {}

    other = "failed" if lookup.ending != "failed" else "none"
    damage(Lookup.objects.filter(pk=asked.pk), ending=other)
    assert broken() == {COUNTED: 1}


def test_an_edge_that_was_not_asked_says_nothing_about_the_ending(asked):
    """A filter narrows a question to one edge."""
    edge = Edge.PAGES
    columns = {outcome_column(edge): "none", outcome_column(Edge.APPS): "linked"}

    damage(Lookup.objects.filter(pk=asked.pk), only=asset(PAGE), ending="none", **columns)
    assert broken() == {}

    damage(Lookup.objects.filter(pk=asked.pk), ending="linked")
    assert broken() == {COUNTED: 1}


def test_lookups_that_have_not_ended_have_no_ending_to_compare(world):
    make_list(world.page, "997")
    feeding.feed(NOW)

    assert Lookup.objects.filter(state="waiting", ending="").exists()
    assert broken() == {}


def test_a_page_that_a_page_manages_is_seen(world):
    damage(Asset.objects.filter(pk=world.page.pk), managed_by=world.page)

    assert broken() == {MANAGED: 1}


def test_a_secret_of_a_page_is_seen(world):
    damage(AppSecret.objects.filter(app=world.app), app=world.page)

    assert broken() == {SECRET: 1}


def test_the_comparison_of_endings_reads_each_combination_once(world, django_assert_max_num_queries):
    work(make_list(world.page, *map(str, range(1000, 1100))))

    with django_assert_max_num_queries(1):
        assert invariants()
