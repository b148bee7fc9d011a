"""Start the sandbox; the same as `python -m lookups.sandbox`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from lookups.sandbox.__main__ import main


class Command(BaseCommand):
    """Pass all arguments on to the sandbox."""

    help = __doc__
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Leave the arguments to the sandbox's own parser."""
        sys.exit(main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do nothing: Django never calls this, since `run_from_argv` runs the sandbox."""
