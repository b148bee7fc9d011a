"""A whole installation with a long list, and a person who presses lookups in the browser beside it."""

import html
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from lookups.sandbox.world.default_world import JOHNS, NORTH, default_world
from tests.benchmarks.long_list import write_list
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.stack import Stack, wait_for

POLL = 0.05  # seconds between two looks at the lookup's page
SPEED_SECONDS = 10.0
PRESSED = 2000  # people whom nobody has asked about
NO_NAMES = "from businesses.models import Business; Business.objects.update(read_names=False)"


class LaneStack:
    """The installation; `.press()` asks about the next person and gives how long that took."""

    def __init__(self, folder: Path, database: str, *, rows: int, latency: float) -> None:
        self._end, self._latency = ExitStack(), latency
        self._file = folder / "list.csv"
        people = write_list(self._file, rows)
        settings = {"LOG_LEVEL": "WARNING", "IDLINK_SWEEP_SECONDS": "5"}
        url = ""
        if database == "postgres":
            postgres, redis = PostgresServer(), RedisServer()
            self._end.callback(postgres.stop)
            self._end.callback(redis.remove)
            url, settings["CELERY_BROKER_URL"] = postgres.migrated_database(), redis.url
        self.stack = Stack(folder, url, people=people + PRESSED, **settings)
        self._end.callback(self.stack.stop)
        self.stack.has_lanes = True
        world = default_world(people=people + PRESSED)
        names = {asset.id: dict(asset.facts)["name"] for asset in world.assets.values()}
        self.whose = {business.name: business.id for business in world.businesses.values() if not business.under_review}
        strangers = [world.generated(index) for index in range(people, people + PRESSED)]
        self._next = {
            owner: iter(
                [
                    next((names[asset], value) for asset, value in one.ids.items())
                    for one in strangers
                    if one.business_id == owner
                ]
            )
            for owner in (JOHNS, NORTH)
        }

    def start(self) -> None:
        """Start all, and the list."""
        self.stack.start()
        self.stack.manage("shell", "-c", NO_NAMES)
        self.stack.sandbox.control("latency", {"seconds": self._latency})
        self._visitor = self.stack.login()
        columns = ["--id-column", "id", "--asset-column", "where"]
        self.stack.manage("import_ids", str(self._file), "--business", JOHNS, *columns, "--start", "--yes")
        ((self._run,),) = self.stack.sql("SELECT id FROM lookups_run WHERE kind = 'list'")
        self._wait_until_answered()

    def stop(self) -> None:
        """Stop all."""
        self._end.close()

    def press(self, own: bool) -> tuple[str, float]:
        """Ask about a person of the list's business, or of another; gives whose, and after how long the page came."""
        name, owner = list(self.whose.items())[0 if own else 1]
        asset, value = next(self._next[owner])
        visitor = self._visitor
        page = visitor.find(value)
        fields = {"q": value, "asset": _choice(page.text, asset)}
        began = time.monotonic()
        path = visitor.post("/admin/find/", page, **fields).url.removeprefix(visitor.url)
        while "/lookup/" in path:
            time.sleep(POLL)
            path = visitor.get(path).url.removeprefix(visitor.url)
        took = time.monotonic() - began
        assert "/person/" in path, path
        return name, took

    def pause(self) -> None:
        """Stop the list; returns when nothing of it is under way."""
        self._act("pause")
        wait_for(lambda: self._count("state = 'claimed'") == 0, "the list to stop", seconds=30)
        time.sleep(1)

    def go_on(self) -> None:
        """Let the list go on; returns when answers come."""
        self._act("go-on")
        self._wait_until_answered()

    def speed(self) -> float:
        """Give how many rows of the list are answered a second, by nobody disturbed."""
        before, began = self._count("state = 'done'"), time.monotonic()
        time.sleep(SPEED_SECONDS)
        return (self._count("state = 'done'") - before) / (time.monotonic() - began)

    def done(self) -> int:
        """Give how many rows of the list are answered."""
        return self._count("state = 'done'")

    def kill_one_at_work(self) -> None:
        """Kill a worker's pool process, the one that has worked most."""
        os.kill(max(self._pool(), key=_worked), signal.SIGKILL)

    def _pool(self) -> Iterator[int]:
        for name, process in self.stack.processes.items():
            if name not in ("web", "beat") and process.handle:
                yield from _children(process.handle.pid)

    def _act(self, what: str) -> None:
        page = self._visitor.get(f"/admin/lookups/run/{self._run}/change/")
        address = f"/admin/lookups/run/{self._run}/{what}/"
        assert address in page.text, f"the run does not offer {what}"
        self._visitor.post(address, page)

    def _wait_until_answered(self) -> None:
        before = self._count("state = 'done'")
        wait_for(lambda: self._count("state = 'done'") > before + 200, "answers to the list", seconds=60)

    def _count(self, which: str) -> int:
        return int(self.stack.sql(f"SELECT COUNT(*) FROM lookups_lookup WHERE run_id = {self._run} AND {which}")[0][0])


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _worked(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _choice(page: str, asset: str) -> str:
    """Give the value of the radio button beside an app's or Page's name."""
    told = re.escape(html.escape(asset))
    found = re.search(rf'name="asset" value="([^"]+)"(?:(?!name="asset").)*?il-choice-name">{told}<', page, re.DOTALL)
    assert found, f"{asset} is not offered"
    return found[1]
