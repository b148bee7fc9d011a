"""Which lookups of a list were claimed while a fault struck: only these may have been asked about once more."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2

from tests.faults.list_stack import SentList

LOOK_SECONDS = 0.1


class Strikes:
    """Faults, and for each the IDs of a list whose lookups somebody had claimed from its beginning to its end."""

    def __init__(self, sent: SentList) -> None:
        self._sent = sent
        self.claimed: dict[str, set[str]] = {}

    @contextmanager
    def by(self, fault: str) -> Iterator[None]:
        """Look again and again at what is claimed while the fault of the block strikes, once before and once after."""
        seen = self.claimed[fault] = self._sent.claimed_ids()
        over = threading.Event()
        looking = threading.Thread(target=self._look, args=(seen, over))
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()
        seen |= self._sent.claimed_ids()

    def _look(self, seen: set[str], over: threading.Event) -> None:
        while not over.wait(LOOK_SECONDS):
            with suppress(psycopg2.Error):  # the database may be what the fault takes away
                seen |= self._sent.claimed_ids()

    def asked_again(self) -> dict[str, int]:
        """Give how many of the IDs that each fault struck were asked about more than once.

        Demands that no ID was asked about oftener than once, and once for each fault that struck it.
        """
        asked = self._sent.times_asked()
        struck = Counter(value for values in self.claimed.values() for value in values)
        too_often = {value: times for value, times in asked.items() if times > 1 + struck[value]}
        assert not too_often, f"{len(too_often)} IDs, such as {list(too_often.items())[:5]}"
        return {fault: sum(asked[value] > 1 for value in values) for fault, values in self.claimed.items()}
