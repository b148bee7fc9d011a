"""Ask Graph one harmless question for each thing that idlink assumes of it, and write down what is true there.

The file holds no ID, no name, no token and no secret: it can be sent to whoever works on idlink. It names the switches
with which the sandbox behaves like this Graph. About thirty reads are made, with the tokens of one business.
"""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from businesses.graph_address import is_the_real_graph
from businesses.models import Business
from lookups.asking.resolver import graph_client
from lookups.assumptions.findings import as_document, find_out
from lookups.assumptions.subjects import CannotInterview, interview_with


class Command(BaseCommand):
    """Only reads; stores nothing but the file."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the business and the file."""
        parser.add_argument("--business", default="", help="its Meta business ID, if there is more than one")
        parser.add_argument("--out", type=Path, default=Path("check_graph.json"), help="the file; never overwritten")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, print each answer, and write the file; raises CommandError."""
        out: Path = options["out"]
        if out.exists():
            raise CommandError(f"{out} is there already; name another file with --out.")
        try:
            talk = interview_with(graph_client(), _business(options["business"]), now=timezone.now())
        except CannotInterview as refused:
            raise CommandError(f"Nothing was asked. {refused}") from refused
        found = []
        for one in find_out(talk):
            found.append(one)
            self.stdout.write(f"{one.switch}: {one.value or f'not known. {one.why_not}'}")
        facts = {
            "graph": "the real one" if is_the_real_graph(settings.IDLINK_GRAPH_URL) else "a sandbox",
            "version asked": settings.IDLINK_GRAPH_VERSION,
            "day": f"{timezone.now():%Y-%m-%d}",
        }
        _write(out, as_document(found, facts))
        self.stdout.write(f"\nWritten to {out}. It holds no ID, no name, no token and no secret.")


def _business(graph_id: str) -> Business:
    rows = list(Business.objects.filter(graph_id=graph_id) if graph_id else Business.objects.all()[:2])
    if len(rows) != 1:
        raise CommandError("Name a business that is here with --business and its Meta business ID.")
    return rows[0]


def _write(out: Path, document: dict[str, Any]) -> None:
    """Write a new file that only its owner can read; raises FileExistsError for one that has come meanwhile."""
    with os.fdopen(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=1) + "\n")
