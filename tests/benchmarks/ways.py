"""The ways that are compared: what each is called, and how it is started."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way to learn people's IDs. `most` bounds the people asked by latency in ms, where it is slow."""

    name: str
    shown: str
    command: tuple[str, ...]
    is_idlink: bool = False
    database: str = ""
    most: tuple[tuple[int, int], ...] = ()

    def people_at(self, latency: int, people: int) -> int:
        """How many people are asked at this latency."""
        return min([people, *(most for from_latency, most in self.most if latency >= from_latency)])


WAYS = [
    Way("calls", "facebook-business, call by call", ("meta_sdk", "calls"), most=((0, 200), (50, 40), (200, 20))),
    Way("batches", "facebook-business, batches of 50", ("meta_sdk", "batches")),
    Way("ids", "python-facebook-api, 50 `ids`", ("pyfacebook_ids",)),
    Way("fetch", "idlink, fetched only", ("fetch",), is_idlink=True),
    Way("postgres", "idlink, stored in PostgreSQL", ("road",), is_idlink=True, database="postgres"),
    Way("sqlite", "idlink, stored in SQLite", ("road",), is_idlink=True, database="sqlite"),
]
