"""Rows of lists become lookups little by little; every row is accounted for at every moment."""

from datetime import timedelta

import pytest
from django.db.models import Model
from django.utils import timezone

from businesses.models import AccessToken, AppSecret, Asset, Business, TokenCheck
from lookups.asking import holds, resolver
from lookups.asking.starting import ask_about
from lookups.asking.tallies import audit, sum_of
from lookups.lists import choosing, feeding, running
from lookups.models import Answer, ListRow, Lookup, PolicyReview, QuotaPool, Run, ScopedID
from tests.lookups.list_runs import add_rows, ask_batch, make_list, work
from tests.makers import make_page

pytestmark = [pytest.mark.database]
DEAD = {"error": {"code": 190, "subcode": 463, "status": 400}}
PSID, ASID, UNKNOWN = "12345123", "645195294", "999"


def test_a_list_ends_done_with_each_row_counted_as_what_became_of_it(world):
    run = work(make_list(world.page, PSID, UNKNOWN, rejected=2))

    assert (run.state, run.why) == (Run.State.DONE, "")
    assert run.finished_at
    counted = sum_of(run)
    assert {name: count for name, count in counted.parts.items() if count} == {"linked": 1, "refused": 1, "rejected": 2}
    assert counted.meets
    assert counted == audit(run)


def test_the_sum_meets_after_every_step(world):
    run = make_list(world.page, PSID, UNKNOWN, *map(str, range(1000, 1150)), rejected=3)

    for _ in range(20):
        assert sum_of(run).meets
        assert sum_of(run) == audit(run)
        if not feeding.feed(timezone.now()) + ask_batch("bulk"):
            break

    run.refresh_from_db()
    assert run.state == Run.State.DONE


def test_a_row_that_is_fresh_is_not_asked_about(world):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    ask_batch("staff")

    run = work(make_list(world.page, PSID))

    assert (run.fresh, run.linked, run.state) == (1, 0, Run.State.DONE)
    assert ListRow.objects.get().state == ListRow.State.FRESH


def test_an_id_that_another_ids_answer_named_is_fresh_too(world):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    ask_batch("staff")

    run = work(make_list(world.app, ASID))

    assert (run.fresh, Answer.objects.count()) == (1, 1)


def test_what_was_confirmed_too_long_ago_is_asked_again(world):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    ask_batch("staff")
    long_ago = timezone.now() - timedelta(days=31)
    ScopedID.objects.update(apps_answered_at=long_ago, pages_answered_at=long_ago)

    run = work(make_list(world.page, PSID))

    assert (run.fresh, run.linked) == (0, 1)


def test_rows_of_what_may_not_be_asked_at_all_are_refused_with_the_reason(world):
    Asset.objects.filter(pk=world.page.pk).update(ownership="other", owner_checked_at=timezone.now())

    run = work(make_list(world.page, "1", "2"))

    assert (run.refused, run.state) == (2, Run.State.DONE)
    assert set(ListRow.objects.values_list("state", "reason")) == {("refused", "not_owned")}


def credentials() -> list[Model]:
    """All tokens and secrets, with what is known of them."""
    return [row for model in (AccessToken, TokenCheck, AppSecret) for row in model.objects.all()]


def put_back(rows: list[Model]) -> None:
    for row in rows:
        row.save()


def no_token(page: Asset) -> str:
    page.tokens.all().delete()
    return "no_token"


def refused_token(page: Asset) -> str:
    page.tokens.get().last_check.mark_refused(because="expired", at=timezone.now())
    return "token_refused"


def no_secret(page: Asset) -> str:
    page.signing_app.secrets.all().delete()
    return "no_secret"


@pytest.mark.parametrize("take_away", [no_token, refused_token, no_secret])
def test_rows_whose_page_lost_its_token_or_secret_are_held_and_go_on_with_a_new_one(world, take_away):
    before = credentials()
    code = take_away(world.page)

    run = work(make_list(world.page, PSID, UNKNOWN))

    assert (sum_of(run).held, sum_of(run).meets, run.state) == (2, True, Run.State.GOING)
    assert sum_of(run) == audit(run)
    assert set(ListRow.objects.values_list("state", "reason")) == {("held", code)}
    put_back(before)
    run = work(run)
    assert (run.linked, run.refused, run.state) == (1, 1, Run.State.DONE)
    assert sum_of(run) == audit(run)


def test_rows_of_a_dead_page_become_no_lookups_and_do_not_stop_the_others(world, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 20)
    monkeypatch.setattr(choosing, "CHUNK", 10)
    run = make_list(make_page(world.page.business, None, "Retired"), *map(str, range(1000, 1100)))
    add_rows(run, world.page, PSID, first=101)
    Run.objects.update(rows=101, todo=101)

    run = work(run)

    assert (run.linked, sum_of(run).held, sum_of(run).meets) == (1, 100, True)
    assert Lookup.objects.count() == 1


def test_held_rows_that_may_go_on_go_a_few_thousand_ahead_like_all(world, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 20)
    monkeypatch.setattr(choosing, "CHUNK", 10)
    before = credentials()
    no_token(world.page)
    run = work(make_list(world.page, *map(str, range(1000, 1100))))
    assert sum_of(run).held == 100
    put_back(before)

    for _ in range(5):
        feeding.feed(timezone.now())

    assert (Lookup.objects.count(), sum_of(run).waiting, sum_of(run).held) == (20, 20, 80)


