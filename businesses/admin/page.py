"""Pages, and the app that manages each."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from businesses.admin.asset import AssetAdmin
from businesses.models import Page


class PageForm(forms.ModelForm):
    """A Page, and the app that manages it."""

    class Meta:
        model = Page
        fields = ["business", "graph_id", "name", "managed_by", "daily_people"]
        labels = {"graph_id": "Page ID", "daily_people": "Engaged users"}
        help_texts = {
            "daily_people": "People who engaged with the Page in the last 24 hours: Graph allows 200 calls a day for "
            "each of them. Leave it empty if you don't know; usage that Graph reports goes before.",
        }


@admin.register(Page)
class PageAdmin(AssetAdmin):
    """Changelist and form of Pages."""

    form = PageForm
    nothing_yet = (
        "No Pages yet. Add each Page with a bot and the app that manages it, or find them on the business's page."
    )
    list_display = ["name", "page_id", "business", "managed_by", "owner", "origin", "use"]
    own_filters = ["business", "managed_by"]
    search_help_text = "Name, or the whole Page ID"
    list_select_related = ["business", "managed_by"]
    readonly_fields = ["owner_told", "use"]
    fields = ["business", "graph_id", "name", "managed_by", "daily_people", "owner_told", "use"]

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        """Write only the fields that were entered: Graph may have named an owner since the form was opened."""
        obj.save(update_fields=form.changed_data if change else None)

    @admin.display(description="Page ID", ordering="graph_id")
    def page_id(self, page: Page) -> str:
        """Graph's ID of the Page."""
        return page.graph_id
