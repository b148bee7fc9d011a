"""A Facebook Page with a bot in Messenger: the scope of a PSID."""

from typing import Any

from businesses.models.asset import Asset, OfOneKind
from businesses.models.asset_kind import AssetKind


class Page(Asset):
    """An asset whose calls are signed with the secret of the app that manages it."""

    of_kind = AssetKind.PAGE
    objects = OfOneKind()  # type: ignore[assignment,misc]  # the same table, narrowed

    class Meta:
        proxy = True
        verbose_name = "Page"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("kind", self.of_kind)
        super().__init__(*args, **kwargs)
