"""Lookups that wait for a token or a secret go on with it; a review in between must not hold them for ever."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.credentials import choice_for
from businesses.models import AccessToken, FacebookApp
from lookups import tasks
from lookups.asking import holds, probes, recording, resolver
from lookups.asking.claiming import claim
from lookups.asking.reports import Reported
from lookups.asking.starting import ask_about, ask_again
from lookups.asking.tallies import audit, sum_of
from lookups.graph import ProofRefused
from lookups.lists import choosing, feeding, running
from lookups.models import Lookup, PolicyReview, ScopedID
from lookups.tokens import checking
from lookups.tokens.due_checks import doubted_tokens
from tests.lookups.list_runs import make_list, work

pytestmark = [pytest.mark.orm]
NO_PROOF = {"error": {"code": 100, "status": 400, "message": "Invalid appsecret_proof provided in the API argument"}}
PSID, ASID = "12345123", "645195294"


@pytest.fixture
def review(world) -> PolicyReview:
    now = timezone.now() - timedelta(hours=8)
    facts = {"opened_at": now, "last_answer_at": now, "next_probe_at": now, "message": "m"}
    return PolicyReview.objects.create(business=world.page.business, **facts)


def test_what_has_its_token_again_during_a_review_waits_for_its_end_and_may_probe_it(world, review):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    Lookup.objects.update(state="held", held_for="token")

    holds.release_for_tokens()

    assert Lookup.objects.get().held_for == "review"
    assert probes.send_probe(review, now=timezone.now())
    assert resolver.resolve_turn("staff", at_once=1), "a probe waits behind no list"
    assert work(run).linked == 1


def test_a_probe_is_never_one_whose_token_is_dead(world, review):
    make_list(world.page, PSID)
    make_list(world.app, ASID)
    feeding.feed(timezone.now())
    AccessToken.objects.get(asset=world.page).last_check.mark_refused(because="expired", at=timezone.now())

    assert probes.send_probe(review, now=timezone.now())

    assert Lookup.objects.get(is_probe=True).value == ASID


def test_without_any_token_that_works_no_probe_is_sent(world, review):
    make_list(world.page, PSID)
    feeding.feed(timezone.now())
    AccessToken.objects.get(asset=world.page).last_check.mark_refused(because="expired", at=timezone.now())

    assert not probes.send_probe(review, now=timezone.now())


def test_rows_under_review_are_not_fed_without_end(world, review, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 20)
    monkeypatch.setattr(choosing, "CHUNK", 10)
    make_list(world.page, *map(str, range(1000, 1100)))

    for _ in range(5):
        feeding.feed(timezone.now())

    assert Lookup.objects.filter(held_for="review").count() == 20


@pytest.fixture
def broker(settings):
    """A place for the messages that wake workers."""
    (settings.VAR_DIR / "broker" / "queue").mkdir(parents=True, exist_ok=True)


def reset_secret(world, sandbox) -> str:
    """Reset the managing app's secret at Meta; gives the new one."""
    return sandbox.control("secrets", {"app": world.page.managed_by.graph_id})["secret"]


def save_secret(world, secret: str) -> None:
    FacebookApp.objects.get(pk=world.page.managed_by_id).set_secret(secret)


def check_what_is_doubted(later: timedelta = timedelta(minutes=2)) -> int:
    """Do what a sweep asks for: check the tokens whose signature was refused; gives how many."""
    keys = doubted_tokens(timezone.now() + later)
    for key in keys:
        checking.check(resolver.graph_client(), key, now=timezone.now())
    return len(keys)


def calls(sandbox) -> int:
    return len(sandbox.journal())


def test_a_secret_reset_in_mid_run_holds_the_rest_and_the_right_one_lets_it_go_on(world, sandbox, broker):
    run = make_list(world.page, PSID, *map(str, range(1000, 1119)))
    feeding.feed(timezone.now())
    assert resolver.resolve_turn("bulk", at_once=1, most=1)
    new = reset_secret(world, sandbox)

    run = work(run)

    held = Lookup.objects.filter(state="held")
    assert (sum_of(run).held, sum_of(run).meets, run.state) == (70, True, "going")
    assert set(held.values_list("held_for", "apps_outcome", "pages_outcome")) == {("token", "proof", "proof")}
    whys = set(held.values_list("why", flat=True))
    assert all("secret stored for the app “JohnsMovieApp”" in why and "an admin" in why for why in whys)
    assert check_what_is_doubted() == 1
    assert holds.release_for_tokens() == 0, "the check found the secret wrong"

    save_secret(world, new)
    tasks.take_new_secret(world.page.managed_by.pk)
    run = work(run)

    assert (sum_of(run).held, run.state) == (0, "done")
    assert not Lookup.objects.filter(apps_outcome="proof").exists()
    assert sum_of(run) == audit(run)


