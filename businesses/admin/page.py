"""Pages, and the app that manages each."""

from django.contrib import admin

from businesses.admin.scoped import ScopedAdmin
from businesses.models import Page


@admin.register(Page)
class PageAdmin(ScopedAdmin):
    """Changelist and form of Pages."""

    list_display = ["name", "page_id", "business", "managed_by", "origin"]
    own_filters = ["business", "managed_by"]
    search_fields = ["name", "=page_id"]
    search_help_text = "Name, or the whole Page ID"
    list_select_related = ["business", "managed_by"]
    settled_once_added = ["business", "page_id"]
    fields = ["business", "page_id", "name", "managed_by"]

    @admin.display(description="origin")
    def origin(self, page: Page) -> str:
        """Who brought this Page in."""
        return "found in an answer of Graph" if page.found_in_answer else "added by hand"
