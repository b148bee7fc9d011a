"""The kinds of asset there are: the one place that says what each is called. A third kind is one more row here."""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class _Words:
    """What goes by another name from kind to kind."""

    scoped_id: str
    token: str
    plural: str
    signs_itself: bool  # whether its own secret signs its calls; else that of the app which manages it


class AssetKind(models.TextChoices):
    """What a business owns: its values are those by which Graph's rows and filters name the kinds."""

    APP = "app", "app"
    PAGE = "page", "Page"

    @property
    def scoped_id(self) -> str:
        """What an ID is called that an asset of this kind knows a person by."""
        return _WORDS[self].scoped_id

    @property
    def token(self) -> str:
        """What the token is called with which an asset of this kind is asked."""
        return _WORDS[self].token

    @property
    def plural(self) -> str:
        """Several of them, as the heading of a column or a group says it."""
        return _WORDS[self].plural

    @property
    def signs_itself(self) -> bool:
        """Whether its own secret signs its calls; else that of the app which manages it."""
        return _WORDS[self].signs_itself


_WORDS = {
    AssetKind.APP: _Words("ASID", "app access token", "Apps", signs_itself=True),
    AssetKind.PAGE: _Words("PSID", "page access token", "Pages", signs_itself=False),
}
