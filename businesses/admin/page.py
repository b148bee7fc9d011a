"""Pages, and the app that manages each."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from businesses.admin.owner import OwnerShown
from businesses.admin.scoped import ScopedAdmin
from businesses.models import Page


@admin.register(Page)
class PageAdmin(OwnerShown, ScopedAdmin):
    """Changelist and form of Pages."""

    nothing_yet = (
        "No Pages yet. Add each Page with a bot and the app that manages it, or find them on the business's page."
    )
    list_display = ["name", "page_id", "business", "managed_by", "owner", "origin"]
    own_filters = ["business", "managed_by"]
    search_fields = ["name", "=page_id"]
    search_help_text = "Name, or the whole Page ID"
    list_select_related = ["business", "managed_by"]
    settled_once_added = ["business", "page_id"]
    readonly_fields = ["owner_told"]
    fields = ["business", "page_id", "name", "managed_by", "engaged_users", "owner_told"]
    list_filter = ["ownership"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Without the owner of what does not exist yet."""
        return [name for name in self.fields if obj or name != "owner_told"]

    @admin.display(description="origin")
    def origin(self, page: Page) -> str:
        """Who brought this Page in."""
        return "found in an answer of Graph" if page.found_in_answer else "added by hand"
