"""Links that Graph no longer gives: first unconfirmed, then withdrawn, never deleted; and what errors mean: nothing."""

import pytest
from django.utils import timezone

from lookups.asking.starting import ask_cell
from lookups.models import Lookup, Match, MatchEvent, Person, PersonEvent
from tests.lookups.people_of_johns import (
    ASID,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    PAGE,
    PSID,
    asker,
    asset,
    persons,
    resolve,
    scoped,
    states,
)  # fmt: skip

pytestmark = [pytest.mark.database]
JOHN = frozenset({f"PSID {PSID}", f"ASID {ASID}", f"ASID {GAME_ASID}"})
LINK = f"PSID {PSID} → ASID {GAME_ASID}"


@pytest.fixture
def ask(world):
    return asker(world)


@pytest.fixture
def uninstalled(sandbox, ask):
    """John was known everywhere; then he uninstalled the game, and its app can't see him any more."""
    ask(PAGE, PSID, hours=48)
    sandbox.control("people", {"uninstall": {"asset": GAME_APP, "id": GAME_ASID}})


def test_an_id_missing_from_one_answer_is_unconfirmed_and_stays_linked(uninstalled, ask):
    ask(PAGE, PSID)

    assert states()[LINK] == "unconfirmed"
    assert persons() == {JOHN}


def test_missing_again_a_day_later_it_is_withdrawn_and_the_person_splits(uninstalled, ask):
    ask(PAGE, PSID, hours=25)
    founder = Person.objects.get().public_id
    ask(PAGE, PSID)

    assert states()[LINK] == "withdrawn"
    assert persons() == {frozenset({f"PSID {PSID}", f"ASID {ASID}"}), frozenset({f"ASID {GAME_ASID}"})}
    assert [event.kind for event in MatchEvent.objects.filter(match__target__value=GAME_ASID)] == [
        "missing",
        "withdrawn",
    ]
    split = PersonEvent.objects.get(kind="split")
    assert scoped(GAME_APP, GAME_ASID).person in (split.person, split.other)
    assert Person.objects.get(public_id=founder).now().scoped_ids.exists()


def test_missing_again_within_the_day_changes_nothing(uninstalled, ask):
    ask(PAGE, PSID, hours=23)
    ask(PAGE, PSID)

    assert states()[LINK] == "unconfirmed"
    assert persons() == {JOHN}


def test_given_again_it_is_confirmed_again_even_after_it_was_withdrawn(uninstalled, sandbox, ask):
    ask(PAGE, PSID, hours=25)
    ask(PAGE, PSID, hours=1)
    assert states()[LINK] == "withdrawn"
    sandbox.reset()

    ask(PAGE, PSID)

    assert states()[LINK] == "confirmed"
    assert persons() == {JOHN}
    assert MatchEvent.objects.order_by("pk").last().kind == "back"


@pytest.mark.parametrize(
    "action",
    [
        {"error": {"code": 190, "status": 400}},
        {"error": {"code": 200, "status": 403, "message": "(#200) Your business is currently going through review"}},
        {"error": {"code": 2, "status": 500}},
        {"error": {"code": 10, "status": 403}},
        {"null": True},
        {"answer": {"body": "<html>"}},
        {"paging": "loop"},
    ],
    ids=str,
)
def test_an_error_says_nothing(uninstalled, sandbox, ask, action):
    before = states()
    sandbox.control("rules", [{"match": {"item": True}, "action": action}])

    ask(PAGE, PSID)

    assert states() == before
    assert persons() == {JOHN}


def test_an_answer_that_could_not_be_read_whole_says_nothing(uninstalled, sandbox, ask):
    row = '{"id": 5, "app": {"id": "1"}}'
    body = f'{{"ids_for_apps": {{"data": [{row}]}}, "id": "{PSID}"}}'
    sandbox.control("rules", [{"match": {"item": True}, "action": {"answer": {"body": body}}}])

    ask(PAGE, PSID)

    assert states()[LINK] == "confirmed"


def test_a_question_filtered_to_one_app_says_nothing_about_the_others(uninstalled, world):
    person = scoped(PAGE, PSID).person
    ask_cell(person=person, only=asset(MOVIE_APP), by=world.user, now=timezone.now())
    resolve()
    assert states()[LINK] == "confirmed"

    ask_cell(person=person, only=asset(GAME_APP), by=world.user, now=timezone.now())
    resolve()
    assert states()[LINK] == "unconfirmed"


def test_an_id_that_misses_another_lets_that_one_be_asked_at_once(ask, sandbox):
    ask(PAGE, PSID)
    ask(MOVIE_APP, ASID, hours=48)
    sandbox.control("people", {"uninstall": {"asset": PAGE, "id": PSID}})

    ask(MOVIE_APP, ASID)

    assert states()[f"ASID {ASID} → PSID {PSID}"] == "unconfirmed"
    checked = Lookup.objects.filter(run__kind="check", value=PSID)
    assert [(lookup.lane, lookup.state) for lookup in checked] == [("bulk", "done")]


def test_nothing_is_deleted(uninstalled, ask):
    before = Match.objects.count()
    for _ in range(3):
        ask(PAGE, PSID, hours=25)

    assert Match.objects.count() == before
    assert Person.objects.filter(public_id=scoped(PAGE, PSID).person.public_id).exists()
