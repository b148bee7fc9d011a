"""Queries for values that are stored twice, for speed, and differ. Each is empty in a sound database."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from businesses.models import Asset
from lookups.asking.tallies import ending_of
from lookups.models import Ending, Lookup, ScopedID, State
from lookups.models.outcomes import Edge, Outcome, answer_column, answered_column, caller_column, outcome_column


def differences() -> dict[str, QuerySet[Any, Any]]:
    """Give each query, by the rule that its rows break."""
    return {
        "scoped IDs whose time or caller is not that of their latest answer": _not_as_answered(),
        "lookups whose scoped ID is another one": _of_another_id(),
        "lookups whose ending does not follow from their outcomes": _wrongly_counted(),
    }


def _not_as_answered() -> QuerySet[ScopedID]:
    return ScopedID.objects.filter(reduce(or_, map(_not_as_answered_about, Edge)))


def _not_as_answered_about(edge: Edge) -> Q:
    answer, at, caller = answer_column(edge), answered_column(edge), caller_column(edge)
    none = Q(**{answer: None})
    same_time = Q(**{at: F(f"{answer}__at")}) & Q(**{f"{at}__isnull": False})
    # If an answer has no known caller, the ID must have none either. 0 stands for none: no key is 0.
    same_caller = Q(Exact(Coalesce(f"{caller}_id", Value(0)), Coalesce(f"{answer}__calling_app", Value(0))))
    return none & ~Q(**{at: None, caller: None}) | ~none & ~(same_time & same_caller)


def _of_another_id() -> QuerySet[Lookup]:
    same = Q(scoped_id__asset=F("asset"), scoped_id__value=F("value"))
    return Lookup.objects.filter(scoped_id__isnull=False).exclude(same)


def _wrongly_counted() -> QuerySet[Lookup]:
    """Find lookups whose ending breaks the rule of `ending_of`; each stored combination of outcomes is judged once.

    One that ended as fresh was not asked at all.
    """
    done = Lookup.objects.filter(state=State.DONE)
    wrong = [Q(**combination) for combination in _combinations(done) if not _is_right(**combination)]
    return done.filter(reduce(or_, wrong, Q(pk__in=[])))


def _combinations(done: QuerySet[Lookup]) -> Iterator[dict[str, Any]]:
    columns = (*map(outcome_column, Edge), "question", "only__kind", "ending")
    yield from done.order_by().values(*columns).distinct()


def _is_right(*, only__kind: str | None, ending: str, **columns: str) -> bool:
    only = Asset(pk=0, kind=only__kind) if only__kind else None
    if ending == Ending.FRESH:
        return {columns[outcome_column(edge)] for edge in Edge} == {Outcome.NOT_ASKED}
    return ending == ending_of(Lookup(only=only, **columns))
