"""Writes rows as CSV: UTF-8 with a byte order mark, which Excel needs, and line ends as in RFC 4180."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from lookups.lists.exports.cells import safe, storable

BLOCK = 64 * 1024
BOM = "\ufeff".encode()


class _Lines:
    """Collects the lines of the csv writer."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def write(self, text: str) -> None:
        """Keep a line."""
        self.parts.append(text)
        self.size += len(text)

    def take(self) -> bytes:
        """Give all lines since the last call."""
        block = "".join(self.parts).encode()
        self.parts, self.size = [], 0
        return block


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Give the file block by block.

    An error in a row reaches the server, which then breaks off the connection without the mark that ends a chunked
    answer: the browser reports a failed download. The file has no last line that says "complete": programs would read
    it as a row.
    """
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    yield BOM
    for row in rows:
        writer.writerow([safe(storable(cell)) for cell in row])
        if lines.size >= BLOCK:
            yield lines.take()
    yield lines.take()
