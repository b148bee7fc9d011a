"""The rejected rows of an import: each row's line, its text, and why no ID could be read."""

from collections.abc import Callable, Iterator

from lookups.lists.exports.cells import CHUNK, Cells
from lookups.models import ListRow, Run

HEADER = ["line", "what stood there", "code", "reason"]

Sentence = Callable[[str, str, str], str]  # state of a row, code of its reason, its value


def rejects_of(run: Run, sentence: Sentence) -> Iterator[Cells]:
    """Give the header, then each rejected row in the order of the file."""
    yield HEADER
    rows = ListRow.objects.filter(run=run, state=ListRow.State.REJECTED).order_by("line")
    line = -1
    while chunk := list(rows.filter(line__gt=line).values_list("line", "value", "reason")[:CHUNK]):
        for line, value, reason in chunk:
            yield [str(line), value, reason, sentence(ListRow.State.REJECTED, reason, value)]
