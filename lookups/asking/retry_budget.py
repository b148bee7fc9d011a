"""How often a run's lookups may be tried again in all, so that a dead Graph is not hammered with all of them."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from django.conf import settings
from django.db.models import F

from lookups.models import COUNTED, Lookup, Run

ALWAYS = 20  # small runs are tried again as often as their lookups may be


class _OfALookup(Protocol):
    @property
    def lookup(self) -> Lookup: ...


class RetryBudget:
    """What is left for the runs of one batch. Called with the business's row locked."""

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
        """Write down what was taken."""
        for run_id, taken in self._taken.items():
            Run.objects.filter(pk=run_id).update(retries=F("retries") + taken)

    def _read(self) -> dict[int, int]:
        runs = Run.objects.filter(pk__in=self._runs)
        return {run.pk: ALWAYS + settings.IDLINK_RETRIES_PER_LOOKUP * _size(run) - run.retries for run in runs}


def _size(run: Run) -> int:
    return run.rows if run.kind in COUNTED else run.lookups.count()
