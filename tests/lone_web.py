"""The web server alone: no worker, no scheduler, no Graph; a database with one user in it."""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

import requests
from cryptography.fernet import Fernet

from lookups.management.processes import Process, stop_all
from lookups.management.supervisor import our_processes
from tests.migrated import copy_of_sqlite
from tests.stack import PASSWORD, ROOT, Visitor, free_port, wait_for

USER = "ana"


class LoneWeb:
    """The web server as `make run` starts it, or by another command, in which `{port}` is the port."""

    def __init__(self, folder: Path, command: str = "", **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "SECRET_KEY": secrets.token_urlsafe(60),
            "IDLINK_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "IDLINK_ENV_FILE": os.devnull,
            "IDLINK_VAR_DIR": str(folder),
            "IDLINK_HTTPS": "0",
            "DATABASE_URL": f"sqlite:///{folder / 'idlink.sqlite3'}",
            **settings,
        }
        copy_of_sqlite(folder / "idlink.sqlite3")
        (folder / "static").mkdir()
        ours = {process.name: process for process in our_processes(folder, "127.0.0.1", self.port, self.environment)}
        self.process = ours["web"]
        if command:
            self.process = Process("web", command.format(port=self.port).split(), folder / "web.log", self.environment)

    def __enter__(self) -> "LoneWeb":
        command = [sys.executable, str(ROOT / "manage.py"), "createsuperuser", "--noinput", "--username", USER]
        more = {**os.environ, **self.environment, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        subprocess.run([*command, "--email", "a@b.example"], env=more, check=True, capture_output=True)
        self.process.start()
        wait_for(self.answers, "the web server")
        return self

    def __exit__(self, *_: object) -> None:
        stop_all([self.process])

    def answers(self) -> bool:
        """Whether it answers at all."""
        try:
            return requests.get(f"{self.url}/health/", timeout=5).status_code in (200, 503)
        except requests.RequestException:
            return False

    def visitor(self) -> Visitor:
        """A visitor who has logged in."""
        visitor = Visitor(self.url)
        page = visitor.get("/admin/login/")
        visitor.post("/admin/login/?next=/admin/find/", page, username=USER, password=PASSWORD)
        assert "sessionid" in visitor.session.cookies, "the log-in failed"
        return visitor

    def seconds(self) -> tuple[float, float]:
        """Give the seconds until `/health/` has answered, and those of a log-in: its page, the form, where it leads."""
        start = time.monotonic()
        assert self.answers(), "/health/ does not answer"
        between = time.monotonic()
        self.visitor()
        return between - start, time.monotonic() - between
