"""*Find apps and Pages*: a user pastes a token once, sees what the business has, and adds it.

The token is a system user's or a user's. Between the two steps it travels in the form, sealed for this user and this
business, for ten minutes. A second paste would tempt users to keep the token in a file, and the session would store it.
"""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from businesses.access import Action
from businesses.admin.secret_field import SecretField
from businesses.models import Business
from businesses.secrets import SecretUnreadable, seal, unseal
from lookups.admin.tokens.chosen_business import business_for
from lookups.asking.resolver import graph_client
from lookups.graph import GraphError
from lookups.tasks import check_soon
from lookups.tokens.adding import Added, add_chosen
from lookups.tokens.candidates import candidates_in, stored_in
from lookups.tokens.discovery import AssetsSeen, Relation, assets_seen_by
from lookups.tokens.ownership import note_lists

VALID_FOR = timedelta(minutes=10)


class PasteForm(forms.Form):
    """The form for the pasted token."""

    token = SecretField(label="Access token")


@method_decorator(sensitive_post_parameters("token", "sealed"), name="dispatch")
class FindAssetsView(View):
    """GET shows the form; POST reads from Graph, and with `add` stores the ticked assets."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the form."""
        return _page(request, business_for(request, pk, Action.MANAGE), PasteForm())

    @sensitive_variables()
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask Graph with the pasted token; with `add`, store the ticked assets."""
        business = business_for(request, pk, Action.MANAGE)
        adds = "add" in request.POST
        form = PasteForm() if adds else PasteForm(request.POST)
        if not adds and not form.is_valid():
            return _page(request, business, form, status=400)
        token = _opened(request, business) if adds else form.cleaned_data["token"]
        if not token:
            return _page(request, business, form, error="Too much time has passed. Paste the token again.", status=400)
        seen, error = _read(business, token)
        if seen is None:
            return _page(request, business, form, error=error, status=409)
        _note_owners(seen, business)
        if adds:
            return self._add(request, business, seen)
        found = candidates_in(seen, business)
        shown: dict[str, Any] = {"found": found, "can_add": any(one.may_be_added or one.token_fits for one in found)}
        return _page(request, business, form, seen=seen, sealed=_sealed(request, business, token), **shown)

    def _add(self, request: HttpRequest, business: Business, seen: AssetsSeen) -> HttpResponse:
        chosen, wants_tokens = request.POST.getlist("chosen"), request.POST.get("tokens") == "yes"
        with transaction.atomic():
            added = add_chosen(seen, business, chosen, tokens=wants_tokens, by=request.user.pk)
            transaction.on_commit(lambda: _have_checked(added))
        _note_owners(seen, business)
        messages.success(request, _words(added))
        return HttpResponseRedirect(reverse("admin:businesses_business_change", args=[business.pk]))


def _read(business: Business, token: str) -> tuple[AssetsSeen | None, str]:
    error = ""
    try:
        return assets_seen_by(graph_client(), business, token), ""
    except GraphError as failure:
        error = f"Graph gives nothing for this token: {failure.message}"
    return None, error


def _note_owners(seen: AssetsSeen, business: Business) -> None:
    """Store what Graph's lists say about the owners of stored assets, whether or not any are added."""
    owned = stored_in(seen, business, Relation.OWNED)
    client = stored_in(seen, business, Relation.CLIENT)
    note_lists(business, owned=owned, client=client, now=timezone.now())


def _sealed(request: HttpRequest, business: Business, token: str) -> str:
    until = (timezone.now() + VALID_FOR).timestamp()
    return seal(json.dumps([until, token]), bound_to=_bound_to(request, business))


def _opened(request: HttpRequest, business: Business) -> str:
    """Give the token from the form; empty if its seal is foreign, for another user or business, or too old."""
    until, token = 0.0, ""
    try:
        until, token = json.loads(unseal(request.POST.get("sealed", ""), bound_to=_bound_to(request, business)))
    except (SecretUnreadable, ValueError):
        token = ""
    return token if timezone.now().timestamp() < until else ""


def _bound_to(request: HttpRequest, business: Business) -> str:
    return f"found_assets:{request.user.pk}:{business.pk}"


def _have_checked(added: Added) -> None:
    for token_pk in added.tokens:
        check_soon(token_pk, by_hand=True)


def _words(added: Added) -> str:
    if not (added.apps or added.pages or added.tokens):
        return "Nothing new was added."
    parts = ((added.apps, "app"), (added.pages, "Page"), (len(added.tokens), "page access token"))
    named = [f"{count} {word}{'s' if count > 1 else ''}" for count, word in parts if count]
    return f"Added: {', '.join(named)}. Tokens are being checked; apps still need their secret and an app access token."


def _page(request: HttpRequest, business: Business, form: Any, *, status: int = 200, **shown: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Find apps and Pages of {business}",
        "business": business,
        "form": form,
        **shown,
    }
    return render(request, "lookups/find_assets.html", context, status=status)
