"""Run a complete trial installation on this machine, with the sandbox in place of Graph."""

import json
import os
import secrets
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from lookups.management import supervisor
from lookups.management.addresses import free_port, web_url
from lookups.management.database_form import put_another_form_aside
from lookups.management.demo_world import DEMO_USER, demo_user, seed_world
from lookups.management.processes import Process

HOST = "127.0.0.1"


class Command(BaseCommand):
    """Fill a database with the sandbox's world and run sandbox, worker, scheduler and web server."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the ports, and how many people the sandbox holds."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sandbox-port", type=int, default=8100)
        parser.add_argument("--people", type=int, default=1000)
        parser.add_argument("--seed-only", action="store_true", help="fill the database and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C; raises CommandError unless the settings call this a trial installation."""
        if not settings.IDLINK_SANDBOX:  # it would make a superuser, and put tokens of made-up Pages among true ones
            raise CommandError("This is not a trial installation (IDLINK_SANDBOX=1). For the demo run: make demo")
        with supervisor.alone(Path(settings.VAR_DIR)):
            put_another_form_aside(self.stdout.write)
            logs = supervisor.prepare(self.stdout.write)
            password = os.environ.get("IDLINK_DEMO_PASSWORD") or secrets.token_urlsafe(12)
            seed_world(_describe(), by=demo_user(password), now=timezone.now())
            if not options["seed_only"]:
                self._run(logs, password, options)

    def _run(self, logs: Path, password: str, options: dict[str, Any]) -> None:
        say, start = self.stdout.write, timezone.now()
        port = free_port(options["port"], HOST, say)
        sandbox_port = free_port(options["sandbox_port"], HOST, say)
        graph = f"http://{HOST}:{sandbox_port}"
        command = [sys.executable, "-m", "lookups.sandbox", "--port", str(sandbox_port)]
        sandbox = Process("sandbox", [*command, "--people", str(options["people"])], logs / "sandbox.log")
        ours = supervisor.our_processes(logs, HOST, port, {"IDLINK_GRAPH_URL": graph})
        checks = {
            "sandbox": lambda: supervisor.answers(f"{graph}/__sandbox/health"),
            **supervisor.background_checks(start),
            "web": lambda: supervisor.web_is_up(HOST, port),
        }
        address = web_url(HOST, port) + reverse("find")
        say("Starting sandbox, workers, beat and web …")
        supervisor.run([sandbox, *ours], checks, say, lambda _: self._welcome(address, password))

    def _welcome(self, address: str, password: str) -> None:
        self.stdout.write(
            f"\n  idlink is ready:  {address}\n"
            f"  log in as:        {DEMO_USER}\n"
            f"  password:         {password}\n\n"
            "  Paste 12345123, 645195294 or 10152368852405295 there.\n"
            "  Ctrl-C stops everything.\n"
        )
        self.stdout.flush()


def _describe() -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "lookups.sandbox", "--describe"], check=True, capture_output=True, text=True
    )
    world: dict[str, Any] = json.loads(told.stdout)
    return world
