"""Acts on several rows of a list at once: keys that no row can have are refused in words, not by an error page."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from businesses.row_keys import is_row_key


class BulkActs(ModelAdmin):
    """A list whose acts take only keys."""

    def response_action(self, request: HttpRequest, queryset: "QuerySet[Any]", *more: Any) -> HttpResponse | None:
        """Do an act on the chosen rows; do nothing if one of them can't be a row."""
        if not all(map(is_row_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            messages.error(request, "One of the chosen rows does not exist. Nothing was done; choose again.")
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset, *more)
