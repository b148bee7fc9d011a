"""Lists under faults, with real processes: every row is accounted for, and none is asked for twice without need.

`make test-faults` does it at length: more rows, fifty kills, outages of a minute.
"""

import os
import random
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from celery import Celery

from lookups.graph import BATCH_SIZE
from lookups.sandbox.world.default_world import JOHNS, NEXT_PAGE
from tests.faults.list_stack import SETTINGS, ListStack, told
from tests.stack import wait_for

AT_LENGTH = os.environ.get("FAULTS") == "at length"
ROWS = 4000 if AT_LENGTH else 300
LONG = max(ROWS, 1500)  # lasts while something else is done
KILLS = 50 if AT_LENGTH else 3
OUTAGE = 60 if AT_LENGTH else 4  # seconds
RESTARTS = 5 if AT_LENGTH else 1
PATIENCE = 600 if AT_LENGTH else 120
PEOPLE = 60 * ROWS
REVIEW = 200  # Graph's code for it
UNDER_WAY = 2 * 2 * int(SETTINGS["IDLINK_CALLS_AT_ONCE"]) * BATCH_SIZE  # two workers of two processes each
PROBES = 20  # far more than come in the seconds until the calls under way are back
pytestmark = pytest.mark.timeout(3 * PATIENCE + 240)


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListStack]:
    running = ListStack(tmp_path_factory.mktemp("lists"), PEOPLE)
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def well(lists: ListStack) -> Iterator[None]:
    """Each test begins with a sandbox as new, in which every call takes a moment; and ends with no bug logged."""
    lists.stack.sandbox.reset()
    lists.stack.sandbox.control("latency", {"seconds": 0.25})
    yield
    for words in ("deadlock detected", "raised unexpected: Type", "raised unexpected: Assert", "faulty"):
        assert words not in lists.stack.logs()


def test_workers_killed_at_any_moment_lose_nothing(lists: ListStack):
    """As many lists as it takes: a worker that is killed is at work, and what it had claimed is seen."""
    lists.stack.sandbox.control("latency", {"seconds": 0.5})  # else a list may be over before anybody looks
    sent, chance = lists.new_list(ROWS), random.Random(5)

    for _ in range(KILLS):
        time.sleep(chance.uniform(0, 1))
        sent = sent.under_way()
        lists.restart(chance.choice(["worker", "second"]))

    sent.wait(PATIENCE)
    sent.check()
    assert lists.stack.sql("SELECT COUNT(*) FROM lookups_lookup WHERE attempt > 1")[0][0] > 0


@pytest.mark.long
def test_an_emptied_broker_loses_nothing(lists: ListStack):
    sent = lists.new_list(ROWS)
    sent.wait_until_part_is_done(0.2)

    lists.broker.empty()

    sent.wait(PATIENCE)
    sent.check()


@pytest.mark.long
def test_a_broker_that_is_down_delays_and_loses_nothing(lists: ListStack):
    sent = lists.new_list(ROWS)
    sent.wait_until_part_is_done(0.1)
    lists.broker.stop()
    accepted = lists.new_list(20)
    time.sleep(OUTAGE)

    lists.broker.start()

    for one in (sent, accepted):
        one.wait(PATIENCE)
        one.check()


@pytest.mark.long
def test_a_restarted_database_loses_nothing(lists: ListStack):
    sent = lists.new_list(ROWS)
    for turn in range(RESTARTS):
        sent.wait_until_part_is_done((turn + 1) / (RESTARTS + 2))
        lists.postgres.restart()

    sent.wait(PATIENCE)
    sent.check()
    assert lists.outages_told() <= 5 * RESTARTS, "at most one for each restart and process: four of pools, one beat"


def test_graph_being_away_delays_and_loses_nothing(lists: ListStack):
    sent = lists.new_list(ROWS)
    sent.wait_until_part_is_done(0.1)

    lists.stack.sandbox.control("port", {"mode": "refuse", "seconds": OUTAGE})

    sent.wait(PATIENCE)
    sent.check()


@pytest.mark.long
def test_a_storm_of_limits_is_waited_out(lists: ListStack):
    limit = {"error": {"code": 4, "status": 429}, "headers": {"Retry-After": "1"}}
    lists.stack.sandbox.control("rules", [{"match": {"item": False, "share": 0.3}, "action": limit}])
    sent = lists.new_list(ROWS)

    sent.wait(PATIENCE)
    sent.check()


