"""Limit how many retries a run's lookups get in all: while Graph is down, a large run must not repeat every call."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from django.conf import settings
from django.db.models import F

from lookups.models import COUNTED, Lookup, Run

ALWAYS = 20  # retries that every run has: a small run is limited only by the tries of each lookup


class _OfALookup(Protocol):
    @property
    def lookup(self) -> Lookup: ...


class RetryBudget:
    """The retries left to the runs of one batch. Only who is alone with the business takes any."""

    def __init__(self, items: Iterable[_OfALookup]) -> None:
        self._runs = {item.lookup.run_id for item in items}
        self._taken: Counter[int] = Counter()
        self._left: dict[int, int] = {}

    def take(self, run_id: int) -> bool:
        """Take one retry; false if the run has none left."""
        if not self._left:
            self._left = self._read()
        if self._left[run_id] <= self._taken[run_id]:
            return False
        self._taken[run_id] += 1
        return True

    def save(self) -> None:
        """Store how many retries were taken."""
        for run_id, taken in self._taken.items():
            Run.objects.filter(pk=run_id).update(retries=F("retries") + taken)

    def _read(self) -> dict[int, int]:
        runs = Run.objects.filter(pk__in=self._runs)
        return {run.pk: ALWAYS + settings.IDLINK_RETRIES_PER_LOOKUP * _size(run) - run.retries for run in runs}


def _size(run: Run) -> int:
    return run.rows if run.kind in COUNTED else run.lookups.count()
