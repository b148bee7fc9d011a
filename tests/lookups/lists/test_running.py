"""Runs are paused, taken up, cancelled and tried again; what was done stays, nothing is lost."""

import pytest
from django.utils import timezone

from businesses.models import AccessToken, Asset
from lookups.asking import holds
from lookups.asking.claiming import claim
from lookups.asking.tallies import audit, sum_of
from lookups.lists import choosing, feeding, running
from lookups.lists.running import CannotChange
from lookups.models import ListRow, Lookup, PolicyReview, QuotaPool, Run
from tests.lookups.list_runs import ask_batch, make_list, work
from tests.makers import make_page, make_token

pytestmark = [pytest.mark.database]
PSID = "12345123"
State = Run.State


@pytest.fixture
def change(world):
    """Do something with a run as the world's user, now."""
    return lambda what, run: what(run, by=world.user, now=timezone.now())


def test_a_list_waits_for_its_start(world, change):
    run = work(make_list(world.page, PSID, state=State.READY))
    assert Lookup.objects.count() == 0

    change(running.start, run)

    assert (run.started_at is not None, run.changed_by) == (True, world.user)
    assert work(run).state == State.DONE


def test_a_paused_run_asks_no_more_until_it_goes_on(world, change):
    run = make_list(world.page, PSID, *map(str, range(1000, 1100)))
    feeding.feed(timezone.now())
    ask_batch("bulk")

    change(running.pause, run)
    work(run)
    assert (sum_of(run).held, run.state) == (51, State.PAUSED)

    change(running.go_on, run)
    assert work(run).state == State.DONE
    assert sum_of(run).meets


def test_what_was_on_its_way_when_a_run_was_paused_is_stopped_by_the_sweep(world, change, sandbox):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    (claimed,) = claim("bulk", now=timezone.now())
    change(running.pause, run)
    Lookup.objects.filter(pk=claimed[0].pk).update(state="waiting", lease_until=None)

    running.keep_stopped(timezone.now())

    assert Lookup.objects.get().held_for == "pause"


def test_a_pause_outlasts_a_review(world, change):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    now = timezone.now()
    PolicyReview.objects.create(
        business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="m"
    )
    change(running.pause, run)

    holds.close_review(world.page.business, now)

    assert Lookup.objects.get().held_for == "pause"


def test_a_run_that_goes_on_during_a_review_is_held_for_it(world, change):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    change(running.pause, run)
    now = timezone.now()
    PolicyReview.objects.create(
        business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="m"
    )

    change(running.go_on, run)

    assert Lookup.objects.get().held_for == "review"


def test_cancelling_keeps_what_was_found_and_accounts_for_the_rest(world, change, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 100)
    monkeypatch.setattr(choosing, "CHUNK", 50)
    run = make_list(world.page, PSID, *map(str, range(1000, 1300)))
    feeding.feed(timezone.now())
    ask_batch("bulk")
    feeding.feed(timezone.now())

    change(running.cancel, run)
    assert sum_of(run).meets
    run = work(run)

    assert (run.state, run.linked, run.refused) == (State.CANCELLED, 1, 300)
    assert run.finished_at
    assert sum_of(run) == audit(run)
    assert set(ListRow.objects.filter(state="refused").values_list("reason", flat=True)) == {"cancelled"}


def test_what_is_on_its_way_when_a_run_is_cancelled_is_still_recorded(world, change):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    (claimed,) = claim("bulk", now=timezone.now())

    change(running.cancel, run)

    assert claimed
    Lookup.objects.update(state="waiting", lease_until=None)
    running.keep_stopped(timezone.now())
    run = work(run)
    assert (run.refused, sum_of(run).meets) == (1, True)


