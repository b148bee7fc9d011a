"""Import a list in a test: rows of a run, asked for as in earnest, answered by the sandbox."""

from collections.abc import Sequence

from django.utils import timezone

from lookups.lists import feeding, imports, running
from lookups.models import ListRow, Run
from tests.lookups.people_of_johns import asset, resolve


def read_list(world, *rows: tuple[str, str], rejected: Sequence[tuple[str, str]] = ()) -> Run:
    """A list that was read to its end: Graph's ID of an app or Page and a value a row; what was rejected, and why."""
    business = world.page.business
    run = Run.objects.create(
        business=business, kind=Run.Kind.LIST, state=Run.State.READY, asked_by=world.user, created_at=timezone.now(),
        rows=len(rows) + len(rejected), todo=len(rows), rejected=len(rejected),
    )  # fmt: skip
    for line, (graph_id, value) in enumerate(rows, start=2):
        ListRow.objects.create(business=business, run=run, line=line, asset=asset(graph_id), value=value)
    for line, (value, reason) in enumerate(rejected, start=len(rows) + 2):
        state = ListRow.State.REJECTED
        ListRow.objects.create(business=business, run=run, line=line, value=value, state=state, reason=reason)
    return run


def imported(world, *rows: tuple[str, str], rejected: Sequence[tuple[str, str]] = ()) -> Run:
    """A list that was read, started and answered to its end."""
    run = read_list(world, *rows, rejected=rejected)
    running.start(run, by=world.user, now=timezone.now())
    answer(run)
    return run


def answer(run: Run) -> None:
    """Feed a run and have it answered, until nothing moves any more."""
    while feeding.feed(timezone.now()):
        resolve()
    resolve()
    feeding.feed(timezone.now())
    run.refresh_from_db()


def imported_file(world, content: bytes, *, graph_id: str, name: str = "list.csv", id_column: int = 0) -> Run:
    """A file that was sent, read, started and answered to its end."""
    run = received(world, content, graph_id=graph_id, name=name, id_column=id_column)
    running.start(run, by=world.user, now=timezone.now())
    answer(run)
    return run


def received(world, content: bytes, *, graph_id: str, name: str = "list.csv", id_column: int = 0) -> Run:
    """A file that was sent and read to its end."""
    now, business = timezone.now(), world.page.business
    run = imports.receive(business=business, chunks=[content], name=name, by=world.user, now=now)
    imports.name_columns(run, id_column=id_column, asset=asset(graph_id), has_header=True, now=now)
    while imports.read_some(run.pk, now):
        pass
    run.refresh_from_db()
    assert run.state == Run.State.READY, run.why
    return run
