"""The results of an import: each row of the file as it came, what became of it, and the person's linked IDs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from lookups.lists.exports.cells import CHUNK, Cells, utc_text
from lookups.lists.exports.linked import Columns, LinkedPerson, load_people
from lookups.lists.exports.rejects import Sentence
from lookups.models import Ending, ListRow, Lookup, Run, ScopedID, State

BEFORE = ["idlink line", "idlink verdict", "idlink reason"]
AFTER = ["idlink person", "idlink confirmed", "idlink lookup"]

_Row = ListRow.State

_UNASKED = {
    _Row.TODO: "waiting",
    _Row.HELD: "held",
    _Row.FRESH: "already fresh",
    _Row.REFUSED: "refused",
    _Row.REJECTED: "rejected",
    _Row.DUPLICATE: "duplicate",
}


@dataclass(frozen=True)
class Original:
    """The uploaded file: its columns, which of them holds the ID, and its rows with their line numbers, in order."""

    columns: Sequence[str]
    id_column: int
    rows: Iterable[tuple[int, Sequence[str]]]


def results_of(run: Run, original: Original | None, sentence: Sentence) -> Iterator[Cells]:
    """Give the header, then one line for each row of the run, in the order of the file.

    Without the original file, the ID is the row's only cell. `sentence` says in words why a row was not asked.
    """
    columns, source = Columns(run.business), _Input(original or Original(["ID"], 0, ()))
    yield [*source.columns, *BEFORE, *columns.header, *AFTER]
    rows = ListRow.objects.filter(run=run).order_by("line")
    line = -1
    while chunk := list(rows.filter(line__gt=line)[:CHUNK]):
        known = _Known(chunk)
        for row in chunk:
            yield [*source.of(row), str(row.line), *_verdict(row, known, sentence), *_links(row, known, columns)]
        line = chunk[-1].line


class _Input:
    """Finds a row's cells in the uploaded file by line: the rows must come in the order of the file."""

    def __init__(self, original: Original) -> None:
        self.columns = list(original.columns)
        self._id_column = original.id_column
        self._rows = iter(original.rows)
        self._here: tuple[int, Sequence[str]] | None = (-1, ())  # None after the last row

    def of(self, row: ListRow) -> Cells:
        """Give the cells of a row; surplus cells are joined to the last column."""
        while self._here is not None and self._here[0] < row.line:
            self._here = next(self._rows, None)
        if self._here is None or self._here[0] != row.line:
            return ["" if number != self._id_column else row.value for number in range(len(self.columns))]
        cells, wide = list(self._here[1]), len(self.columns)
        surplus = " ".join(cells[wide:])
        cells = [*cells[:wide], *[""] * (wide - len(cells))]
        return [*cells[:-1], f"{cells[-1]} {surplus}"] if surplus else cells


@dataclass(frozen=True)
class _Asked:
    """What the results say of a row's lookup."""

    number: int
    state: str
    ending: str
    held_for: str
    why: str


class _Known:
    """What is stored about a chunk of rows, read with a constant number of queries."""

    def __init__(self, rows: Sequence[ListRow]) -> None:
        self._ids = _ids_of(rows)
        self._persons = load_people({scoped_id.person_id for scoped_id in self._ids.values()})
        asked = Lookup.objects.filter(list_row__in=rows)
        columns = ("pk", "state", "ending", "held_for", "why")
        self._asked = {key: _Asked(*told) for key, *told in asked.values_list("list_row", *columns)}

    def asked(self, row: ListRow) -> _Asked | None:
        """Give the row's lookup."""
        return self._asked.get(row.pk)

    def of(self, row: ListRow) -> tuple[ScopedID | None, LinkedPerson | None]:
        """Give the row's ID and its person, if they are known."""
        own = self._ids.get((row.asset_id, row.value))
        return own, self._persons.get(own.person_id) if own else None


def _ids_of(rows: Sequence[ListRow]) -> dict[tuple[int | None, str], ScopedID]:
    """Find the stored IDs of the rows, whichever run asked them, by the asset's key and the value."""
    values: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.asset_id:
            values[row.asset_id].add(row.value)
    wanted = Q(pk__in=[])
    for asset, some in values.items():
        wanted |= Q(asset=asset, value__in=some)
    # No filter by business: the assets are all its own, and SQLite would read all of its IDs for each chunk.
    found: Any = ScopedID.objects.filter(wanted).only("asset", "value", "person")
    return {(row.asset_id, row.value): row for row in found}


def _verdict(row: ListRow, known: _Known, sentence: Sentence) -> Cells:
    asked = known.asked(row)
    if asked is None:
        return [_UNASKED.get(_Row(row.state), "waiting"), sentence(row.state, row.reason, row.value)]
    if asked.state == State.HELD:
        return ["held", f"Waits for {_held_for(asked.held_for)}. {asked.why}".strip()]
    if asked.state != State.DONE:
        return ["waiting", asked.why]
    return [str(Ending(asked.ending).label) if asked.ending else "failed", asked.why]


def _held_for(code: str) -> str:
    labels = dict(Lookup._meta.get_field("held_for").flatchoices)
    return str(labels.get(code, code))


def _links(row: ListRow, known: _Known, columns: Columns) -> Cells:
    own, person = known.of(row)
    asked = known.asked(row)
    told = [person.public_id, utc_text(person.confirmed)] if person else ["", ""]
    return [*columns.cells(person, own), *told, str(asked.number) if asked else ""]
