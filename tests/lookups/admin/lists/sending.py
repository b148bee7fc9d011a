"""Lists as a browser sends them: a file goes in, its columns are named, a worker reads it."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lookups.lists import imports
from lookups.models import Run
from tests.lookups.admin.lists.runs import LISTS
from tests.pages import text_of

NEW = f"{LISTS}new/"


def csv(*lines: str, name: str = "spring.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\r\n".join(lines).encode(), "text/csv")


def send_in(client: Client, *lines: str, **fields: object) -> Run:
    """Send a file; gives its run, which no worker has looked at."""
    response = client.post(NEW, {"file": csv(*lines), **fields})
    assert response.status_code == 302, text_of(response)
    return Run.objects.latest("pk")


def upload(client: Client, *lines: str, **fields: object) -> Run:
    """Send a file, and look at it as a worker does; gives its run."""
    return read(send_in(client, *lines, **fields))


def read(run: Run) -> Run:
    """Read it as a worker does."""
    while imports.read_some(run.pk, timezone.now()):
        pass
    run.refresh_from_db()
    return run


def ready(client: Client, world, *lines: str) -> Run:
    """A list of the world's Page that was read."""
    run = upload(client, "psid", *lines)
    client.post(run.columns_address, {"header": "1", "id_column": "0", "asset": world.page.pk})
    return read(run)
