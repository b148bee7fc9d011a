"""The errors of a run in groups: how often each occurred, one example, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FilteredRelation, Min, Q

from businesses.models import Asset
from businesses.reasons import Reason, nameless, reason
from lookups.admin.lists.run_words import refusal
from lookups.models import Ending, ListRow, Lookup, Run
from lookups.models.outcomes import Edge, Outcome, outcome_column

MOST_POLLED = 20_000  # errors; with more, a live page does not group them at every refresh

_REMEDIES = {
    Outcome.FAILED: "Graph did not answer in time, or not with what can be read. Try again later; if it stays, "
    "open the example: it holds what Graph said, and the trace ID for Meta's support.",
    Outcome.TOKEN: "",
    Outcome.PROOF: "The app's secret does not fit its token.",
    Outcome.NOT_VISIBLE: "The ID is not known to this app or Page, or the person has withdrawn. Check that the list "
    "is of this app or Page; trying again helps only if permissions were changed.",
    Outcome.REVIEW: "Meta reviews the business. Try again when the review has ended.",
    Outcome.NOT_ASKED: "Open the example: it says what was missing. Then try again.",
}

_REASONS = {Outcome.TOKEN: "token_refused", Outcome.PROOF: "secret_wrong"}  # outcomes whose reason adds its own remedy
_OUTCOMES = [outcome_column(edge) for edge in Edge]


@dataclass
class ErrorGroup:
    """Questions that ended alike. The page shows `remedy`, and the remedy of `reason` if there is one."""

    outcome: str
    code: str
    count: int
    remedy: str
    reason: Reason | None = None
    why: str = ""
    example: int | None = None
    rows: str = ""

    @property
    def label(self) -> str:
        """Give the outcome in words."""
        return str(Outcome(self.outcome).label)


def errors_of(run: Run) -> list[ErrorGroup]:
    """Give all groups of a run, the most frequent first, with a constant number of queries."""
    if not (run.refused or run.failed):
        return []
    groups = [*_of_lookups(run), *_of_rows(run)]
    return sorted(groups, key=lambda group: -group.count)


def _of_lookups(run: Run) -> list[ErrorGroup]:
    last = FilteredRelation("answers", condition=Q(answers__attempt=F("attempt")))
    ended = Lookup.objects.filter(run=run, ending__in=(Ending.REFUSED, Ending.FAILED)).order_by()
    told = ended.annotate(last=last).values(*_OUTCOMES, "last__code", "last__subcode")
    groups = _merged(told.annotate(how_many=Count("pk"), first=Min("pk")))
    examples = Lookup.objects.select_related("asset").in_bulk([group.example for group in groups])
    for group in groups:
        example = examples[group.example or 0]
        group.why, group.reason = example.why, _reason_of(group.outcome, example.asset)
        if group.outcome == Outcome.NOT_ASKED and group.why == refusal("cancelled"):
            group.remedy, group.reason = reason("cancelled").remedy, None
    return groups


def _reason_of(outcome: str, asset: Asset) -> Reason | None:
    """Give the reason behind an outcome, with the keys of the rows where a user can mend the example."""
    app = asset.pk if asset.kind_of.signs_itself else asset.managed_by_id
    keys = {"business": asset.business_id, "asset": asset.pk} | ({"app": app} if app else {})
    return nameless(_REASONS.get(Outcome(outcome), ""), **keys)


def _merged(told: Iterable[Mapping[str, Any]]) -> list[ErrorGroup]:
    """Merge the groups that differ only by the edge."""
    groups: dict[tuple[str, str], ErrorGroup] = {}
    for row in told:
        outcome = _worse(*(row[column] for column in _OUTCOMES))
        code = _code(row["last__code"], row["last__subcode"])
        group = groups.setdefault(
            (outcome, code), ErrorGroup(outcome, code, 0, _REMEDIES[Outcome(outcome)], example=row["first"])
        )
        group.count += row["how_many"]
    return list(groups.values())


def _of_rows(run: Run) -> list[ErrorGroup]:
    refused = ListRow.objects.filter(run=run, state=ListRow.State.REFUSED).order_by()
    counts = refused.values_list("reason").annotate(how_many=Count("pk"))
    return [_of_code(code, count, run) for code, count in counts]


def _of_code(code: str, count: int, run: Run) -> ErrorGroup:
    """Make the group of the rows that were not asked for the reason with this code."""
    why = nameless(code, business=run.business_id) if code != "cancelled" else None
    remedy = f"Not asked, held up by {why.entry.short}." if why else refusal(code)
    return ErrorGroup(Outcome.NOT_ASKED, "", count, remedy, why, rows=code or "other")


def _worse(*outcomes: str) -> str:
    return next((str(outcome) for outcome in _REMEDIES if outcome in outcomes), str(Outcome.NOT_ASKED))


def _code(code: int | None, subcode: int | None) -> str:
    if code is None:
        return ""
    return f"{code}/{subcode}" if subcode else str(code)
