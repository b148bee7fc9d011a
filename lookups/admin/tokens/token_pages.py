"""Pages about tokens: the health of all, one token with the cause of its death, and the links that age without it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from businesses.access import Action, business_keys_of, may, visible
from businesses.admin.scoped import ScopedAdmin
from businesses.models import AccessToken, Asset, AssetKind, FacebookApp, UnsentMail
from lookups.asking.planning import plan
from lookups.models import HeldFor, Lookup, State
from lookups.models.outcomes import Edge
from lookups.tasks import check_soon
from lookups.tokens.autopsy import autopsy_of, hurt_links, in_use_instead
from lookups.tokens.health import Health, Level, health_of
from lookups.tokens.overview import TokenHealth, token_healths
from lookups.tokens.versions import version_warning

A_PAGE = 100
CHECK_TAKES_AT_MOST = timedelta(seconds=60)


class TokenPages(ScopedAdmin):
    """The pages of tokens besides the plain list and form."""

    def get_urls(self) -> list[URLPattern]:
        """Add the addresses of the health page, of a check, and of the links that depend on a token."""
        wrap = self.admin_site.admin_view
        check = wrap(method_decorator(require_POST)(type(self).check_view).__get__(self))
        return [
            path("health/", wrap(self.health_view), name="businesses_accesstoken_health"),
            path("<int:pk>/check/", check, name="businesses_accesstoken_check"),
            path("<int:pk>/links/", wrap(self.links_view), name="businesses_accesstoken_links"),
            *super().get_urls(),
        ]

    def page_while_checked(self, token: AccessToken) -> str:
        """Give the address of a token's page that waits for a check begun now."""
        address = reverse("admin:businesses_accesstoken_change", args=[token.pk])
        return f"{address}?since={timezone.now().timestamp():.3f}"

    def health_view(self, request: HttpRequest) -> HttpResponse:
        """Show all tokens of the user's businesses, and assets without one; what dies first comes first."""
        if not self.has_view_permission(request):
            raise Http404
        now, only_mine = timezone.now(), request.GET.get("show") == "mine"
        managed = set(business_keys_of(request.user, Action.MANAGE))
        assets = visible(Asset.objects.select_related("business"), request.user)
        found = token_healths(self.get_queryset(request), assets, now)
        mine = [one for one in found if one.needs_somebody and one.asset.business_id in managed]
        pages = Paginator(mine if only_mine else found, A_PAGE)
        page = pages.get_page(request.GET.get("page"))
        context = {
            "title": "Token health",
            "rows": _rows(request, list(page), managed),
            "page": page,
            "only_mine": only_mine,
            "mine": len(mine),
            "all": len(found),
            "may_add": bool(managed),
            "failing_mails": visible(UnsentMail.objects.failing(), request.user, Action.MANAGE),
            "version_warning": version_warning(self.get_queryset(request), now),
            "hides_token_alarms": True,
        }
        return render(request, "lookups/token_health.html", {**self.admin_site.each_context(request), **context})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one token; during a check the page loads its changing part again and again."""
        token = self.get_object(request, object_id)
        if token is None or not self.has_view_permission(request, token):
            raise Http404
        context = self._state(request, token)
        if request.headers.get("HX-Request"):
            return render(request, "parts/token_state.html", context)
        title = f"{token.kind[0].upper()}{token.kind[1:]} of {token.asset}"
        return render(
            request, "lookups/token.html", {**self.admin_site.each_context(request), "title": title, **context}
        )

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have one token checked now; a refused token that Graph calls valid is then used again."""
        token = self._managed(request, pk)
        transaction.on_commit(lambda: check_soon(token.pk, by_hand=True))
        return HttpResponseRedirect(self.page_while_checked(token))

    def links_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List the links that no answer confirms while the token's app or Page has no working token."""
        token = self.get_queryset(request).filter(pk=pk).first()
        if token is None:
            raise Http404
        links = hurt_links(token.asset).select_related("target__asset", "source__asset")
        page = Paginator(links.select_related("source__person").order_by("last_confirmed", "pk"), A_PAGE).get_page(
            request.GET.get("page")
        )
        context = {"title": f"Links that {token.asset} confirms", "token": token, "page": page}
        return render(request, "lookups/token_links.html", {**self.admin_site.each_context(request), **context})

    def _managed(self, request: HttpRequest, pk: int) -> AccessToken:
        token = self.get_queryset(request).filter(pk=pk).first()
        if token is None or not may(request.user, Action.MANAGE, token):
            raise Http404
        return token

    def _state(self, request: HttpRequest, token: AccessToken) -> dict[str, Any]:
        now, since = timezone.now(), _moment(request.GET.get("since", ""))
        health, instead = health_of(token, now), in_use_instead(token)
        tried_at = token.last_check.check_tried_at
        done = since is None or (tried_at is not None and tried_at >= since)
        return {
            "token": token,
            "health": health,
            "instead": instead,
            "issuer": _issuer(token, _names_of_apps(request, [token])),
            "autopsy": autopsy_of(token, now),
            "opens": _opened(token, health, instead),
            "checking": not done and now - (since or now) < CHECK_TAKES_AT_MOST,
            "late": not done and now - (since or now) >= CHECK_TAKES_AT_MOST,
            "since": request.GET.get("since", "") if since else "",
            "may_manage": may(request.user, Action.MANAGE, token),
        }


