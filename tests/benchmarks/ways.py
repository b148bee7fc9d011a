"""The ways that are compared: what each is called, and how it is started."""

from dataclasses import dataclass

THREADS = {1: 0.25, 16: 1.0, 64: 2.0}  # and what share of the people is asked: few take one thread long enough
AT_ONCE = 16


@dataclass(frozen=True)
class Way:
    """One way to learn people's IDs. `kind` is common to ways that differ in `threads` or `processes` alone.

    `database` names what it finds there: an empty one, or an installation with a list. Without a `command` the rows of
    a road are written by COPY.
    """

    kind: str
    shown: str
    command: tuple[str, ...] = ()
    threads: int = 0
    processes: int = 0
    database: str = ""

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        number = self.processes or (self.threads if not self.database else 0)
        return f"{self.kind}-{number}" if number else self.kind

    @property
    def is_fetching(self) -> bool:
        """Whether nothing is stored."""
        return bool(self.command) and not self.database

    def people(self, people: int) -> int:
        """How many people are asked about where others ask about so many."""
        return max(1, round(people * THREADS[self.threads])) if self.is_fetching else people


def _fetching(kind: str, shown: str, module: str) -> list[Way]:
    return [
        Way(kind, f"{shown}, {threads} {'thread' if threads == 1 else 'threads'}", (module,), threads=threads)
        for threads in THREADS
    ]


WAYS = [
    *_fetching("batches", "facebook-business, batches of 50", "meta_sdk"),
    *_fetching("ids", "python-facebook-api, 50 `ids`", "pyfacebook_ids"),
    *_fetching("fetch", "idlink's fetch", "fetch"),
    Way("orm", "script, stored by Django's ORM", ("peer.script", "orm"), threads=AT_ONCE, database="empty"),
    Way("values", "script, by `execute_values`", ("peer.script", "values"), threads=AT_ONCE, database="empty"),
    Way("road", "idlink's road, one process", ("road",), processes=1, database="postgres"),
    Way("road", "idlink's road, two processes", ("road",), processes=2, database="postgres"),
    Way("sqlite", "idlink's road on SQLite, two processes", ("road",), processes=2, database="sqlite"),
    Way("copy", "COPY of the road's rows"),
]
