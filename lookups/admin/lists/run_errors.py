"""What went wrong in a run, grouped: how often, one example, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, FilteredRelation, Min, Q

from businesses.reasons import REASONS
from lookups.admin.lists.run_words import refusal
from lookups.models import Ending, ListRow, Lookup, Run
from lookups.models.outcomes import Edge, Outcome, outcome_column

MOST_POLLED = 20_000  # beyond this many, a page under way does not group them again and again

_REMEDIES = {
    Outcome.FAILED: "Graph did not answer in time, or not with what can be read. Try again later; if it stays, "
    "open the example: it holds what Graph said, and the trace ID for Meta's support.",
    Outcome.TOKEN: f"{REASONS['token_refused'].remedy} Then try again.",
    Outcome.PROOF: f"The app's secret does not fit its token. {REASONS['secret_wrong'].remedy} Then try again.",
    Outcome.NOT_VISIBLE: "The ID is not known to this app or Page, or the person has withdrawn. Check that the list "
    "is of this app or Page; trying again helps only if permissions were changed.",
    Outcome.REVIEW: "Meta reviews the business. Try again when the review has ended.",
    Outcome.NOT_ASKED: "Open the example: it says what was missing. Then try again.",
}

_OUTCOMES = [outcome_column(edge) for edge in Edge]


@dataclass
class ErrorGroup:
    """Questions that ended alike."""

    outcome: str
    code: str
    count: int
    remedy: str
    why: str = ""
    example: int | None = None
    rows: str = ""

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(Outcome(self.outcome).label)


def errors_of(run: Run) -> list[ErrorGroup]:
    """Give all groups of a run, the most frequent first. Three queries, however many there are."""
    if not (run.refused or run.failed):
        return []
    groups = [*_of_lookups(run), *_of_rows(run)]
    return sorted(groups, key=lambda group: -group.count)


def _of_lookups(run: Run) -> list[ErrorGroup]:
    last = FilteredRelation("answers", condition=Q(answers__attempt=F("attempt")))
    ended = Lookup.objects.filter(run=run, ending__in=(Ending.REFUSED, Ending.FAILED)).order_by()
    told = ended.annotate(last=last).values(*_OUTCOMES, "last__code", "last__subcode")
    groups = _merged(told.annotate(how_many=Count("pk"), first=Min("pk")))
    whys = dict(Lookup.objects.filter(pk__in=[group.example for group in groups]).values_list("pk", "why"))
    for group in groups:
        group.why = whys.get(group.example or 0, "")
        if group.outcome == Outcome.NOT_ASKED and group.why == refusal("cancelled"):
            group.remedy = "Press Try again to have them asked after all."
    return groups


def _merged(told: Iterable[Mapping[str, Any]]) -> list[ErrorGroup]:
    """Take together what differs only in which edge it was."""
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
    return [
        ErrorGroup(Outcome.NOT_ASKED, "", count, refusal(reason), rows=reason or "other") for reason, count in counts
    ]


def _worse(*outcomes: str) -> str:
    return next((str(outcome) for outcome in _REMEDIES if outcome in outcomes), str(Outcome.NOT_ASKED))


def _code(code: int | None, subcode: int | None) -> str:
    if code is None:
        return ""
    return f"{code}/{subcode}" if subcode else str(code)