@pytest.mark.long
def test_a_review_in_mid_run_holds_the_rest_until_its_end(lists: ListStack):
    sent = lists.new_list(LONG)
    sent.wait_until_part_is_done(0.1)
    lists.stack.sandbox.control("reviews", {"business": JOHNS, "under_review": True})
    wait_for(lambda: _held(lists, sent.key, "review") > 0, "the review to be noticed", seconds=60)
    wait_for(lambda: sent.claimed <= 1, "the calls under way to come back; a probe may be one")
    refused = sum(entry["code"] == REVIEW for entry in lists.stack.sandbox.journal())

    lists.stack.sandbox.control("reviews", {"business": JOHNS, "under_review": False})

    sent.wait(PATIENCE)
    sent.check()
    assert lists.stack.sql("SELECT COUNT(*) FROM lookups_policyreview WHERE closed_at IS NULL") == [(0,)]
    assert refused <= UNDER_WAY + PROBES < LONG, "after the first refusal no more than was under way"


@pytest.mark.long
def test_a_token_that_dies_in_mid_run_is_replaced_and_the_rest_goes_on(lists: ListStack):
    lists.stack.sandbox.control("latency", {"seconds": 1})
    sent = lists.new_list(LONG, asset=NEXT_PAGE)
    sent.wait_until_part_is_done(0.1)
    # Only calls with the page access token: the first that comes is refused, so that no other is made.
    dead = {"error": {"code": 190, "subcode": 463, "status": 400}}
    lists.stack.sandbox.control("rules", [{"match": {"item": False, "business": JOHNS}, "action": dead, "times": 1}])
    wait_for(lambda: _held(lists, sent.key, "token") > 0, "the token's death to be noticed", seconds=60)
    assert not sent.is_over

    told(lists.stack, _NEW_TOKEN % NEXT_PAGE)

    sent.wait(PATIENCE)
    sent.check()


@pytest.mark.long
def test_a_cancelled_list_accounts_for_its_queued_rows(lists: ListStack):
    lists.stack.sandbox.control("latency", {"seconds": 1})
    sent = lists.new_list(LONG)
    sent.wait_until_part_is_done(0.02)
    lists.stack.sandbox.control("latency", {"seconds": 8})  # beyond the deadline: nothing more is answered

    told(lists.stack, _CANCEL % sent.key)
    lists.stack.sandbox.control("latency", {"seconds": 0})

    sent.wait(PATIENCE)
    counts = sent.counts
    assert counts["state"] == "cancelled"
    wait_for(lambda: sent.counts["under way"] == sent.counts["todo"] == 0, "the last lookups")
    assert sent.counts["refused"] > 0
    assert sent.counts["linked"] + sent.counts["none"] + sent.counts["fresh"] + sent.counts["refused"] == LONG
    sent.check_links()
    sent.check_calls()


@pytest.mark.long
def test_messages_of_another_version_do_no_harm(lists: ListStack):
    sent = lists.new_list(ROWS)
    sender = Celery(broker=lists.broker.url)
    for _ in range(20):
        sender.send_task("lookups.resolve_waiting", kwargs={"lane": "bulk", "colour": "red"}, queue="bulk")
        sender.send_task("lookups.gone_since", args=[1], queue="bulk")
    sender.close()

    sent.wait(PATIENCE)
    sent.check()


@pytest.mark.long
def test_two_schedulers_do_no_harm(lists: ListStack):
    beat = lists.stack.processes["beat"]
    other = type(beat)("other-beat", beat.command, lists.stack.folder / "logs" / "other-beat.log", beat.environment)
    lists.stack.add(other)

    sent = lists.new_list(ROWS)

    sent.wait(PATIENCE)
    lists.stack.kill("other-beat")
    del lists.stack.processes["other-beat"]
    sent.check()


@pytest.mark.long
def test_a_clock_that_is_set_on_an_hour_and_back_does_no_harm(lists: ListStack):
    """Under the feet of workers, beat and web server; workers die there and then, with leases by the old clock."""
    lists.stack.sandbox.control("latency", {"seconds": 2})
    for seconds in (3600, 0):
        sent = lists.new_list(ROWS).under_way()

        lists.clock.put(seconds)
        for name in ("worker", "second"):
            lists.stack.kill(name)

        assert sent.claimed > 0
        lists.mend()
        sent.wait(PATIENCE)
        sent.check()
        wait_for(lambda: lists.is_well, "health to be well by the new clock", seconds=30)


