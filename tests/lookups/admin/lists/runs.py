"""A run's page for tests: asked for by a browser, its buttons pressed."""

from django.test import Client
from django.urls import reverse

from lookups.models import ListFile, Run

LISTS = "/admin/lookups/run/"
JOHN, NOBODY = "12345123", "999"
State = Run.State


def polled(client: Client, run: Run, seen: str = "", **more: str):
    """What the page asks for again by itself."""
    return client.get(run.address, {"seen": seen or run.state, **more}, headers={"HX-Request": "true"})


def act(client: Client, run: Run, name: str):
    response = client.post(reverse(f"admin:lookups_run_{name}", args=[run.pk]), follow=True)
    run.refresh_from_db()
    return response


def with_file(run: Run) -> None:
    """The file that belongs to a list's run."""
    ListFile.objects.create(business=run.business, run=run, name="c.csv", kind="csv", size=100, sha256="0" * 64)
