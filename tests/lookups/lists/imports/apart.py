"""Reads lists in a process of its own, so that its memory can be limited and measured, and it can be killed.

`python -m tests.lookups.lists.imports.apart ORDER ...` prints a JSON object at its end. The database and the folder of
the environment are used as they are.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "idlink.settings")
    import django

    django.setup()

from django.core.management import call_command

from businesses.models import FacebookApp
from lookups.lists import imports
from lookups.models import ListRow, Run
from lookups.models.list_file import lists_folder
from tests.makers import NOW, make_app, make_business
from tests.memory import most_megabytes

MB = 1024 * 1024


def prepare() -> dict:
    """Make the tables, and an app."""
    call_command("migrate", verbosity=0)
    return {"app": make_app(make_business(), secret="").pk}


def send(path: str, *, most_mb: str = "0", columns: str = "0") -> dict:
    """Send a file and read it to its end, with so much more memory than Django alone takes."""
    app = _app()
    before = most_megabytes()
    if int(most_mb):
        limit = _virtual() + int(most_mb) * MB
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    start, cpu = time.monotonic(), _processor_time()
    try:
        with Path(path).open("rb") as file:
            chunks = iter(lambda: file.read(MB), b"")
            run = imports.receive(business=app.business, chunks=chunks, name=path, by=None, now=NOW)
        received = _processor_time() - cpu
        seen = imports.look(run.list_file)
        imports.name_columns(run, id_column=int(columns), asset=app, has_header=seen.has_header, now=NOW)
        told = read(str(run.pk))
    except imports.CannotRead as refused:
        told, received = {"state": "cannot_read", "why": str(refused)}, _processor_time() - cpu
    took, cpu = time.monotonic() - start, _processor_time() - cpu
    return {
        **told,
        "grew_mb": most_megabytes() - before,
        "used_mb": most_megabytes(),
        "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 - before,
        "took": took,
        "cpu": cpu,
        "received": received,
    }


def begin(path: str) -> dict:
    """Send a file and name its columns."""
    app = _app()
    with Path(path).open("rb") as file:
        run = imports.receive(business=app.business, chunks=[file.read()], name=path, by=None, now=NOW)
    imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
    return {"run": run.pk}


def read(run_pk: str) -> dict:
    """Read on to the end, beside whoever else reads it."""
    while imports.read_some(int(run_pk), NOW) or Run.objects.get(pk=run_pk).state == Run.State.READING:
        pass
    run = Run.objects.get(pk=run_pk)
    stored = ListRow.objects.filter(run=run).count()
    names = ("state", "why", "rows", "todo", "rejected", "duplicate")
    return {**{name: getattr(run, name) for name in names}, "stored": stored}


def fill_disk(most_mb: str) -> dict:
    """Send more than a file may take."""
    app, limit = _app(), int(most_mb) * MB
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    def chunks() -> Iterator[bytes]:
        while True:
            yield b"12\n" * 300_000

    try:
        imports.receive(business=app.business, chunks=chunks(), name="x", by=None, now=NOW)
        why = ""
    except imports.CannotRead as refused:
        why = str(refused)
    return {"why": why, "files": os.listdir(lists_folder()), "runs": Run.objects.count()}


def _processor_time() -> float:
    """Seconds of this process and of its children that have ended."""
    own = os.times()
    return own.user + own.system + own.children_user + own.children_system


def _app():
    return FacebookApp.objects.select_related("business").get()


def _virtual() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    order, *arguments = sys.argv[1:]
    named = dict(argument.split("=", 1) for argument in arguments if "=" in argument and not argument.startswith("/"))
    print(json.dumps(globals()[order](*[one for one in arguments if one.split("=")[0] not in named], **named)))
