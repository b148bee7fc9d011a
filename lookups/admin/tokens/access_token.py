"""Access tokens: users add and delete them, and see their fingerprints; nobody can read or change a stored one."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from businesses.admin.scoped import ScopedAdmin
from businesses.admin.secret_field import SecretField
from businesses.models import AccessToken, Asset, AssetKind
from lookups.admin.tokens.token_pages import TokenPages
from lookups.tasks import check_soon
from lookups.templatetags.idlink import moment
from lookups.tokens.health import health_of


class _ByKind(ModelChoiceIterator):
    """The choices of apps and Pages, grouped by kind."""

    def __iter__(self) -> Iterator[Any]:
        """Give the empty choice, then the groups that are not empty."""
        yield "", self.field.empty_label
        assets = list(self.queryset)
        for kind in AssetKind:
            group = [self.choice(asset) for asset in assets if asset.kind == kind]
            if group:
                yield kind.plural, group


class AssetChoiceField(forms.ModelChoiceField):
    """The choice of an app or a Page."""

    iterator = _ByKind


class AccessTokenForm(forms.ModelForm):
    """The form that adds a token of one app or Page."""

    token = SecretField(
        help_text="Stored encrypted and never shown again. An app access token is what Graph's "
        "oauth/access_token gives, or the app's ID and secret joined by a bar: ID|secret."
    )

    class Meta:
        model = AccessToken
        fields = ["business", "asset"]

    def clean(self) -> dict[str, Any]:
        """Refuse a token that names another app than the one chosen."""
        data = super().clean() or self.cleaned_data
        named, asset = re.match(r"([0-9]{1,32})\|", data.get("token", "")), data.get("asset")
        if named and asset:
            self._check_app(named[1], asset)
        return data

    def _check_app(self, named: str, asset: Asset) -> None:
        kind = asset.kind_of
        if kind != AssetKind.APP:
            self.add_error("token", f"This is an app access token; a {kind.label} needs its {kind.token}.")
        elif named != asset.graph_id:
            self.add_error("token", f"This is a token of the app {named}, not of “{asset}” ({asset.graph_id}).")

    def save(self, commit: bool = True) -> AccessToken:
        """Seal the token for the chosen app or Page."""
        token: AccessToken = super().save(commit=False)
        token.set_value(self.cleaned_data["token"])
        if commit:
            token.save()
        return token


@admin.register(AccessToken)
@method_decorator(sensitive_post_parameters("token"), name="changeform_view")
class AccessTokenAdmin(TokenPages, ScopedAdmin):
    """Changelist of tokens and the form that adds one."""

    form = AccessTokenForm
    nothing_yet = "No access tokens yet. Each app and each Page needs one before its IDs can be asked about."
    list_display = ["asset_name", "kind", "business", "name_of_token", "state", "added", "used"]
    own_filters = ["business"]
    search_fields = ["asset__name"]
    list_select_related = ["business", "asset", "last_check"]
    sortable_by = ["business", "added", "used"]

    fields = ["business", "asset", "token"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow nobody: users replace a token by a newer one."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer apps and Pages in groups."""
        if db_field.name == "asset":
            kwargs["form_class"] = AssetChoiceField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: AccessToken, form: Any, change: bool) -> None:
        """Save the token and who added it, and have it checked."""
        obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: check_soon(obj.pk, by_hand=True))

    def response_add(self, request: HttpRequest, obj: AccessToken, post_url_continue: Any = None) -> HttpResponse:
        """Lead to the token's page, where its check shows."""
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return HttpResponseRedirect(self.page_while_checked(obj))

    @admin.display(description="app or Page")
    def asset_name(self, token: AccessToken) -> str:
        """The token's app or Page."""
        return str(token.asset)

    @admin.display(description="fingerprint")
    def name_of_token(self, token: AccessToken) -> str:
        """The token's name here; it shows no part of the token."""
        return token.fingerprint

    @admin.display(description="added", ordering="created_at")
    def added(self, token: AccessToken) -> str:
        """When it was saved, in the reader's zone."""
        return moment(token.created_at)

    @admin.display(description="last used", ordering="last_check__last_used_at")
    def used(self, token: AccessToken) -> str:
        """When a call with it was last answered."""
        return moment(token.last_check.last_used_at)

    @admin.display(description="state")
    def state(self, token: AccessToken) -> str:
        """The token's state, by its last check and its last call."""
        return health_of(token, timezone.now()).words