@pytest.mark.long
def test_somebody_in_a_browser_is_answered_while_a_list_is_under_way(lists: ListStack):
    lists.stack.sandbox.control("latency", {"seconds": 1})
    visitor = lists.stack.login()
    sent = lists.new_list(LONG)
    sent.wait_until_part_is_done(0.02)

    page = visitor.wait(visitor.ask("10150000000000017", "John's Game App"), seconds=30)

    assert not sent.is_over
    assert "10150000000000017" in page.text
    sent.wait(PATIENCE)
    sent.check()


def test_a_web_server_killed_in_mid_upload_leaves_nothing_half(lists: ListStack):
    before = lists.stack.sql("SELECT COUNT(*) FROM lookups_run")
    visitor = lists.stack.login()
    page = visitor.get("/admin/lookups/run/new/")
    host, _, port = lists.stack.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.session.cookies.items())
        head = f"POST /admin/lookups/run/new/ HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 50000000\r\n\r\n"
        part = '--x\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'
        connection.sendall((head + part).encode() + b"12345123\r\n" * 400_000)
        lists.restart("web")

    wait_for(lambda: lists.is_well, "the web server to be back", seconds=60)
    assert page.status_code == 200
    assert lists.stack.sql("SELECT COUNT(*) FROM lookups_run") == before
    folder = lists.stack.folder / "lists"
    assert not [path for path in folder.rglob("*") if path.is_file() and not _is_known(lists, path.name)]


@pytest.mark.parametrize(
    ("folder", "status", "words"),
    [
        ("uploads", 507, "The disk of this installation is full, so the file could not be stored"),
        ("lists", 400, "disk is full: nothing was stored"),
    ],
)
def test_a_full_disk_on_upload_is_told_and_leaves_nothing(
    lists: ListStack, capsys: pytest.CaptureFixture[str], folder: str, status: int, words: str
):
    before = lists.stack.sql("SELECT COUNT(*) FROM lookups_run")
    visitor = lists.stack.login()
    page = visitor.get("/admin/lookups/run/new/")
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    ((business,),) = lists.stack.sql(f"SELECT id FROM businesses_business WHERE graph_id = '{JOHNS}'")

    def upload(rows: int) -> requests.Response:
        return visitor.session.post(
            f"{lists.stack.url}/admin/lookups/run/new/",
            data={"csrfmiddlewaretoken": token, "how": "file", "business": business},
            files={"file": ("list.csv", b"id\n" + b"12345123\n" * rows)},
            timeout=60,
        )

    with _full_disk(lists, lists.stack.folder / folder, capsys):
        answer = upload(1_000_000)

        assert answer.status_code == status
        assert words in answer.text
        assert "Traceback" not in answer.text
        assert lists.stack.sql("SELECT COUNT(*) FROM lookups_run") == before
    assert upload(10).status_code == 200, "with room again the next one is taken"


@contextmanager
def _full_disk(lists: ListStack, folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Put a disk of two megabytes at a folder; nothing may have stayed on it. Only root may, and not everywhere."""
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", folder], capture_output=True)
    if mounted.returncode == 0:
        try:
            yield
            assert list(folder.iterdir()) == []
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
        return
    with capsys.disabled():
        print(f"\nNo disk can be mounted here ({mounted.stderr.decode().strip()}): a limit on files' size stands in.")
    for pid in _web_processes(lists):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
    yield
    lists.restart("web")
    wait_for(lambda: lists.is_well, "the web server to be back", seconds=60)


_NEW_TOKEN = """
from businesses.models import AccessToken, Asset
from businesses.secrets import unseal
page = Asset.objects.get(graph_id=%r)
old = page.tokens.best_first().first()
new = AccessToken(business=page.business, asset=page)
new.set_value(unseal(old.sealed_value, bound_to=old.seal_name))
new.save()
"""
_CANCEL = """
from django.utils import timezone
from lookups.models import Run
from lookups.lists.running import cancel
cancel(Run.objects.get(pk=%d), by=None, now=timezone.now())
"""


def _held(lists: ListStack, run: int, what_for: str) -> int:
    query = f"SELECT COUNT(*) FROM lookups_lookup WHERE run_id = {run} AND held_for = '{what_for}'"
    return int(lists.stack.sql(query)[0][0])


def _is_known(lists: ListStack, name: str) -> bool:
    return bool(lists.stack.sql(f"SELECT 1 FROM lookups_listfile WHERE stored_as = '{name}'"))


def _web_processes(lists: ListStack) -> list[int]:
    handle = lists.stack.processes["web"].handle
    assert handle is not None
    with open(f"/proc/{handle.pid}/task/{handle.pid}/children") as children:
        return [handle.pid, *map(int, children.read().split())]
