"""What the sidebar of a list offers to choose from: not every app and Page of hundreds of businesses."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from businesses.row_keys import is_row_key

MOST_OFFERED = 100
OF_BUSINESS = "business__id__exact"  # how the address names the business to which a list is narrowed
Row = TypeVar("Row", bound=Model)


def offered(rows: "QuerySet[Row]", request: HttpRequest) -> "QuerySet[Row]":
    """Give these rows to choose from; if they are too many, only those of the business that was chosen, or none."""
    if len(rows.order_by().values_list("pk", flat=True)[: MOST_OFFERED + 1]) <= MOST_OFFERED:
        return rows
    chosen = request.GET.get(OF_BUSINESS, "")
    return rows.filter(business=chosen) if is_row_key(chosen) else rows.none()
