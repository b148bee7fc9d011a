"""Access tokens: added, shown by fingerprint, deleted; never read back and never changed."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from businesses.admin.scoped import ScopedAdmin
from businesses.admin.secret_field import SecretField
from businesses.models import AccessToken
from lookups.admin.tokens.token_pages import TokenPages
from lookups.tasks import check_soon
from lookups.templatetags.idlink import moment
from lookups.tokens.health import health_of


class AccessTokenForm(forms.ModelForm):
    """A token of one app or one Page."""

    token = SecretField(
        help_text="Stored encrypted and never shown again. An app access token is what Graph's "
        "oauth/access_token gives, or the app's ID and secret joined by a bar: ID|secret."
    )

    class Meta:
        model = AccessToken
        fields = ["business", "app", "page"]

    def clean(self) -> dict[str, Any]:
        """Refuse a token that names another app than the one chosen."""
        data = super().clean() or self.cleaned_data
        named = re.match(r"([0-9]{1,32})\|", data.get("token", ""))
        app = data.get("app")
        if named and app and named[1] != app.app_id:
            self.add_error("token", f"This is a token of the app {named[1]}, not of “{app}” ({app.app_id}).")
        if named and data.get("page"):
            self.add_error("token", "This is an app access token; a Page needs its page access token.")
        return data

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
    search_fields = ["app__name", "page__name"]
    list_select_related = ["business", "app", "page"]
    sortable_by = ["business", "added", "used"]

    fields = ["business", "app", "page", "token"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tokens are replaced by newer ones, not changed."""
        return False

    def save_model(self, request: HttpRequest, obj: AccessToken, form: Any, change: bool) -> None:
        """Note who added it, and have it checked."""
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
        """Whose token it is."""
        return str(token.asset)

    @admin.display(description="fingerprint")
    def name_of_token(self, token: AccessToken) -> str:
        """What the token is called here; no part of the token itself."""
        return token.fingerprint

    @admin.display(description="added", ordering="created_at")
    def added(self, token: AccessToken) -> str:
        """When it was saved, in the reader's zone."""
        return moment(token.created_at)

    @admin.display(description="last used", ordering="last_used_at")
    def used(self, token: AccessToken) -> str:
        """When a call with it was last answered."""
        return moment(token.last_used_at)

    @admin.display(description="state")
    def state(self, token: AccessToken) -> str:
        """How it is, by its last check and its last call."""
        return health_of(token, timezone.now()).words
