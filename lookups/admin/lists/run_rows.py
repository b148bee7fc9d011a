"""The rows behind each number of a run, a hundred at a time, in the order of the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from businesses.row_keys import is_row_key
from lookups.admin.lists.run_acts import run_for
from lookups.admin.lists.run_words import TERMS, sentence_of, title_of
from lookups.models import COUNTED, Ending, ListRow, Lookup, Run, State
from lookups.models.outcomes import Outcome

PAGE = 100
_Row = ListRow.State
# The rows, and below the lookups, that each term of the sum counts.
_ROWS = {
    "held": _Row.HELD,
    "fresh": _Row.FRESH,
    "refused": _Row.REFUSED,
    "rejected": _Row.REJECTED,
    "duplicate": _Row.DUPLICATE,
    "waiting": _Row.TODO,
}
_LOOKUPS = {
    "all": Q(),
    "linked": Q(ending=Ending.LINKED),
    "none": Q(ending=Ending.NONE),
    "fresh": Q(ending=Ending.FRESH),
    "held": Q(state=State.HELD),
    "refused": Q(ending=Ending.REFUSED),
    "failed": Q(ending=Ending.FAILED),
    "waiting": Q(state__in=(State.WAITING, State.CLAIMED)),
}


@dataclass(frozen=True)
class ShownRow:
    """One row or lookup; `cursor` is where a page after it would begin."""

    cursor: str
    line: int | None
    value: str
    asset: str
    text: str
    address: str = ""


class RowsView(View):
    """The rows of one term (`what`), if given of one reason (`reason`), after a cursor."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show one page of rows; an unknown term or cursor gives Http404."""
        run = run_for(request, pk)
        what = request.GET.get("what", "all")
        if what not in _ROWS and what not in _LOOKUPS:
            raise Http404
        reason = request.GET.get("reason", "")[:40]
        kind, after = _cursor(request.GET.get("after", ""))
        shown = _page(run, what, reason, kind, after)
        label, meaning = TERMS.get(what, ("all that was asked", "Every question of this run."))
        context = {
            **admin.site.each_context(request),
            "title": f"{title_of(run)}: {label}",
            "run": run,
            "is_counted": run.kind in COUNTED,
            "what": what,
            "meaning": meaning,
            "reason": reason,
            "first_page": not after,
            "shown": shown[:PAGE],
            "next": shown[PAGE - 1].cursor if len(shown) > PAGE else "",
        }
        return render(request, "lookups/run_rows.html", context)


def _cursor(text: str) -> tuple[str, int]:
    """Read a cursor, `row-12` or `lookup-34`; an empty one is the beginning."""
    kind, _, number = (text or "row-0").partition("-")
    if kind not in ("row", "lookup") or not is_row_key(number):
        raise Http404
    return kind, int(number)


def _page(run: Run, what: str, reason: str, kind: str, after: int) -> list[ShownRow]:
    """Give first rows that were not asked, then lookups; one more than a page, to see whether a next page follows."""
    found: list[ShownRow] = []
    if kind == "row" and what in _ROWS:
        found += _rows(run, _ROWS[what], reason, after)
    if len(found) <= PAGE and what in _LOOKUPS and not reason:
        found += _lookups(run, _LOOKUPS[what], after if kind == "lookup" else 0)
    return found[: PAGE + 1]


def _rows(run: Run, state: str, reason: str, after: int) -> Iterator[ShownRow]:
    rows = ListRow.objects.filter(run=run, state=state, line__gt=after).order_by("line")
    if reason:
        rows = rows.filter(reason="" if reason == "other" else reason)
    for row in rows.select_related("asset")[: PAGE + 1]:
        text = sentence_of(row.state, row.reason, row.value)
        yield ShownRow(f"row-{row.line}", row.line, row.value, str(row.asset or "–"), text)


def _lookups(run: Run, which: Q, after: int) -> Iterator[ShownRow]:
    lookups: QuerySet[Lookup] = Lookup.objects.filter(which, run=run, pk__gt=after).order_by("pk")
    for lookup in lookups.select_related("asset", "only", "list_row")[: PAGE + 1]:
        line = lookup.list_row.line if lookup.list_row else None
        yield ShownRow(f"lookup-{lookup.pk}", line, lookup.value, str(lookup.asset), _outcome(lookup), lookup.address)


def _outcome(lookup: Lookup) -> str:
    """Say what became of a lookup, or what it waits for."""
    if lookup.state == State.HELD:
        return f"Waits for {lookup.get_held_for_display()}. {lookup.why}".strip()
    if lookup.state != State.DONE:
        return lookup.get_state_display()
    told = [f"{edge}: {Outcome(outcome).label}" for edge, outcome in lookup.outcomes.items() if outcome]
    outcomes = " · ".join(told) or "done"
    return f"{outcomes}. {lookup.why}" if lookup.why else outcomes
