"""Apps: name, ID, and the secret, write-only."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from businesses.admin.owner import OwnerShown
from businesses.admin.scoped import ScopedAdmin
from businesses.admin.secret_field import SecretField
from businesses.models import FacebookApp
from businesses.models.facebook_app import SECRET_IN_USE


class FacebookAppForm(forms.ModelForm):
    """An app, and its first secret if one is given."""

    app_secret = SecretField(
        required=False,
        help_text="App settings > Basic > App secret. Stored encrypted and never shown again.",
    )

    class Meta:
        model = FacebookApp
        fields = ["business", "app_id", "name", "daily_users"]

    def save(self, commit: bool = True) -> FacebookApp:
        """Seal the secret if one was entered."""
        app: FacebookApp = super().save(commit=False)
        if secret := self.cleaned_data.get("app_secret"):
            app.set_secret(secret)
        if commit:
            app.save()
        return app

    @property
    def columns(self) -> list[str]:
        """What of an app that is there this form writes."""
        entered = [name for name in self.changed_data if name != "app_secret"]
        return [*entered, *(SECRET_IN_USE if self.cleaned_data.get("app_secret") else ())]


@admin.register(FacebookApp)
@method_decorator(sensitive_post_parameters("app_secret"), name="changeform_view")
class FacebookAppAdmin(OwnerShown, ScopedAdmin):
    """Changelist and form of apps."""

    form = FacebookAppForm
    nothing_yet = (
        "No apps yet. Add each app of your business with its app ID and secret, or find them on the business's page."
    )
    list_display = ["name", "app_id", "business", "secret_state", "owner", "origin"]
    own_filters = ["business"]
    search_fields = ["name", "=app_id"]
    search_help_text = "Name, or the whole app ID"
    list_select_related = ["business"]
    settled_once_added = ["business", "app_id"]
    readonly_fields = ["secret_state", "owner_told", "origin"]
    list_filter = ["ownership"]
    change_form_outer_before_template = "businesses/app_notice.html"
    fields = ["business", "app_id", "name", "app_secret", "secret_state", "daily_users", "owner_told", "origin"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Without the state of what does not exist yet; without the secret's field for viewers.

        A secret that is there is not overwritten in the form: a new one must first show that it works.
        """
        hidden = set() if obj else {"secret_state", "owner_told", "origin"}
        if not self.has_change_permission(request, obj) or (obj and obj.sealed_secret):
            hidden.add("app_secret")
        return [name for name in self.fields if name not in hidden]

    def save_model(self, request: HttpRequest, obj: FacebookApp, form: Any, change: bool) -> None:
        """Write only what was entered: a secret may have been rotated, or an owner told, since the form was opened."""
        obj.save(update_fields=form.columns if change else None)

    @admin.display(description="app secret")
    def secret_state(self, app: FacebookApp) -> str:
        """The secret's fingerprint."""
        return f"stored, fingerprint {app.secret_fingerprint}" if app.sealed_secret else "not set"

    @admin.display(description="origin")
    def origin(self, app: FacebookApp) -> str:
        """Who brought this app in."""
        return "found in an answer of Graph" if app.found_in_answer else "added by hand"
