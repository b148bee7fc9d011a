"""Pages of a long list: no more rows are counted than can be paged through.

Counting every row takes longer than all else on a page, and nobody pages through millions.
"""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

MOST = 10_000  # rows


class BoundedPaginator(Paginator):
    """Pages through the first MOST rows."""

    template_name = "businesses/paging.html"
    most = f"{MOST:,}"

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self._counted, MOST)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than these."""
        return self._counted > MOST

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST + 1].count())


class BoundedChangeList(ChangeList):
    """A list whose heading says how many rows it found only where it was narrowed, and all were counted."""

    def get_results(self, request: HttpRequest) -> Any:
        """Take the rows of the page."""
        super().get_results(request)
        if self.paginator.is_cut or not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count  # the heading then names no number
