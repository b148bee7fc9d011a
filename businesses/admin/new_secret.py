"""The form for an app's new secret."""

from typing import Any

from django import forms

from businesses.admin.secret_field import SecretField
from businesses.models import FacebookApp
from businesses.secrets import fingerprint


class NewSecretForm(forms.Form):
    """The new secret, write-only."""

    secret = SecretField(label="New app secret", help_text="Stored encrypted and never shown again.")

    def __init__(self, app: FacebookApp, *args: Any) -> None:
        super().__init__(*args)
        self._app = app

    def clean_secret(self) -> str:
        """Refuse a secret that is not new."""
        secret: str = self.cleaned_data["secret"]
        if "|" in secret:
            raise forms.ValidationError("This is an app access token. Enter the secret alone, without the app's ID.")
        present = self._app.secret
        if present and fingerprint(secret) == present.fingerprint:
            raise forms.ValidationError("This is the secret that is in use already. Copy the new one from Meta.")
        return secret
