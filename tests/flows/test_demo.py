"""The demo as its user runs it: one command to a page one can log in to, and nothing left behind."""

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.migrated import copy_of_sqlite
from tests.stack import ROOT, Visitor, free_port, wait_for


class Demo:
    """`manage.py demo`, or `run`, in a folder of its own."""

    def __init__(self, folder: Path, *, port: int, command: str = "demo") -> None:
        env_file = folder / "env"
        write = [sys.executable, "-m", "idlink.env_file", str(env_file), "--demo"]
        subprocess.run(write, check=True, cwd=ROOT, capture_output=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IDLINK_")}
        for name in ("SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL"):
            kept.pop(name, None)
        self.environment = {**kept, "IDLINK_ENV_FILE": str(env_file)}
        self.log = folder / "output"
        arguments = [command, "--port", str(port)]
        arguments += ["--sandbox-port", str(free_port())] if command == "demo" else []
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text()

    def wait_until_ready(self) -> Visitor:
        """Wait for the welcome; gives somebody who has logged in as it says."""
        wait_for(lambda: "Ctrl-C" in self.output or self.process.poll() is not None, "the demo", seconds=60)
        address, password = (re.search(p, self.output) for p in (r"ready:\s+(\S+)/admin", r"password:\s+(\S+)"))
        assert address, self.output
        assert password, self.output
        visitor = Visitor(address[1])
        page = visitor.get("/admin/login/")
        visitor.post("/admin/login/?next=/admin/", page, username="demo", password=password[1])
        assert visitor.get("/admin/find/").url.endswith("/admin/find/")
        return visitor

    def children(self) -> set[int]:
        """The process numbers of everything it started, however deep."""
        told = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in told.splitlines()]
        found, todo = set(), [self.process.pid]
        while todo:
            parent = todo.pop()
            below = {int(pid) for pid, ppid, *_ in rows if int(ppid) == parent} - found
            found |= below
            todo += below
        return found

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        self.process.wait(timeout=30)


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run."""
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text()}


def stored_in(folder: Path) -> dict[str, int]:
    """How many rows the tables of an installation have."""
    with closing(sqlite3.connect(folder / "idlink.sqlite3")) as database:
        tables = ("businesses_asset", "businesses_accesstoken", "auth_user", "lookups_person", "lookups_answer")
        return {table: database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables}


@pytest.fixture
def demo(tmp_path):
    started: list[Demo] = []

    def start(port: int = 0, command: str = "demo") -> Demo:
        started.append(Demo(tmp_path, port=port or free_port(), command=command))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)


@pytest.fixture
def demo_again(demo, tmp_path):
    """In a folder in which there was one before: all tables are there, and nothing in them."""
    copy_of_sqlite(tmp_path / "idlink.sqlite3")
    return demo


@pytest.mark.timeout(400)
def test_demo_starts_can_be_logged_in_to_and_leaves_nothing_behind(demo, tmp_path):
    running = demo()
    visitor = running.wait_until_ready()
    page = visitor.wait(visitor.ask("12345123", "John's Next Great Thing"))
    assert "John Smith" in page.text
    children = running.children()
    assert len(children) >= 4

    running.stop()

    assert running.process.returncode == 0
    assert "Stopped." in running.output
    assert alive(children) == set()
    stored = stored_in(tmp_path)
    subprocess.run([sys.executable, "manage.py", "demo", "--seed-only"], cwd=ROOT, env=running.environment, check=True)
    assert stored_in(tmp_path) == stored, "the next start keeps what the first has stored, and adds nothing"


@pytest.mark.timeout(300)
def test_run_starts_a_real_installation_without_sandbox_or_seeded_data(demo, tmp_path):
    running = demo(command="run")
    wait_for(lambda: "Ctrl-C" in running.output or running.process.poll() is not None, "idlink", seconds=60)

    assert "There is no user yet: .venv/bin/python manage.py createsuperuser" in running.output
    with sqlite3.connect(tmp_path / "idlink.sqlite3") as database:
        for table in ("businesses_business", "businesses_accesstoken", "auth_user"):
            assert database.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)
    database.close()
    assert stat.S_IMODE((tmp_path / "idlink.sqlite3").stat().st_mode) == 0o600
    assert not any(b"lookups.sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in running.children())


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_taken_port_is_told_and_the_next_one_used(demo_again):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = demo_again(port)
        running.wait_until_ready()

        assert f"Port {port} is taken: using {port + 1}." in running.output


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_second_demo_in_the_same_folder_is_refused(demo_again, tmp_path):
    demo_again().wait_until_ready()
    told = tmp_path / "output"
    first = told.read_text()

    second = demo_again()

    assert second.process.wait(timeout=30) == 1
    assert "is running already" in second.output
    assert first


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_child_that_dies_is_started_again_and_told(demo_again):
    running = demo_again()
    running.wait_until_ready()
    (worker,) = [
        pid
        for pid in running.children()
        if b"\0-Q\0staff\0" in Path(f"/proc/{pid}/cmdline").read_bytes() and parent_of(pid) == running.process.pid
    ]

    os.kill(worker, signal.SIGKILL)

    wait_for(lambda: "Starting the staff worker again." in running.output, "the restart")
    assert "The staff worker ended with status -9" in running.output


@pytest.mark.long
@pytest.mark.timeout(300)
def test_nothing_stays_behind_when_the_demo_itself_is_killed(demo_again):
    running = demo_again()
    running.wait_until_ready()
    children = running.children()

    running.process.kill()
    running.process.wait()

    wait_for(lambda: not alive(children), "the children to end", seconds=30)