def test_a_doubted_secret_asks_nothing_more_until_it_is_checked(world, sandbox):
    sandbox.control("rules", [{"match": {"item": True, "nth": 1}, "action": NO_PROOF}])
    run = work(make_list(world.page, PSID, ASID))
    asked = calls(sandbox)

    assert holds.release_for_tokens() == 0
    work(run)
    assert calls(sandbox) == asked

    assert check_what_is_doubted() == 1
    assert check_what_is_doubted() == 0
    assert holds.release_for_tokens() == 1
    assert work(run).linked == 1


def test_a_signature_that_is_refused_again_and_again_is_not_checked_without_a_rest(world, sandbox):
    sandbox.control("rules", [{"match": {"item": True}, "action": NO_PROOF}])
    run = work(make_list(world.page, PSID))
    check_what_is_doubted()
    holds.release_for_tokens()
    work(run)

    assert check_what_is_doubted(later=timedelta()) == 0
    assert Lookup.objects.get().state == "held"


def test_a_call_signed_before_the_new_secret_was_saved_casts_no_doubt_on_it(world, sandbox):
    make_list(world.page, PSID)
    feeding.feed(timezone.now())
    ((lookup,),) = claim("bulk", now=timezone.now())
    old, asked_at = choice_for(world.page), timezone.now()
    save_secret(world, reset_secret(world, sandbox))

    recording.record([Reported(lookup, ProofRefused(""))], old, asked_at=asked_at, now=timezone.now())

    assert holds.release_for_tokens() == 1
    assert resolver.resolve_turn("bulk", at_once=1, most=1)
    assert Lookup.objects.get().apps_outcome == "linked"


def test_a_signature_refused_for_one_of_two_edges_loses_neither(world, sandbox):
    asked_apart = [{"match": {"item": True, "nth": 1}, "action": {"error": {"code": 10, "status": 403}}}]
    sandbox.control("rules", [*asked_apart, {"match": {"item": True, "nth": 2}, "action": NO_PROOF}])

    run = work(make_list(world.page, PSID))
    assert (run.linked, Lookup.objects.get().state) == (0, "held")

    check_what_is_doubted()
    holds.release_for_tokens()
    work(run)
    lookup = Lookup.objects.get()
    assert (lookup.apps_outcome, lookup.pages_outcome) == ("linked", "none")


def test_whoever_asks_in_the_browser_is_told_whose_secret_it_waits_for(world, sandbox, client):
    client.force_login(world.user)
    lookup = ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    resolver.resolve_turn("staff", at_once=1, most=1)
    reset_secret(world, sandbox)
    again = ask_again(person=ScopedID.objects.get(value=PSID).person, by=world.user, now=timezone.now())
    resolver.resolve_turn("staff", at_once=1, most=1)
    assert check_what_is_doubted() == 1

    told = client.get(again.address).content.decode()

    assert lookup.pk != again.pk
    assert "Held: proof wrong." in told
    assert "Graph does not take the secret stored for the app “JohnsMovieApp”" in told
    assert "Enter the app&#x27;s present secret under “Rotate the secret”" in told


@pytest.mark.parametrize("cause", ["token", "review"])
def test_what_waits_and_belongs_to_a_paused_run_is_not_asked_when_its_cause_is_gone(world, cause):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    running.pause(run, by=world.user, now=timezone.now())
    Lookup.objects.update(held_for=cause)  # it was on its way to Graph when the run was paused

    resolver.free_and_find_work(timezone.now())

    assert not resolver.resolve_turn("bulk", at_once=1, most=1)
    assert (Lookup.objects.get().state, Lookup.objects.get().held_for) == ("held", "pause")
    running.go_on(run, by=world.user, now=timezone.now())
    assert work(run).linked == 1
