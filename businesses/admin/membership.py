"""The admin page of memberships: for superusers only, so that no user can promote himself."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from businesses.access import runs_idlink
from businesses.admin.scoped import ScopedAdmin
from businesses.models import Membership


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    """Changelist and form of memberships."""

    nothing_yet = (
        "Nobody is a member of a business yet. Add a user to a business with a role; until then only superusers see it."
    )
    list_display = ["user", "business", "role"]
    own_filters = ["business"]
    list_filter = ["role"]
    search_fields = ["user__username"]
    list_select_related = ["user", "business"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return runs_idlink(request.user)

    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return self.has_view_permission(request)
