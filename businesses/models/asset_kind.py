"""The kinds of asset and the words for each. A third kind would be added here."""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class _Words:
    """The words and facts that differ between kinds."""

    scoped_id: str
    token: str
    plural: str
    signs_itself: bool  # whether the asset's own secret signs its calls, not the managing app's


class AssetKind(models.TextChoices):
    """A kind of asset; the values are Graph's names for the kinds, in rows and filters."""

    APP = "app", "app"
    PAGE = "page", "Page"

    @property
    def scoped_id(self) -> str:
        """The name of the ID by which an asset of this kind knows a person."""
        return _WORDS[self].scoped_id

    @property
    def token(self) -> str:
        """The name of the token for questions about an asset of this kind."""
        return _WORDS[self].token

    @property
    def plural(self) -> str:
        """The plural, for the headings of columns and groups."""
        return _WORDS[self].plural

    @property
    def signs_itself(self) -> bool:
        """Whether the asset's own secret signs its calls, and not the secret of the app that manages it."""
        return _WORDS[self].signs_itself


_WORDS = {
    AssetKind.APP: _Words("ASID", "app access token", "Apps", signs_itself=True),
    AssetKind.PAGE: _Words("PSID", "page access token", "Pages", signs_itself=False),
}
