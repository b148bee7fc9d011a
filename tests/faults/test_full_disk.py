"""The disk fills up while a list is under way: pages and commands say so, nothing is lost, no half file looks whole."""

import csv
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.faults.small_disk import SmallDisk, small_disk
from tests.stack import Stack, Visitor, wait_for

PEOPLE, ROWS = 3000, 1000
FULL = "disk is full: nothing was stored"
NEW = "/admin/lookups/run/new/"
SETTINGS = {"IDLINK_CALLS_AT_ONCE": "1", "IDLINK_LEASE_SECONDS": "4"}

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 64) as disk:
        yield disk


@pytest.fixture
def stack(disk: SmallDisk) -> Iterator[Stack]:
    """All of an installation on the small disk: SQLite, messages, uploads, exports' own files, logs."""
    for name in ("logs", "tmp"):
        (disk.folder / name).mkdir()
    running = Stack(disk.folder, "", people=PEOPLE, TMPDIR=str(disk.folder / "tmp"), **SETTINGS)
    try:
        running.sandbox.control("rules", [{"match": {"item": False}, "action": {"delay": 1}}])
        yield running.start()
    finally:
        running.stop()


def start_list(stack: Stack) -> int:
    """A list of a thousand people, under way; gives its run's key."""
    people = (one for one in map(default_world(people=PEOPLE).generated, range(PEOPLE)) if one.business_id == JOHNS)
    path = stack.folder / "list.csv"
    with path.open("w", newline="") as file:
        rows = [next(iter(one.ids.items())) for one, _ in zip(people, range(ROWS), strict=False)]
        csv.writer(file).writerows([("where", "id"), *rows])
    columns = ["--id-column", "id", "--asset-column", "where"]
    stack.manage("import_ids", str(path), "--business", JOHNS, *columns, "--start", "--yes")
    ((run,),) = stack.sql("SELECT max(id) FROM lookups_run WHERE kind = 'list'")
    return int(run)


def counts(stack: Stack, run: int) -> tuple[object, ...]:
    (row,) = stack.sql(f"SELECT state, rows, linked + none, failed + refused FROM lookups_run WHERE id = {run}")
    return row


def upload(stack: Stack, visitor: Visitor, form: str) -> tuple[int, str]:
    """Send a list; gives the status and the page."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    business = re.search(r'<option value="(\d+)">John', form)
    assert token
    assert business
    told = {"csrfmiddlewaretoken": token[1], "business": business[1]}
    file = {"file": ("x.csv", b"psid\n" + b"12345123\n" * 40_000)}
    answer = visitor.session.post(f"{stack.url}{NEW}", data=told, files=file, timeout=60)
    return answer.status_code, answer.text


def files(disk: SmallDisk, *folders: str) -> set[str]:
    return {str(path) for name in folders for path in (disk.folder / name).iterdir() if path.is_file()}


def test_a_full_disk_is_told_everywhere_and_nothing_is_lost(stack: Stack, disk: SmallDisk):
    visitor = stack.login()
    form = visitor.get(NEW).text
    run = start_list(stack)
    wait_for(lambda: counts(stack, run)[2] >= 100, "the first answers", seconds=60)
    before = files(disk, "lists", "uploads", "tmp")
    ((runs,),) = stack.sql("SELECT count(*) FROM lookups_run")
    disk.fill()

    status, page = upload(stack, visitor, form)
    assert (status, "disk" in page, "full" in page) in ((400, True, True), (507, True, True)), page[-300:]
    assert FULL in visitor.get(f"/admin/lookups/run/{run}/results/?format=xlsx").text
    disk.fill()
    with stack.managing("backup", str(disk.folder / "a.backup")) as backup:
        said = backup.communicate()[1]
    assert (backup.returncode, FULL in said) == (1, True), said
    assert not list(disk.folder.glob("a.backup*"))
    assert files(disk, "lists", "uploads", "tmp") == before
    assert stack.sql("SELECT count(*) FROM lookups_run") == [(runs,)]

    disk.clear()
    wait_for(lambda: counts(stack, run)[0] == "done", f"the list to end: {counts(stack, run)}", seconds=90)
    assert counts(stack, run) == ("done", ROWS, ROWS, 0)
    stack.manage("check_invariants")
    with closing(sqlite3.connect(disk.folder / "idlink.sqlite3")) as database:
        database.create_function("REGEXP", 2, lambda pattern, text: bool(re.search(pattern, text)))  # as Django does
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert "rows in all" in stack.manage("backup", str(disk.folder / "a.backup"))
    assert upload(stack, visitor, form)[0] == 200
    looked_at = "SELECT count(*) FROM lookups_run WHERE state = 'mapping'"
    wait_for(lambda: stack.sql(looked_at) == [(1,)], "a worker to look at the new list", seconds=30)
