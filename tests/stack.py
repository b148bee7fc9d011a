"""The real thing for tests: sandbox, worker, beat and web server as processes, on a database of one's choice."""

import html
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from copy import copy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import requests
from cryptography.fernet import Fernet

from lookups.management.lanes import LANES, worker_command
from lookups.management.processes import Process, stop_all
from lookups.management.supervisor import our_processes
from tests.migrated import copy_of_sqlite
from tests.sandbox_process import SandboxProcess

PASSWORD = "correct horse battery staple"
ROOT = Path(__file__).resolve().parent.parent


class Stack:
    """A seeded installation in a folder of its own. Start it, then use `.url`, `.login()`, `.sql()`, `.kill()`."""

    def __init__(self, folder: Path, database_url: str, *, people: int = 0, **settings: str) -> None:
        self.folder = folder
        self.sandbox = SandboxProcess("--people", str(people))
        self._database_url = database_url or f"sqlite:///{folder / 'idlink.sqlite3'}"
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.keys = {
            "SECRET_KEY": secrets.token_urlsafe(60),
            "IDLINK_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        self.environment = {
            **self.keys,
            "IDLINK_ENV_FILE": os.devnull,
            "IDLINK_VAR_DIR": str(folder),
            "IDLINK_SANDBOX": "1",
            "IDLINK_HTTPS": "0",
            "IDLINK_GRAPH_URL": self.sandbox.url,
            "IDLINK_DEMO_PASSWORD": PASSWORD,
            "IDLINK_SWEEP_SECONDS": "1",
            "DATABASE_URL": self._database_url,
            "CELERY_BROKER_URL": "filesystem://",
            "LOG_LEVEL": "DEBUG",
            **settings,
        }
        self.processes: dict[str, Process] = {}
        self.has_lanes = False  # one worker for all lanes is enough for most tests, and soon there

    def start(self) -> "Stack":
        """Seed the database and start everything; returns when all is healthy."""
        if self.is_sqlite:
            copy_of_sqlite(self.folder / "idlink.sqlite3")
        self.manage("demo", "--seed-only")
        logs = self.folder / "logs"
        processes = our_processes(logs, "127.0.0.1", self._port, self.environment)
        if not self.has_lanes:
            everything = Process("worker", worker_command(*LANES), logs / "worker.log", self.environment)
            processes = [everything, *processes[len(LANES) :]]
        for process in processes:
            self.add(process)
        wait_for(self._is_well, "the stack to be healthy", seconds=60)
        return self

    @property
    def is_sqlite(self) -> bool:
        """Whether its database is SQLite."""
        return self._database_url.startswith("sqlite")

    def elsewhere(self, folder: Path, database_url: str) -> "Stack":
        """The same keys and the same Graph in another folder and database: nothing is there yet, nothing started."""
        other = copy(self)
        other.folder, other.processes = folder, {}
        other._database_url = database_url or f"sqlite:///{folder / 'idlink.sqlite3'}"
        other.environment = {**self.environment, "IDLINK_VAR_DIR": str(folder), "DATABASE_URL": other._database_url}
        return other

    def add(self, process: Process) -> None:
        """Start one more process; it stops with the others."""
        self.processes[process.name] = process
        process.start()

    def manage(self, *arguments: str) -> str:
        """Run a management command in this installation; gives what it printed."""
        with self.managing(*arguments) as process:
            out, error = process.communicate()
        assert process.returncode == 0, error
        return out

    def managing(self, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
        """Start a management command in this installation."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environment = {**os.environ, **self.environment, **settings}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, cwd=ROOT)

    def kill(self, name: str) -> None:
        """Kill a process and its children with -9."""
        handle = self.processes[name].handle
        assert handle is not None
        os.killpg(handle.pid, signal.SIGKILL)
        handle.wait()

    def login(self, user: str = "demo", password: str = PASSWORD) -> "Visitor":
        """Log in through the real form."""
        visitor = Visitor(self.url)
        page = visitor.get("/admin/login/")
        visitor.post("/admin/login/?next=/admin/", page, username=user, password=password)
        assert "sessionid" in visitor.session.cookies, "the log-in failed"
        return visitor

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Read rows from its database, past Django."""
        connection = self.connect()
        try:
            cursor = connection.cursor()
            cursor.execute(query)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def forget(self) -> None:
        """Take away what lookups and lists have stored, past Django; on SQLite, which checks no keys there."""
        tables = self.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'lookups!_%' ESCAPE '!'")
        with closing(self.connect()) as connection:
            for (table,) in tables:
                if table != "lookups_heartbeat":
                    connection.execute(f"DELETE FROM {table}")
            connection.commit()

    def dump(self) -> str:
        """Give every value of every table as one text."""
        if self.is_sqlite:
            tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        else:
            tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return "\n".join(repr(row) for (name,) in self.sql(tables) for row in self.sql(f'SELECT * FROM "{name}"'))

    def logs(self) -> str:
        """Give the text of all logs."""
        return "\n".join(path.read_text(errors="replace") for path in (self.folder / "logs").iterdir())

    def stop(self) -> None:
        """Stop everything."""
        stop_all(list(self.processes.values()))
        self.sandbox.stop()

    def _is_well(self) -> bool:
        try:
            return requests.get(f"{self.url}/health/", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def connect(self) -> Any:
        """Connect to its database, past Django."""
        parts = urlsplit(self._database_url)
        if parts.scheme == "sqlite":
            return sqlite3.connect(parts.path, timeout=30)
        socket_folder, _, name = parts.path.removeprefix("/").rpartition("/")
        return psycopg2.connect(host=socket_folder, user="postgres", dbname=name)


class Visitor:
    """A browser without a screen: keeps cookies, sends forms with their tokens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.seen: list[str] = []

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self._kept(self.session.get(f"{self.url}{path}", timeout=30))

    def post(self, path: str, page: requests.Response, **fields: str) -> requests.Response:
        """Send a form that stands on a page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, f"no form on {page.url}"
        fields["csrfmiddlewaretoken"] = token[1]
        return self._kept(self.session.post(f"{self.url}{path}", data=fields, timeout=30))

    def find(self, value: str) -> requests.Response:
        """Paste an ID."""
        return self.post("/admin/find/", self.get("/admin/find/"), q=value)

    def ask(self, value: str, asset_name: str) -> requests.Response:
        """Paste an ID, choose the app or Page it comes from, and ask Graph; gives the lookup's page."""
        return self.press(*self.choose(value, asset_name))

    def choose(self, value: str, asset_name: str) -> tuple[requests.Response, str, str]:
        """Paste an ID and choose the app or Page it comes from; gives what `press` takes."""
        searched = self.find(value)
        address = next(step for step in [*searched.history, searched] if "key=" in step.url).url
        page = self.get(f"{address.removeprefix(self.url)}&ask=1")
        name = re.escape(html.escape(asset_name))
        choice = re.search(rf'name="asset" value="([^"]+)"(?:(?!name="asset").)*?>{name}<', page.text, re.DOTALL)
        assert choice, f"{asset_name} is not offered"
        return page, value, choice[1]

    def press(self, page: requests.Response, value: str, asset: str) -> requests.Response:
        """Ask Graph about an ID of the app or Page chosen; gives the lookup's page."""
        return self.post("/admin/find/", page, q=value, asset=asset)

    def wait(self, page: requests.Response, *, seconds: float = 30) -> requests.Response:
        """Open a lookup's page again until nothing is under way; gives where that led."""
        path = page.url.removeprefix(self.url)
        latest = page

        def settled() -> bool:
            nonlocal latest
            latest = self.get(path)
            return 'hx-trigger="every' not in latest.text

        wait_for(settled, "the lookup to end", seconds=seconds)
        return latest

    def _kept(self, response: requests.Response) -> requests.Response:
        self.seen.append(f"{response.url}\n{response.headers}\n{response.text}")
        return response


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = 20) -> None:
    """Look again and again until a condition holds; fails when it has not held in three times the time it should take.

    A busy machine is no failure: how long something takes is shown by benchmarks.
    """
    deadline = time.monotonic() + 3 * seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {3 * seconds} s in vain for {what}"
        time.sleep(0.1)


def free_port() -> int:
    """Give a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
