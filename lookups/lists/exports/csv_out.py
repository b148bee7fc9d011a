"""Rows as CSV: UTF-8 with a byte order mark, so that Excel reads it right, and lines that end as RFC 4180 says."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from lookups.lists.exports.cells import safe, storable

BLOCK = 64 * 1024
BOM = "\ufeff".encode()


class _Lines:
    """Collects what the csv writer writes."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def write(self, text: str) -> None:
        """Keep a line."""
        self.parts.append(text)
        self.size += len(text)

    def take(self) -> bytes:
        """Give all lines since the last time."""
        block = "".join(self.parts).encode()
        self.parts, self.size = [], 0
        return block


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Give the file block by block.

    If a row can't be given, the error goes through to the server, which then breaks the connection off without
    the mark that ends a chunked answer: the browser says that the download failed. A last line that says
    "complete" would be a row to every program that reads the file, so there is none.
    """
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\r\n")
    yield BOM
    for row in rows:
        writer.writerow([safe(storable(cell)) for cell in row])
        if lines.size >= BLOCK:
            yield lines.take()
    yield lines.take()
