"""Lists come in pages: how many rows are asked for at once, and where the next page begins."""

from typing import Any

from lookups.graph.errors import UnexpectedAnswer

PAGE_SIZE = 100
LONGEST_CURSOR = 2000


def next_cursor(paging: Any, edge: str = "") -> str:
    """Give the next page's cursor, empty at the end; raises UnexpectedAnswer, which names the edge if it is given.

    Only the absence of `next` means the end (wire contract, 1.4). Nothing else about `next` is used.
    """
    if not isinstance(paging, dict) or "next" not in paging:
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if not isinstance(after, str) or not 0 < len(after) <= LONGEST_CURSOR or not after.isprintable():
        of_edge = f" of {edge}" if edge else ""
        raise UnexpectedAnswer(f"Graph says there is more{of_edge}, but not where.")
    return after
