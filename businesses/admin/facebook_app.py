"""Apps: name, ID, and the first secret, write-only."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from businesses.admin.asset import AssetAdmin
from businesses.admin.secret_field import SecretField
from businesses.models import FacebookApp, SecretRole


class FacebookAppForm(forms.ModelForm):
    """An app, and its first secret if one is given."""

    app_secret = SecretField(
        required=False,
        help_text="App settings > Basic > App secret. Stored encrypted and never shown again.",
    )

    class Meta:
        model = FacebookApp
        fields = ["business", "graph_id", "name", "daily_people"]
        labels = {"graph_id": "App ID", "daily_people": "Daily users"}
        help_texts = {
            "daily_people": "People who use the app in a day: Graph allows 200 calls an hour for each of them. "
            "Leave it empty if you don't know; usage that Graph reports goes before.",
        }


@admin.register(FacebookApp)
@method_decorator(sensitive_post_parameters("app_secret"), name="changeform_view")
class FacebookAppAdmin(AssetAdmin):
    """Changelist and form of apps."""

    form = FacebookAppForm
    nothing_yet = (
        "No apps yet. Add each app of your business with its app ID and secret, or find them on the business's page."
    )
    list_display = ["name", "app_id", "business", "secret_state", "owner", "origin", "use"]
    own_filters = ["business"]
    search_help_text = "Name, or the whole app ID"
    list_select_related = ["business"]
    readonly_fields = ["secret_state", "owner_told", "origin", "use"]
    change_form_outer_before_template = "businesses/app_notice.html"
    shown_once_added = ("secret_state", "owner_told", "origin", "use")
    fields = [
        "business",
        "graph_id",
        "name",
        "app_secret",
        "secret_state",
        "daily_people",
        "owner_told",
        "origin",
        "use",
    ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Leave out the secret's field for viewers, and if the app has a secret: a new one has to be tried first."""
        hides_secret = not self.has_change_permission(request, obj) or (obj and obj.secret)
        return [name for name in super().get_fields(request, obj) if name != "app_secret" or not hides_secret]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Give the form the secret that waits to be tried, for its notice."""
        app = kwargs.get("obj")
        context["next_secret"] = app.secret_in_role(SecretRole.WAITING) if app else None
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: FacebookApp, form: Any, change: bool) -> None:
        """Write only the fields that were entered: Graph may have named an owner since the form was opened."""
        entered = [name for name in form.changed_data if name != "app_secret"]
        obj.save(update_fields=entered if change else None)
        if secret := form.cleaned_data.get("app_secret"):
            obj.set_secret(secret)
        elif request.POST.get("app_secret"):  # the form was opened before the app had a secret
            messages.warning(request, "The app has a secret by now, so the one you entered was not taken: rotate it.")

    @admin.display(description="app ID", ordering="graph_id")
    def app_id(self, app: FacebookApp) -> str:
        """Graph's ID of the app."""
        return app.graph_id

    @admin.display(description="app secret")
    def secret_state(self, app: FacebookApp) -> str:
        """The secret's fingerprint."""
        return f"stored, fingerprint {app.secret.fingerprint}" if app.secret else "not set"
