"""The sum of a run: at every moment, every row is counted exactly once; the counts are checked when the run ends.

rows = linked + asked, none + already fresh + held + refused + failed + rejected + duplicate + waiting. Columns of
the run count the rows that have ended; the transaction that ends a lookup or settles a row changes them. The same
statement that reads these columns counts the lookups under way, so all figures are of one moment.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from lookups.models import COUNTED, Ending, ListRow, Lookup, Run, State
from lookups.models.outcomes import Outcome

_REFUSALS = (Outcome.TOKEN, Outcome.PROOF, Outcome.NOT_VISIBLE, Outcome.NOT_ASKED, Outcome.REVIEW)


@dataclass(frozen=True)
class Sum:
    """The number of a run's rows in each category."""

    rows: int
    linked: int
    none: int
    fresh: int
    held: int
    refused: int
    failed: int
    rejected: int
    duplicate: int
    waiting: int

    @property
    def parts(self) -> dict[str, int]:
        """The categories with their counts, without the total, in the order in which pages show them."""
        return {name: count for name, count in asdict(self).items() if name != "rows"}

    @property
    def answered(self) -> int:
        """The rows for which Graph was asked, a question each, and had its say."""
        return self.linked + self.none + self.failed

    @property
    def meets(self) -> bool:
        """Whether the categories add up to the total."""
        return self.rows == sum(self.parts.values())


def ending_of(lookup: Lookup) -> Ending:
    """Give the category of a finished lookup: it counts as linked if one of its edges gave a link."""
    outcomes = {lookup.outcome_of(edge) for edge in lookup.edges}
    if Outcome.LINKED in outcomes:
        return Ending.LINKED
    if Outcome.FAILED in outcomes:
        return Ending.FAILED
    return Ending.REFUSED if outcomes & set(_REFUSALS) else Ending.NONE


def count_endings(lookups: Iterable[Lookup], *, sign: int = 1) -> None:
    """Add lookups that have just ended to the sums of their runs; the caller's transaction stores both."""
    ended = Counter((lookup.run_id, lookup.ending) for lookup in lookups if lookup.state == State.DONE)
    by_run: dict[int, dict[str, int]] = {}
    for (run_id, ending), count in ended.items():
        if ending:
            by_run.setdefault(run_id, {})[ending] = sign * count
    for run_id in sorted(by_run):  # in the order of keys, or two workers could deadlock
        change(run_id, **by_run[run_id])


def change(run_id: int, **by: int) -> None:
    """Add these numbers to the counts of a counted run."""
    counted = Run.objects.filter(pk=run_id, kind__in=COUNTED)
    counted.update(**{name: F(name) + count for name, count in by.items()})


def sum_of(run: Run) -> Sum:
    """Read the sum of a run as it is at this moment: one statement, one snapshot."""
    columns = [field.name for field in fields(Sum) if field.name not in ("held", "waiting")]
    more = ("todo", "held_rows", "held_now", "asked_now")
    row = (
        Run.objects.filter(pk=run.pk)
        .annotate(held_now=_under_way([State.HELD]), asked_now=_under_way([State.WAITING, State.CLAIMED]))
        .values(*more, *columns)
        .get()
    )
    counts = {name: row[name] for name in columns}
    return Sum(**counts, held=row["held_rows"] + row["held_now"], waiting=row["todo"] + row["asked_now"])


def audit(run: Run) -> Sum:
    """Count all rows and lookups anew. That takes long for a long list, so it is done once, at its end."""
    lookups = dict(_grouped(Lookup.objects.filter(run=run, state=State.DONE), "ending"))
    states = dict(_grouped(Lookup.objects.filter(run=run).exclude(state=State.DONE), "state"))
    rows = dict(_grouped(ListRow.objects.filter(run=run), "state"))
    asked = sum(lookups.values()) + sum(states.values())
    is_list = run.kind == Run.Kind.LIST
    unasked = rows.get(ListRow.State.ASKED, 0) - asked if is_list else 0  # rows whose lookup is gone
    return Sum(
        rows=sum(rows.values()) if is_list else asked,
        linked=lookups.get(Ending.LINKED, 0),
        none=lookups.get(Ending.NONE, 0),
        fresh=lookups.get(Ending.FRESH, 0) + rows.get(ListRow.State.FRESH, 0),
        held=rows.get(ListRow.State.HELD, 0) + states.get(State.HELD, 0),
        refused=lookups.get(Ending.REFUSED, 0) + rows.get(ListRow.State.REFUSED, 0),
        failed=lookups.get(Ending.FAILED, 0),
        rejected=rows.get(ListRow.State.REJECTED, 0),
        duplicate=rows.get(ListRow.State.DUPLICATE, 0),
        waiting=rows.get(ListRow.State.TODO, 0) + states.get(State.WAITING, 0) + states.get(State.CLAIMED, 0) + unasked,
    )


def close_if_over(run: Run, now: datetime) -> bool:
    """End a run that has nothing left to do; it is faulty if its sum does not add up. The caller has locked the run."""
    at_last = sum_of(run)
    if at_last.waiting or at_last.held:
        return False
    counted = audit(run)
    meets = at_last == counted and counted.meets
    if not meets:
        run.state = Run.State.FAULTY
    elif run.state != Run.State.CANCELLED:
        run.state = Run.State.DONE
    run.why = "" if meets else f"Counted as it went: {asdict(at_last)}. Counted at the end: {asdict(counted)}."[:500]
    run.finished_at = now
    run.save(update_fields=["state", "why", "finished_at"])
    return True


def _under_way(states: list[State]) -> Any:
    lookups = Lookup.objects.filter(run=OuterRef("pk"), state__in=states).order_by()
    counted = lookups.values("run").annotate(how_many=Count("pk")).values("how_many")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _grouped(rows: Any, column: str) -> Any:
    return rows.order_by().values_list(column).annotate(how_many=Count("pk"))
