"""Files to download, as CSV or XLSX: the results of an import, its rejects, and a business's links.

Each export is an iterable of rows of text, the header first. It only reads, one chunk of rows at a time, with a
constant number of queries per chunk: a million rows need no more memory than a thousand. Begin reading at `results`.
"""

from lookups.lists.exports.csv_out import as_csv
from lookups.lists.exports.linked import LinkState
from lookups.lists.exports.links import Filters, Shape, links_of
from lookups.lists.exports.rejects import rejects_of
from lookups.lists.exports.results import Original, results_of
from lookups.lists.exports.xlsx_out import MOST_ROWS, CannotExport, TooManyRows, as_xlsx

__all__ = [
    "MOST_ROWS",
    "CannotExport",
    "Filters",
    "LinkState",
    "Original",
    "Shape",
    "TooManyRows",
    "as_csv",
    "as_xlsx",
    "links_of",
    "rejects_of",
    "results_of",
]
