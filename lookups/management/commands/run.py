"""Run workers, scheduler and web server together on this machine, with the settings of .env."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from lookups.management import supervisor
from lookups.management.addresses import free_port, web_url


class Command(BaseCommand):
    """Run a real installation on one machine: no sandbox, no seeded data."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the host and the port of the web server."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C."""
        say = self.stdout.write
        with supervisor.alone(Path(settings.VAR_DIR)):
            logs, start = supervisor.prepare(say), timezone.now()
            host, port = options["host"], free_port(options["port"], options["host"], say)
            checks = supervisor.background_checks(start) | {"web": lambda: supervisor.web_is_up(host, port)}
            say("Starting workers, beat and web …")
            processes = supervisor.our_processes(logs, host, port, {})
            address = web_url(host, port) + reverse("find")
            supervisor.run(processes, checks, say, lambda _: self._welcome(address))

    def _welcome(self, address: str) -> None:
        self.stdout.write(f"\n  idlink is ready:  {address}\n")
        if settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
            self.stdout.write(
                "  It sends browsers on to HTTPS, which a proxy in front of it must serve: set one up and say\n"
                "  IDLINK_BEHIND_PROXY=1 or, to use idlink on this machine alone, IDLINK_HTTPS=0.\n"
            )
        if not User.objects.exists():
            self.stdout.write("  There is no user yet: .venv/bin/python manage.py createsuperuser\n")
        self.stdout.write("  Ctrl-C stops everything.\n")
        self.stdout.flush()