def test_held_rows_of_a_cancelled_list_are_refused_like_those_that_wait(world):
    no_token(world.page)
    run = work(make_list(world.page, PSID, UNKNOWN))

    running.cancel(run, by=world.user, now=timezone.now())
    run = work(run)

    assert (sum_of(run).held, run.refused, run.state) == (0, 2, Run.State.CANCELLED)
    assert run.finished_at
    assert set(ListRow.objects.values_list("reason", flat=True)) == {"cancelled"}


def test_a_cancelled_list_is_counted_anew_at_its_end(world):
    runs = [make_list(world.page, PSID, UNKNOWN, rejected=1) for _ in range(2)]
    Run.objects.filter(pk=runs[1].pk).update(rejected=2)
    for run in runs:
        running.cancel(run, by=world.user, now=timezone.now())

    sound, faulty = work(runs[0]), work(runs[1])

    assert (sound.state, sound.why, bool(sound.finished_at)) == (Run.State.CANCELLED, "", True)
    assert faulty.state == Run.State.FAULTY
    assert "Counted as it went" in faulty.why


def test_a_token_that_dies_in_mid_run_holds_the_rest(world, sandbox):
    run = make_list(world.page, PSID, *map(str, range(1000, 1100)))
    sandbox.control("rules", [{"match": {"item": False, "nth": 2}, "action": DEAD}])

    run = work(run)

    counted = sum_of(run)
    assert (counted.held, counted.waiting) == (51, 0)
    assert counted.meets
    assert set(Lookup.objects.filter(state="held").values_list("held_for", flat=True)) == {"token"}


def test_rows_wait_for_the_end_of_a_review(world):
    now = timezone.now()
    PolicyReview.objects.create(
        business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="m"
    )
    run = work(make_list(world.page, PSID))
    assert (sum_of(run).held, run.state) == (1, Run.State.GOING)

    holds.close_review(world.page.business, now)

    assert work(run).linked == 1


def test_only_so_many_lookups_of_a_run_wait_at_a_time(world, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 20)
    monkeypatch.setattr(choosing, "CHUNK", 10)
    make_list(world.page, *map(str, range(1000, 1100)))

    for _ in range(5):
        feeding.feed(timezone.now())

    assert Lookup.objects.count() == 20


def test_two_lists_take_turns(world, monkeypatch):
    monkeypatch.setattr(choosing, "FEED_AHEAD", 20)
    monkeypatch.setattr(choosing, "CHUNK", 10)
    one = make_list(world.page, *map(str, range(1000, 1100)))
    other = make_list(world.page, *map(str, range(2000, 2100)))

    feeding.feed(timezone.now())

    assert {sum_of(run).waiting for run in (one, other)} == {100}
    assert list(Lookup.objects.order_by("pk").values_list("run", flat=True)) == [one.pk] * 10 + [other.pk] * 10


def test_rows_of_several_apps_and_pages_stand_in_one_list(world):
    run = make_list(world.page, PSID)
    add_rows(run, world.app, "10152368852405295", first=2)
    Run.objects.update(rows=2, todo=2)

    run = work(run)

    assert (run.linked + run.refused + run.none + run.fresh, run.state) == (2, Run.State.DONE)


def test_what_a_person_asks_goes_before_a_long_list_where_staffs_own_workers_have_left_it(world):
    make_list(world.page, *map(str, range(1000, 1200)))
    feeding.feed(timezone.now())
    before = timezone.now() - resolver.HELP_AFTER
    mine = ask_about(asset=world.page, value=PSID, by=world.user, now=before)

    ask_batch("bulk")

    mine.refresh_from_db()
    assert mine.state == "done"


def test_a_run_whose_counts_are_wrong_ends_as_faulty_with_both_sums(world):
    run = make_list(world.page, PSID)
    Run.objects.update(rejected=1)

    run = work(run)

    assert run.state == Run.State.FAULTY
    assert "Counted as it went" in run.why


def test_a_list_that_can_not_be_fed_stops_no_other(world, caplog):
    broken, well = make_list(world.page, PSID), make_list(world.page, UNKNOWN)
    Run.objects.filter(pk=broken.pk).update(todo=0)  # fewer than there are: the database refuses less than none

    assert feeding.feed(timezone.now()) == 1

    assert Lookup.objects.get().run_id == well.pk
    assert f"Run {broken.pk} could not be fed" in caplog.text
    broken.refresh_from_db()
    assert sum_of(broken).linked == 0
    assert ListRow.objects.get(run=broken).state == ListRow.State.TODO


def test_the_retries_of_a_list_are_bounded_by_its_rows(world, sandbox, settings):
    settings.IDLINK_RETRIES_PER_LOOKUP = 0
    settings.IDLINK_MAX_ATTEMPTS = 100
    run = make_list(world.page, *map(str, range(1000, 1050)))
    sandbox.control("rules", [{"match": {"item": True}, "action": {"error": {"code": 2, "status": 500}}}])

    for _ in range(10):
        Lookup.objects.update(not_before=None)
        QuotaPool.objects.update(wait_until=None)
        run = work(run)

    assert (run.failed, run.retries, run.state) == (50, 20, Run.State.DONE)


def test_a_business_whose_policy_nobody_confirmed_is_not_asked_about(world):
    Business.objects.update(policy_confirmed_at=None)

    run = work(make_list(world.page, PSID))

    assert (run.refused, Lookup.objects.count()) == (1, 0)
    assert ListRow.objects.get().reason == "policy_not_confirmed"
