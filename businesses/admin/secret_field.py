"""The form field for secrets: it never shows an entered secret, not even after an error elsewhere in the form."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget

MAX_LENGTH = 4000


class SecretField(forms.CharField):
    """A token or app secret: one run of printable ASCII without blanks."""

    def __init__(self, **kwargs: Any) -> None:
        widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", "spellcheck": "false"})
        widget.render_value = False
        super().__init__(widget=widget, strip=True, **kwargs)

    def clean(self, value: Any) -> str:
        """Refuse a text that can't be a secret, without repeating it."""
        secret = super().clean(value)
        if len(secret) > MAX_LENGTH:
            raise forms.ValidationError(f"This is too long for a token or secret ({len(secret)} characters).")
        if secret and not all("!" <= character <= "~" for character in secret):
            raise forms.ValidationError(
                "A token or secret is one run of letters, digits and signs without blanks. Copy it again."
            )
        return secret