def _rows(request: HttpRequest, found: Sequence[TokenHealth], managed: set[int]) -> list[dict[str, Any]]:
    mine = business_keys_of(request.user)
    waiting = Lookup.objects.filter(state=State.HELD, held_for=HeldFor.TOKEN, business__in=mine)
    held = dict(waiting.order_by().values_list("asset").annotate(how_many=Count("pk")))
    names = _names_of_apps(request, [one.token for one in found if one.token])
    return [
        {
            "one": one,
            "issuer": _issuer(one.token, names) if one.token else "",
            "held": held.get(one.asset.pk, 0) if one.in_use else 0,
            "may_manage": one.asset.business_id in managed,
        }
        for one in found
    ]


def _names_of_apps(request: HttpRequest, tokens: Sequence[AccessToken]) -> dict[tuple[int, str], str]:
    """Give the names of the apps that made tokens, by business and Graph ID."""
    issuers = {token.last_check.issuing_app for token in tokens}
    apps = visible(FacebookApp.objects.filter(graph_id__in=issuers), request.user)
    return {(business, graph_id): name for business, graph_id, name in apps.values_list("business", "graph_id", "name")}


def _issuer(token: AccessToken, names: dict[tuple[int, str], str]) -> str:
    """Name the app that made a token; by its ID if the token's business does not have it stored."""
    return names.get((token.business_id, token.last_check.issuing_app), token.last_check.issuing_app)


def _opened(token: AccessToken, health: Health, instead: AccessToken | None) -> list[dict[str, Any]]:
    """Say for each of the guide's four lookups whether this token allows it, and if not, why."""
    found = []
    for kind in AssetKind:
        for edge in Edge:
            is_mine = token.asset.kind == kind
            why = _why_closed(token, edge, health, instead) if is_mine else f"needs {_article(kind.token)} {kind.token}"
            found.append({"kind": kind.scoped_id, "edge": edge, "open": not why, "why": why})
    return found


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _why_closed(token: AccessToken, edge: Edge, health: Health, instead: AccessToken | None) -> str:
    if health.level == Level.DEAD or token.last_check.problem:
        return health.words
    if instead:
        return f"it would, but the token {instead.fingerprint} is used"
    if token.last_check.checked_at is None:
        return "not known before the check"
    planned = plan(token.asset, edges=(edge,))
    return "" if planned.allowed else " ".join(reason.text for reason in planned.reasons)


def _moment(text: str) -> datetime | None:
    """Read when a check was begun, as `page_while_checked` writes it."""
    try:
        return datetime.fromtimestamp(float(text), tz=timezone.get_default_timezone())
    except (ValueError, OverflowError, OSError):
        return None
