"""What a list would do and what became of it, as lines of text for a terminal."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from businesses.models import FacebookApp, Page
from lookups.asking.planning import plan
from lookups.asking.tallies import Sum
from lookups.evidence.freshness import confirmed_since, stale_before
from lookups.lists import imports
from lookups.models import ListRow, Run, ScopedID

EXAMPLES = 5
_WORDS = {"none": "asked, none", "fresh": "already fresh"}


def preview(run: Run, now: datetime) -> Iterator[str]:
    """Tell how many rows there are, which are rejected and why, what would be asked and what can't be."""
    yield f"Rows:       {run.rows:>10,}"
    yield f"Rejected:   {run.rejected:>10,}"
    yield from _rejected(run)
    yield f"Duplicates: {run.duplicate:>10,}"
    yield f"IDs:        {run.todo:>10,}"
    yield from _per_asset(run, now)


def equation(at_last: Sum) -> str:
    """Tell what each row is counted as: their sum is the rows of the file."""
    parts = " + ".join(f"{count:,} {_WORDS.get(name, name)}" for name, count in at_last.parts.items() if count)
    return f"{at_last.rows:,} rows {'=' if at_last.meets else '≠'} {parts or 0}"


def _rejected(run: Run) -> Iterator[str]:
    rejected = ListRow.objects.filter(run=run, state=ListRow.State.REJECTED)
    groups = rejected.order_by().values_list("reason").annotate(how_many=Count("pk")).order_by("-how_many")
    for reason, how_many in groups:
        yield f"  {how_many:>10,}  {imports.label(reason)}"
        for row in rejected.filter(reason=reason).order_by("line")[:EXAMPLES]:
            yield f"              line {row.line}: {_plain(imports.sentence(reason, row.value))}"


def _per_asset(run: Run, now: datetime) -> Iterator[str]:
    stored = ScopedID.objects.filter(
        confirmed_since(run.business, stale_before(run.business, now)), value=OuterRef("value")
    )
    known = Exists(stored.filter(app=OuterRef("app"))) | Exists(stored.filter(page=OuterRef("page")))
    todo = ListRow.objects.filter(run=run, state=ListRow.State.TODO).order_by().values_list("app", "page")
    for app, page, rows, fresh in todo.annotate(rows=Count("pk"), fresh=Count("pk", filter=Q(known))):
        asset: FacebookApp | Page = FacebookApp.objects.get(pk=app) if app else Page.objects.get(pk=page)
        yield f"  {rows:>10,}  {'ASIDs of the app' if app else 'PSIDs of the Page'} “{_plain(asset.name)}”, " + (
            f"{rows - fresh:,} to ask, {fresh:,} already fresh"
        )
        planned = plan(asset)
        waits = "waits" if planned.allowed or planned.lacks_credential else "can not be asked"
        for reason in planned.reasons:
            yield f"              {waits}: {reason.text} {reason.remedy}"


def _plain(text: str) -> str:
    """Keep what stood in a file from moving the cursor or colouring the terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
