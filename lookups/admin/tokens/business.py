"""A business's pages about Graph: preflight, owners, and finding its apps and Pages."""

from functools import partial

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views import View

from businesses.access import Action
from businesses.admin.business import BusinessAdmin
from businesses.models import Business
from lookups.admin.tokens.chosen_business import business_for
from lookups.admin.tokens.find_assets import FindAssetsView
from lookups.admin.tokens.preflight_page import PreflightsView, PreflightView, TestCallView
from lookups.tasks import check_owner_soon

admin.site.unregister(Business)


class OwnersView(View):
    """Ask Graph anew who owns each app and Page of a business."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a worker ask about all of them."""
        business = business_for(request, pk, Action.MANAGE)
        for asset_pk in business.assets.values_list("pk", flat=True):
            transaction.on_commit(partial(check_owner_soon, asset_pk))
        messages.info(request, "Graph is being asked. Load this page again in a moment to see what it says.")
        return HttpResponseRedirect(reverse("admin:businesses_business_change", args=[pk]))


@admin.register(Business)
class BusinessPagesAdmin(BusinessAdmin):
    """The admin of businesses, with these pages."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of preflight, its test call, owners, and *Find apps and Pages*."""
        view = self.admin_site.admin_view
        return [
            path("preflight/", view(PreflightsView.as_view()), name="businesses_business_preflights"),
            path("<int:pk>/preflight/", view(PreflightView.as_view()), name="businesses_business_preflight"),
            path("<int:pk>/preflight/test/", view(TestCallView.as_view()), name="businesses_business_testcall"),
            path("<int:pk>/owners/", view(OwnersView.as_view()), name="businesses_business_owners"),
            path("<int:pk>/find/", view(FindAssetsView.as_view()), name="businesses_business_find"),
            *super().get_urls(),
        ]
