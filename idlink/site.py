"""The admin site: its start page, what every page shows, and the addresses it does not serve."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from businesses.access import Action, visible
from businesses.models import AccessToken
from idlink.known_device import remember_device
from lookups.models import PolicyReview
from lookups.tokens.overview import alarms

NOT_SERVED = (
    "view_on_site",  # Django's short cut `/r/` would reveal whether another business's row exists
    "search",  # Unfold's palette would put what is typed, IDs too, into the address
)


class IdlinkSite(UnfoldAdminSite):
    """Unfold's site, starting at *Find a person*, with a banner for each open review and for failing tokens."""

    index_title = "Find a person"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead from the start page to *Find a person*."""
        return HttpResponseRedirect(reverse("find"))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Log a user in; the browser is a known device of that user from then on."""
        response = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            remember_device(request, response, request.user.get_username())
        return response

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the open reviews of the user's businesses, and the tokens that this user must mend as an admin."""
        context = super().each_context(request)
        reviews = PolicyReview.objects.open().select_related("business")
        context["open_reviews"] = visible(reviews, request.user, Action.VIEW)
        tokens = visible(AccessToken.objects.all(), request.user, Action.MANAGE)
        context["token_alarms"] = alarms(tokens, timezone.now())
        return context

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Give all addresses but those of `NOT_SERVED`."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_SERVED]
