"""The admin site: what every page of it shows, and what it does not serve."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse
from unfold.sites import UnfoldAdminSite

from businesses.access import Action, visible
from lookups.models import PolicyReview


class IdlinkSite(UnfoldAdminSite):
    """Unfold's site, starting at *Find a person*, with a banner for each open review."""

    index_title = "Find a person"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Start where the work starts."""
        return HttpResponseRedirect(reverse("find"))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the open reviews of the user's businesses."""
        context = super().each_context(request)
        reviews = PolicyReview.objects.filter(closed_at=None).select_related("business")
        context["open_reviews"] = visible(reviews, request.user, Action.VIEW)
        return context

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out the `/r/` short cut: it would tell that another business's row exists."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]