def test_what_failed_or_could_not_be_asked_is_tried_again(world, change, sandbox):
    bare = make_page(world.page.business, world.page.managed_by, "No token yet")
    Asset.objects.filter(pk=bare.pk).update(ownership="other")
    run = work(make_list(bare, "1", "2"))
    assert (run.refused, run.state) == (2, State.DONE)
    Asset.objects.update(ownership="own")
    make_token(bare, "a token Graph does not know")

    assert change(running.retry, run) == 2
    run = work(run)

    assert (run.refused, sum_of(run).held, run.state) == (0, 2, State.GOING)


def test_lookups_that_failed_are_tried_again_with_all_their_tries(world, change, sandbox, settings):
    settings.IDLINK_MAX_ATTEMPTS = 1
    sandbox.control("rules", [{"match": {"item": True}, "action": {"error": {"code": 1, "status": 500}}}])
    run = work(make_list(world.page, PSID))
    assert run.failed == 1
    sandbox.control("rules", [])
    QuotaPool.objects.update(wait_until=None)

    change(running.retry, run)
    run = work(run)

    assert (run.failed, run.linked, run.state) == (0, 1, State.DONE)
    assert sum_of(run) == audit(run)


@pytest.mark.parametrize(
    ("what", "state"),
    [
        (running.start, State.GOING),
        (running.pause, State.DONE),
        (running.go_on, State.GOING),
        (running.cancel, State.DONE),
        (running.retry, State.READY),
        (running.retry, State.GOING),
    ],
)
def test_a_run_in_another_state_says_why_not(world, change, what, state):
    run = make_list(world.page, PSID, state=state)

    with pytest.raises(CannotChange, match=r"\w+"):
        change(what, run)

    run.refresh_from_db()
    assert run.state == state


def test_a_list_that_was_discarded_before_its_start_is_not_started_by_trying_it_again(world, change):
    run = make_list(world.page, PSID, state=State.READY)
    change(running.cancel, run)
    run = work(run)

    with pytest.raises(CannotChange, match="discarded before it was started"):
        change(running.retry, run)


def test_a_run_of_a_dead_token_can_be_cancelled(world, change):
    AccessToken.objects.get(asset=world.page).last_check.mark_refused(because="expired", at=timezone.now())
    run = work(make_list(world.page, PSID))

    change(running.cancel, run)
    run = work(run)

    assert (run.state, run.refused, run.finished_at is not None) == (State.CANCELLED, 1, True)


def test_what_was_on_its_way_when_a_run_was_cancelled_is_not_asked_when_its_token_works_again(world, change, sandbox):
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    claim("bulk", now=timezone.now())
    change(running.cancel, run)
    Lookup.objects.update(state="held", held_for="token", lease_until=None)

    running.keep_stopped(timezone.now())
    run = work(run)

    assert holds.release_for_tokens() == 0
    assert (run.refused, run.finished_at is not None, sum_of(run) == audit(run)) == (1, True, True)


def test_what_is_tried_again_in_a_paused_run_waits_for_it_to_go_on(world, change, sandbox, settings):
    settings.IDLINK_MAX_ATTEMPTS = 1
    sandbox.control("rules", [{"match": {"item": True}, "action": {"error": {"code": 1, "status": 500}}}])
    run = make_list(world.page, PSID)
    feeding.feed(timezone.now())
    ask_batch("bulk")
    change(running.pause, run)

    change(running.retry, run)

    assert (Lookup.objects.get().held_for, run.state) == ("pause", State.PAUSED)


@pytest.mark.parametrize("under_review", [False, True])
def test_what_is_held_for_a_pause_that_has_ended_goes_on(world, under_review):
    run = make_list(world.page, "12345123")
    feeding.feed(timezone.now())
    Lookup.objects.update(state="held", held_for="pause")  # by who saw the pause, after the run was told to go on
    if under_review:
        facts = dict.fromkeys(("opened_at", "last_answer_at", "next_probe_at"), timezone.now())
        PolicyReview.objects.create(business=run.business, **facts, message="m")

    running.keep_stopped(timezone.now())

    assert (Lookup.objects.get().state, Lookup.objects.get().held_for) == (
        ("held", "review") if under_review else ("waiting", "")
    )
