"""Lists that hold every ID of the same people, and what the sandbox counted of the questions about them."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from businesses.models import Asset
from lookups.asking import resolver
from lookups.lists import feeding
from lookups.models import QuotaPool, Run, ScopedID
from lookups.models.outcomes import Edge, answered_column
from lookups.sandbox.world.default_world import JOHNS, default_world
from lookups.tasks.lists import work_lists
from tests.lookups.list_runs import add_rows, make_list
from tests.sandbox_process import SandboxProcess

Row = tuple[str, str]  # the Graph ID of an app or Page, and the scoped ID


def rows_of_people(count: int) -> list[Row]:
    """All IDs of so many people of the first business, person by person."""
    world = default_world(people=2 * count)
    people = (person for person in map(world.generated, range(2 * count)) if person.business_id == JOHNS)
    return [row for person, _ in zip(people, range(count), strict=False) for row in person.ids.items()]


def list_of(rows: Sequence[Row], state: str = Run.State.GOING) -> Run:
    """A list of these rows that was read."""
    assets = {asset.graph_id: asset for asset in Asset.objects.select_related("business")}
    run = make_list(assets[rows[0][0]], state=state)
    for line, (graph_id, value) in enumerate(rows, start=1):
        add_rows(run, assets[graph_id], value, first=line)
    Run.objects.filter(pk=run.pk).update(rows=len(rows), todo=len(rows))
    run.refresh_from_db()
    return run


def work_as_tasks_do(run: Run, *, at_once: int = 16) -> Run:
    """Work the list off as the bulk lane's task does, turn after turn; gives the run as it is then."""
    while work_lists(timezone.now()) + resolver.resolve_turn("bulk", at_once=at_once):
        QuotaPool.objects.update(wait_until=None, bulk_wait_until=None)  # as if the pauses were over
    feeding.feed(timezone.now())
    run.refresh_from_db()
    return run


def asked_nodes(sandbox: SandboxProcess) -> list[str]:
    """The node of each question that the sandbox has answered; items of a batch count one by one, as at Meta."""
    return [entry["path"] for entry in sandbox.journal() if "batch" not in entry["params"]]


def let_all_become_stale() -> None:
    """Put all confirmations back, as if the interval had passed."""
    long_ago = timezone.now() - timedelta(days=31)
    ScopedID.objects.update(**dict.fromkeys(map(answered_column, Edge), long_ago))
