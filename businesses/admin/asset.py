"""What the admin pages of apps and of Pages have in common."""

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
    shown_once_added: Sequence[str] = ("owner_told", "use")  # of what does not exist yet there is nothing to tell

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """With the secrets, which the list and the form tell of."""
        return super().get_queryset(request).prefetch_related("secrets")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Without what is told of a row that does not exist yet."""
        return [name for name in self.fields if obj or name not in self.shown_once_added]

    @admin.display(description="origin")
    def origin(self, asset: Asset) -> str:
        """Who brought it in."""
        return asset.get_found_by_display()
