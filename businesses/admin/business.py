"""Businesses, and the policy each must have confirmed before its first lookup."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from businesses.access import Action, may, runs_idlink
from businesses.admin.scoped import ScopedAdmin
from businesses.models import Business


@admin.register(Business)
class BusinessAdmin(ScopedAdmin):
    """Changelist and form of businesses, and the page on which the policy is confirmed."""

    nothing_yet = "You are not a member of any business here. Ask whoever runs idlink to add you under Memberships."
    list_display = ["name", "graph_id", "policy_state", "read_names"]
    search_fields = ["name", "=graph_id"]
    settled_once_added = ["graph_id"]
    readonly_fields = ["policy_state"]
    fields = ["name", "graph_id", "read_names", "profile_days", "refresh_days", "refreshes", "policy_state"]
    change_form_outer_before_template = "businesses/policy_notice.html"

    @admin.display(description="Meta's policy")
    def policy_state(self, business: Business) -> str:
        """Who confirmed the policy, and when."""
        if not business.policy_confirmed_at:
            return "not confirmed: nothing can be looked up yet"
        by = business.policy_confirmed_by or "a former user"
        return f"confirmed on {business.policy_confirmed_at:%d %B %Y, %H:%M} UTC by {by}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers only: a new business has no admin yet."""
        return runs_idlink(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers only, and only while no other row belongs to the business."""
        return runs_idlink(request.user)

    def get_urls(self) -> list[URLPattern]:
        """Add the policy page to the usual pages."""
        view = self.admin_site.admin_view(self.policy_view)
        return [path("<int:pk>/policy/", view, name="businesses_business_policy"), *super().get_urls()]

    def policy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the policy; on POST, record for good that the business keeps it."""
        business = self.get_queryset(request).filter(pk=pk).first()
        if business is None or not may(request.user, Action.MANAGE, business):
            raise Http404
        error = ""
        if request.method == "POST":
            if request.POST.get("confirmed") == "yes":
                business.confirm_policy(by=request.user, at=timezone.now())
                messages.success(request, f"The policy is confirmed for {business}. Lookups can start.")
                return HttpResponseRedirect(reverse("admin:businesses_business_change", args=[pk]))
            error = "Tick the box to confirm; without it nothing can be looked up."
        context = {
            **self.admin_site.each_context(request),
            "title": f"Meta's policy: {business}",
            "business": business,
            "refused": [f"“{asset}”" for asset in business.assets_by_owner if asset.is_not_ours],
            "error": error,
        }
        return render(request, "businesses/policy.html", context)
