"""Cursor paging, as Graph does it (wire contract, 1.4): a page of rows, its cursors, and where the next is."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from lookups.sandbox.api.edges import FILTERS
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.world import refusals

URL_KEEPS = (*FILTERS, "fields")  # the parameters that stand again in the URL of another page
START = "LTEvc3RhcnQ"  # the cursor before the first row of any list


@dataclass(frozen=True)
class Paging:
    """The paging of one list. `mark` names the list inside its cursors; `next_base` is its URL, token included."""

    switches: Switches
    mark: str
    params: Mapping[str, str]
    next_base: str

    def page_of(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Give `data`, and `paging` where there are rows; raises Refusal for a cursor of another list."""
        start, limit = self._window(len(rows))
        page = list(rows[start : start + limit])
        if not page:
            return {"data": []}
        return {"data": page, "paging": self._paging(start, limit, len(rows))}

    def _window(self, total: int) -> tuple[int, int]:
        limit = self.params.get("limit", "")
        size = int(limit[:6]) if limit.isascii() and limit.isdigit() else self.switches.page_size
        size = max(1, min(size, self.switches.most_rows))
        if after := self.params.get("after", ""):
            return self._place("after", after, total) + 1, size
        if before := self.params.get("before", ""):
            end = self._place("before", before, total)
            return max(0, end - size), min(size, end) or 1
        return 0, size

    def _paging(self, start: int, limit: int, total: int) -> dict[str, Any]:
        last = min(start + limit, total) - 1
        page = page_number(self.params.get("after", ""), self.params.get("before", ""))
        before, after = self.cursor(start, page), self.cursor(last, page)
        paging: dict[str, Any] = {"cursors": {"before": before, "after": after}}
        if last + 1 < total:
            paging["next"] = self.url(limit, after=after)
        if start > 0:
            paging["previous"] = self.url(limit, before=before)
        return paging

    def url(self, limit: int, **cursor: str) -> str:
        """Give the URL of another page of this list."""
        kept = {name: self.params[name] for name in URL_KEEPS if self.params.get(name)}
        return f"{self.next_base}&{urlencode({**kept, 'pretty': 0, 'limit': limit, **cursor})}"

    def cursor(self, place: int, page: int) -> str:
        """Give the cursor of the row at this place. It holds the number of the page that shows the row, too."""
        return base64.urlsafe_b64encode(f"{place}/{page}/{_hashed(self.mark)}".encode()).decode().rstrip("=")

    def _place(self, name: str, cursor: str, total: int) -> int:
        if cursor == START:
            return -1
        place, page = _read(cursor)
        if not 0 <= place < total or self.cursor(place, page) != cursor:
            raise refusals.bad_cursor(name)
        return place


def page_number(after: str, before: str = "") -> int:
    """Give the number of the page that these cursors ask for, from 1. A cursor holds the number of its own page."""
    if after:
        return _read(after)[1] + 1
    return max(1, _read(before)[1] - 1) if before else 1


def _read(cursor: str) -> tuple[int, int]:
    """Give the place and the page that a cursor names, or -1 and 1 for text that is no cursor of ours."""
    try:
        place, page, _ = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("/", 2)
        return int(place[:9]), int(page[:9])
    except ValueError:
        return -1, 1


@lru_cache(maxsize=1024)
def _hashed(mark: str) -> str:
    return hashlib.blake2b(mark.encode(), digest_size=12).hexdigest()
