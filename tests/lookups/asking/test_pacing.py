"""Slowing down before a limit, stopping short of it, leaving a troubled Graph alone; known to all workers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from businesses.models import FacebookApp
from lookups.asking import pacing, resolver
from lookups.asking.claiming import claim
from lookups.asking.starting import ask_about
from lookups.graph import BATCH_SIZE, GraphError, TooManyCalls, Unreachable
from lookups.models import Lookup, QuotaPool
from tests.certificates import Authority
from tests.lookups.graph.hostile_server import HostileServer, batch, http, saying
from tests.lookups.graph.test_tls import secured
from tests.lookups.list_runs import make_list, work
from tests.makers import make_user

pytestmark = [pytest.mark.orm]


def ask(world, asset, value) -> Lookup:
    return ask_about(asset=asset, value=value, by=world.user, now=timezone.now())


def trouble_of(kind: type[GraphError]) -> GraphError:
    return kind("told by Graph")


def trouble(page, now) -> None:
    pacing.note_error(page, trouble_of(Unreachable), asked_at=now, now=now)


def resolve_all() -> int:
    """Resolve batches until none is due; gives how many there were."""
    batches = 0
    while resolver.resolve_turn("staff", at_once=1, most=1):
        batches += 1
    return batches


def set_usage(sandbox, page_id: str, percent: int, regain: int = 0) -> None:
    sandbox.control("usage", {"of": {"page": page_id}, "percent": percent, "regain_minutes": regain})


@pytest.mark.parametrize(
    ("percent", "regain", "least", "most"),
    [(50, 0, 0, 0), (79, 0, 0, 0), (80, 0, 1, 1), (90, 0, 11, 11), (95, 0, 3600, 3600), (99, 5, 300, 300)],
)
def test_the_nearer_the_limit_the_longer_the_pause(world, sandbox, percent, regain, least, most):
    set_usage(sandbox, world.page.graph_id, percent, regain)
    before = timezone.now()

    ask(world, world.page, "12345123")
    resolve_all()

    pool = pacing.pool_of(world.page)
    pause = (pool.wait_until - before).total_seconds() if pool.wait_until else 0
    assert least <= pause <= most + 2


def test_at_the_limit_nothing_more_of_that_page_is_sent_but_others_go_on(world, sandbox):
    set_usage(sandbox, world.page.graph_id, 96, 5)
    ask(world, world.page, "12345123")
    resolve_all()
    waiting, other = ask(world, world.page, "77001234567"), ask(world, world.app, "645195294")

    assert resolve_all() == 1

    states = {lookup.pk: lookup.state for lookup in Lookup.objects.all()}
    assert (states[waiting.pk], states[other.pk]) == ("waiting", "done")
    later = timezone.now() + timedelta(minutes=6)
    assert claim("staff", now=later) == [[waiting]]


def test_the_lookups_page_says_what_it_waits_for(world, sandbox):
    set_usage(sandbox, world.page.graph_id, 96, 5)
    ask(world, world.page, "12345123")
    resolve_all()
    waiting = ask(world, world.page, "77001234567")
    client = Client()
    client.force_login(make_user("ana", world.page.business))

    page = client.get(waiting.address).content.decode()

    assert "96 % of the limit is used up; Graph takes calls again after this time." in page


def test_a_limit_that_is_reached_stops_all_lookups_of_that_app(world, settings):
    ask(world, world.app, "645195294")
    with HostileServer(saying(http(400, '{"error": {"code": 4, "message": "(#4) limit"}}'))) as server:
        settings.IDLINK_GRAPH_URL = server.url
        resolver.graph_client.cache_clear()
        resolve_all()
        ask(world, world.app, "66001234567")
        assert resolve_all() == 0

    pool = QuotaPool.objects.get(asset=world.app)
    assert timedelta(minutes=59) < pool.wait_until - timezone.now() <= timedelta(minutes=60)


def test_after_repeated_trouble_one_lookup_at_a_time_tries_until_graph_is_back(world, settings, sandbox):
    game = FacebookApp.objects.select_related("business").get(name="John's Game App")
    for value in ("10152368852405295", "10150000000000017"):
        ask(world, game, value)
    with HostileServer(saying(http(502, ""))) as server:
        settings.IDLINK_GRAPH_URL = server.url
        resolver.graph_client.cache_clear()
        for _ in range(3):
            resolve_all()
            QuotaPool.objects.update(wait_until=None)
            Lookup.objects.update(not_before=None)
    assert pacing.careful() == {game.pk: True}

    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    assert resolve_all() == 2

    assert pacing.careful() == {}
    assert set(Lookup.objects.values_list("state", flat=True)) == {"done"}


def test_calls_that_fail_together_are_one_trouble(world):
    now, error = timezone.now(), Unreachable("Graph could not be reached.")

    for seconds in (1, 2, 3):
        pacing.note_error(world.page, error, asked_at=now, now=now + timedelta(seconds=seconds))
    assert pacing.pool_of(world.page).troubles == 1

    later = now + timedelta(minutes=1)
    pacing.note_error(world.page, error, asked_at=later, now=later)
    assert pacing.pool_of(world.page).troubles == 2


@pytest.mark.parametrize(("percent", "batches"), [(79, 2), (80, 1)])
def test_near_a_limit_no_second_call_goes_out_beside_the_first(world, percent, batches):
    QuotaPool.objects.create(
        business=world.page.business, asset=world.page, percent=percent, seen_at=timezone.now(), troubles=0
    )
    ask(world, world.page, "12345123")
    first = claim("staff", now=timezone.now())
    ask(world, world.page, "77001234567")

    second = claim("staff", now=timezone.now(), under_way=[world.page])

    assert [bool(first), bool(second)].count(True) == batches


@pytest.mark.parametrize(("percent", "asked"), [(79, True), (80, False), (94, False)])
def test_bulk_work_leaves_a_share_of_the_limit_to_what_people_ask_for(world, sandbox, percent, asked):
    set_usage(sandbox, world.page.graph_id, percent)
    ask(world, world.page, "12345123")
    resolve_all()
    bulk = ask(world, world.page, "77001234567")
    Lookup.objects.filter(pk=bulk.pk).update(lane="bulk")
    soon = timezone.now() + timedelta(seconds=20)  # after the pause by which calls go slowly

    assert bool(claim("bulk", now=soon)) is asked

    staff = ask(world, world.page, "12345123")
    assert claim("staff", now=soon) == [[staff]]


def test_bulk_work_goes_on_when_the_limit_has_recovered(world, sandbox):
    set_usage(sandbox, world.page.graph_id, 85)
    ask(world, world.page, "12345123")
    resolve_all()
    Lookup.objects.filter(pk=ask(world, world.page, "77001234567").pk).update(lane="bulk")
    QuotaPool.objects.update(wait_until=None)
    assert not resolver.resolve_turn("bulk", at_once=1, most=1)

    set_usage(sandbox, world.page.graph_id, 40)
    ask(world, world.page, "12345123")
    resolve_all()

    assert resolver.resolve_turn("bulk", at_once=1, most=1)


def test_the_share_is_a_setting(world, sandbox, settings):
    settings.IDLINK_STAFF_SHARE = 50
    set_usage(sandbox, world.page.graph_id, 46)
    ask(world, world.page, "12345123")
    resolve_all()

    pool = pacing.pool_of(world.page)
    assert pool.wait_until is None
    assert pool.bulk_wait_until - timezone.now() > timedelta(minutes=59)


def test_a_bad_certificate_stops_a_list_after_a_few_lookups(world, settings, tmp_path, monkeypatch):
    monkeypatch.setattr("lookups.asking.pacing.random.uniform", lambda *_: 60)  # else it might be over before this is
    run = make_list(world.page, *map(str, range(5000, 5400)))

    with HostileServer(saying(http(200, "")), tls=secured(Authority(tmp_path))) as server:
        settings.IDLINK_GRAPH_URL = server.url.replace("http:", "https:")
        resolver.graph_client.cache_clear()
        work(run)

    run.refresh_from_db()
    assert run.failed == BATCH_SIZE
    assert pacing.pool_of(world.page).wait_until > timezone.now()
    assert "certificate" in Lookup.objects.filter(state="done").first().why


@pytest.mark.parametrize("code", [100, 10, 4711])
def test_a_refusal_is_an_answer_and_ends_a_time_of_trouble(world, settings, code):
    now = timezone.now()
    pool = {"business": world.page.business, "asset": world.page, "seen_at": now, "percent": 7, "troubles": 4}
    QuotaPool.objects.create(**pool, wait_until=now, why="Graph has failed to answer 4 times in a row.")
    ask(world, world.page, "12345123")

    refusal = {"error": {"code": code, "error_subcode": 33, "message": "no"}}
    with HostileServer(saying(batch(refusal, status=400))) as server:
        settings.IDLINK_GRAPH_URL = server.url
        resolver.graph_client.cache_clear()
        resolve_all()

    assert Lookup.objects.get().state == "done"
    pool = pacing.pool_of(world.page)
    assert (pool.troubles, pool.why, pool.percent) == (0, "", 7)


@pytest.mark.parametrize("note", [lambda page, now: pacing.note_refusal(page), trouble])
def test_neither_trouble_nor_refusals_shorten_the_pause_at_a_limit(world, note):
    now = timezone.now()
    pacing.note_error(world.page, trouble_of(Unreachable), asked_at=now, now=now)
    pacing.note_error(world.page, trouble_of(TooManyCalls), asked_at=now, now=now)
    told = pacing.pool_of(world.page)

    note(world.page, now + timedelta(seconds=1))

    pool = pacing.pool_of(world.page)
    assert (pool.wait_until, pool.why) == (told.wait_until, told.why)
    assert pool.wait_until - now == timedelta(hours=1)
