"""After a restore nothing goes on by itself: runs wait for a person, single lookups end, tokens wait for a check."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.credentials import Choice, choice_for
from businesses.models import Business, Problem, TokenCheck
from businesses.reasons import Reason
from lookups.asking import holds, probes, resolver
from lookups.asking.claiming import claim
from lookups.asking.tallies import sum_of
from lookups.backups.standstill import stand_still
from lookups.freshness import refresh
from lookups.lists import feeding, running
from lookups.models import HeldFor, Lane, Lookup, PolicyReview, Run, State
from tests.makers import NOW, make_app, make_business, make_page, make_token

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TAKEN = NOW - timedelta(days=1)


@pytest.fixture
def page():
    business = make_business()
    page = make_page(business, make_app(business))
    make_token(page)
    return page


def make_run(page, kind=Run.Kind.LIST, state=Run.State.GOING, **fields) -> Run:
    return Run.objects.create(
        business=page.business, kind=kind, state=state, created_at=TAKEN, started_at=TAKEN, **fields
    )


def make_lookup(run: Run, page, state=State.WAITING, **fields) -> Lookup:
    value = str(Lookup.objects.count() + 1)
    return Lookup.objects.create(
        business=page.business, run=run, asset=page, value=value, state=state, created_at=TAKEN, **fields
    )


def claimed(run: Run, page) -> Lookup:
    """As a worker of the lost installation held it."""
    return make_lookup(run, page, State.CLAIMED, attempt=3, tries=1, lease_until=TAKEN + timedelta(seconds=45))


def sweep() -> list[str]:
    """What beat's sweep does about work; gives the lanes in which something is due."""
    now = timezone.now()
    lanes = resolver.free_and_find_work(now)
    running.keep_stopped(now)
    feeding.feed(now)
    refresh.pick(now)
    return sorted({*lanes, *resolver.free_and_find_work(now)})


def test_a_list_under_way_is_paused_with_its_reason_until_somebody_lets_it_go_on(page):
    run = make_run(page, rows=3)
    lookups = [make_lookup(run, page), claimed(run, page), make_lookup(run, page, State.HELD, held_for=HeldFor.TOKEN)]
    before = sum_of(run)

    stopped = stand_still(TAKEN, NOW)

    run.refresh_from_db()
    assert (run.state, run.changed_by) == (Run.State.PAUSED, None)
    assert "restored from a backup of 22 Nov 2026, 12:00 UTC" in run.why
    assert stopped.runs == 2  # with that of the business's refresh
    assert sweep() == []
    assert {lookup.held_for for lookup in Lookup.objects.all()} == {HeldFor.PAUSE}
    assert sum_of(run).meets
    assert before.meets
    TokenCheck.objects.update(problem="", problem_text="")

    running.go_on(run, by=None, now=NOW)

    assert (run.state, run.why) == (Run.State.GOING, "")
    assert sweep() == [Lane.STAFF]
    (claimed_now,) = claim(Lane.STAFF, now=NOW)
    assert {lookup.pk for lookup in claimed_now} == {lookup.pk for lookup in lookups}


def test_a_worker_of_the_lost_installation_is_fenced_off(page):
    lookup = claimed(make_run(page), page)
    single = claimed(make_run(page, Run.Kind.ONE), page)

    stand_still(TAKEN, NOW)

    for one in (lookup, single):
        before = one.attempt
        one.refresh_from_db()
        assert one.attempt > before
        assert one.lease_until is None


@pytest.mark.parametrize("state", [Run.State.READY, Run.State.MAPPING, Run.State.DONE, Run.State.FAULTY])
def test_other_runs_stay_as_they_were(page, state):
    run = make_run(page, state=state)

    stand_still(TAKEN, NOW)

    run.refresh_from_db()
    assert (run.state, run.why) == (state, "")


def test_a_cancelled_run_ends_and_asks_nothing_more(page):
    run = make_run(page, state=Run.State.CANCELLED, rows=1)
    claimed(run, page)

    stand_still(TAKEN, NOW)

    assert sweep() == []
    run.refresh_from_db()
    assert run.finished_at is not None
    assert run.refused == 1


