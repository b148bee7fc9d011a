"""An answer that breaks off at its second page: the first page is stored, and nothing that is known is weakened."""

import pytest
from django.utils import timezone

from lookups.asking.starting import ask_again
from lookups.models import Answer, Lookup, Match, QuotaPool, ScopedID
from tests.lookups.asking.single import ask, resolve

PSID, ASID, GAME_ASID = "12345123", "645195294", "10152368852405295"
TROUBLE = {"error": {"status": 500, "code": 2, "message": "(#2) Service temporarily unavailable"}}
LIMIT = {"error": {"status": 400, "code": 4, "message": "(#4) Application request limit reached"}}
DEAD_TOKEN = {"error": {"status": 400, "code": 190, "subcode": 463, "message": "Session has expired"}}
NO_SUCH = {"error": {"status": 400, "code": 999, "message": "(#999) Never heard of"}}


@pytest.fixture
def second_page(world, sandbox, monkeypatch):
    """Lets every second page of the IDs for apps fail in this way; answers hold one row a page."""
    monkeypatch.setattr("lookups.graph.page_by_page.FIRST_PAUSE", 0.01)
    sandbox.control("switches", {"most_rows": 1})

    def fails(action: dict, *, times: int = 99) -> None:
        match = {"edge": "ids_for_apps", "page": 2, "item": True}
        sandbox.control("rules", [{"match": match, "action": action, "times": times}])

    return fails


def go_on(lookup: Lookup) -> Lookup:
    """Let the time pass until it is tried again."""
    QuotaPool.objects.all().delete()
    Lookup.objects.filter(pk=lookup.pk).update(not_before=None)
    return resolve(lookup)


@pytest.mark.parametrize("action", [TROUBLE, LIMIT])
def test_the_first_page_is_kept_and_the_lookup_waits_and_ends_whole(world, second_page, action):
    second_page(action, times=3)
    lookup = resolve(ask(world, world.page, PSID))

    assert (lookup.state, lookup.apps_outcome, lookup.pages_outcome) == ("waiting", "", "")
    assert set(Match.objects.values_list("target__value", flat=True)) == {GAME_ASID}
    answer = Answer.objects.get()
    assert (answer.complete, answer.code, answer.http_status) == (False, action["error"]["code"], 200)
    assert ScopedID.objects.get(value=PSID).apps_answered_at is None
    assert ScopedID.objects.get(value=PSID).pages_answered_at is not None, "that edge was read to its end"

    while lookup.state != "done":
        lookup = go_on(lookup)

    assert (lookup.apps_outcome, lookup.pages_outcome) == ("linked", "none")
    assert set(Match.objects.values_list("target__value", flat=True)) == {ASID, GAME_ASID}


def test_what_stood_on_the_second_page_is_not_missed(world, second_page):
    lookup = resolve(ask(world, world.page, PSID))
    person = lookup.scoped_id.person

    second_page(TROUBLE)
    again = resolve(ask_again(person=person, by=world.user, now=timezone.now()))

    assert again.state == "waiting"
    assert set(Match.objects.values_list("target__value", "state")) >= {(ASID, "confirmed"), (GAME_ASID, "confirmed")}
    assert {one.person for one in ScopedID.objects.all()} == {person}


def test_a_token_that_dies_between_two_pages_holds_the_lookup_with_what_was_read(world, second_page):
    second_page(DEAD_TOKEN)

    lookup = resolve(ask(world, world.page, PSID))

    assert (lookup.state, lookup.held_for, lookup.apps_outcome) == ("held", "token", "token")
    assert set(Match.objects.values_list("target__value", flat=True)) == {GAME_ASID}
    assert world.page.tokens.get().last_check.refused_subcode == 463


def test_what_no_further_try_mends_ends_as_failed_for_that_edge_alone(world, second_page):
    second_page(NO_SUCH)

    lookup = resolve(ask(world, world.page, PSID))

    assert (lookup.state, lookup.ending) == ("done", "failed")
    assert (lookup.apps_outcome, lookup.pages_outcome) == ("failed", "none")
    assert "Never heard of" in lookup.why
    assert "What Graph had told before that is kept." in lookup.why
    assert set(Match.objects.values_list("target__value", flat=True)) == {GAME_ASID}
