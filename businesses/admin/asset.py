"""The common base of the admin pages of apps and of Pages."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from businesses.admin.owner import OwnerShown
from businesses.admin.retiring import Retiring
from businesses.models import Asset


class AssetAdmin(OwnerShown, Retiring):
    """Changelist and form of one kind of asset."""

    search_fields = ["name", "=graph_id"]
    settled_once_added = ["business", "graph_id"]
    list_filter = ["ownership"]
    shown_once_added: Sequence[str] = ("owner_told", "use")  # a row that is being added has no such facts

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Read the assets with their secrets, which the list and the form show."""
        return super().get_queryset(request).prefetch_related("secrets")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave out the fields in `shown_once_added` while a row is being added."""
        return [name for name in self.fields if obj or name not in self.shown_once_added]

    @admin.display(description="origin")
    def origin(self, asset: Asset) -> str:
        """Who added the asset."""
        return asset.get_found_by_display()