@pytest.mark.parametrize("kind", [Run.Kind.ONE, Run.Kind.AGAIN, Run.Kind.CELL, Run.Kind.CHECK, Run.Kind.TEST])
def test_single_lookups_without_an_answer_end_as_not_asked_with_the_reason(page, kind):
    run = make_run(page, kind)
    open_ones = [make_lookup(run, page), claimed(run, page)]
    open_ones += [make_lookup(run, page, State.HELD, held_for=held) for held in (HeldFor.REVIEW, HeldFor.TOKEN)]
    done = make_lookup(run, page, State.DONE, finished_at=TAKEN, apps_outcome="linked", pages_outcome="none")

    stopped = stand_still(TAKEN, NOW)

    assert stopped.lookups == len(open_ones)
    for lookup in Lookup.objects.exclude(pk=done.pk):
        assert (lookup.state, lookup.apps_outcome, lookup.pages_outcome) == (State.DONE, "not_asked", "not_asked")
        assert "restored from a backup" in lookup.why
        assert lookup.finished_at == NOW
    done.refresh_from_db()
    assert (done.apps_outcome, done.why) == ("linked", "")
    assert sweep() == []


def test_an_open_review_probes_nothing_before_its_run_goes_on(page):
    run = make_run(page, rows=1)
    make_lookup(run, page, State.HELD, held_for=HeldFor.REVIEW)
    review = PolicyReview.objects.create(
        business=page.business, opened_at=TAKEN, last_answer_at=TAKEN, next_probe_at=TAKEN, message="(#200)"
    )

    stand_still(TAKEN, NOW)

    assert not probes.send_probe(review, now=NOW)
    assert sweep() == []
    review.refresh_from_db()
    assert review.closed_at is None
    TokenCheck.objects.update(problem="")
    running.go_on(run, by=None, now=NOW)
    assert probes.send_probe(review, now=NOW), "then one lookup finds out whether it is over"


def test_a_business_that_refreshes_begins_no_run_before_it_is_let(page):
    TokenCheck.objects.update(problem="")
    make_run(page, Run.Kind.REFRESH, Run.State.DONE, finished_at=TAKEN)

    stand_still(TAKEN, NOW)

    assert refresh.pick(NOW).looked_at == 0
    paused = Run.objects.get(kind=Run.Kind.REFRESH, state=Run.State.PAUSED)
    assert "restored from a backup" in paused.why
    assert not Run.objects.filter(state=Run.State.GOING).exists()


def test_an_older_refresh_that_somebody_paused_does_not_let_a_new_one_begin(page):
    TokenCheck.objects.update(problem="")
    make_run(page, Run.Kind.REFRESH, Run.State.PAUSED)
    make_run(page, Run.Kind.REFRESH, Run.State.DONE, finished_at=TAKEN)

    stand_still(TAKEN, NOW)

    assert refresh.pick(NOW).looked_at == 0
    assert Run.objects.filter(kind=Run.Kind.REFRESH).latest("pk").state == Run.State.PAUSED


def test_a_business_that_does_not_refresh_gets_no_run_for_it(page):
    Business.objects.update(refreshes=False)

    assert stand_still(TAKEN, NOW).runs == 0
    assert not Run.objects.exists()


def test_restored_twice_it_says_the_same_once(page):
    stand_still(TAKEN, NOW)
    again = stand_still(NOW, NOW + timedelta(hours=1))

    assert (again.runs, again.tokens) == (1, 1)
    assert "23 Nov 2026" in TokenCheck.objects.get().problem_text


def test_no_token_is_used_before_its_check(page):
    assert isinstance(choice_for(page), Choice)

    stopped = stand_still(TAKEN, NOW)

    assert stopped.tokens == 1
    missing = choice_for(page)
    assert isinstance(missing, Reason)
    assert "was not asked since whether this token still works" in missing.text
    assert "checked by itself" in missing.remedy
    assert holds.release_for_tokens() == 0


def test_a_token_that_was_refused_or_wrong_stays_so(page):
    refused, wrong = make_token(page), make_token(page)
    refused.last_check.mark_refused(because="It expired.", at=TAKEN, code=190)
    TokenCheck.objects.filter(token=wrong).update(problem=Problem.WRONG_PAGE, problem_text="of another Page")

    stand_still(TAKEN, NOW)

    refused.refresh_from_db()
    wrong.refresh_from_db()
    assert (refused.last_check.refused_because, refused.last_check.problem) == ("It expired.", "")
    assert wrong.last_check.problem == Problem.WRONG_PAGE
