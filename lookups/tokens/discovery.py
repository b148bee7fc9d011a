"""Reads from Graph which apps and Pages a business has, with a token that a person pastes once.

idlink uses the token at once and stores it nowhere.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.db.models import TextChoices

from businesses.credentials import AppKey, app_keys
from businesses.models import Asset, AssetKind, Business, FacebookApp, SecretRole
from lookups.graph import Asker, GraphClient, GraphError, ListedAsset, apps_and_pages, name_of_me

MOST_SECONDS = 25  # a browser waits for the answer
MOST_APPS_ASKED = 20  # about whether they made the token
_LISTS = {AssetKind.APP: "apps", AssetKind.PAGE: "pages"}


class Relation(TextChoices):
    """What the business is to an app or a Page."""

    OWNED = "owned", "owned by the business"
    CLIENT = "client", "only shared with the business"
    SEEN = "seen", "managed by whoever the token is of; not among what the business owns"


@dataclass
class AssetsSeen:
    """All that Graph answered; `troubles` say which lists could not be read, and why."""

    me: str = ""
    maker: Asset | None = None
    owned: dict[AssetKind, list[ListedAsset]] = field(default_factory=dict)
    client: dict[AssetKind, list[ListedAsset]] = field(default_factory=dict)
    accounts: list[ListedAsset] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> Mapping[str, str]:
        """The page access tokens that Graph gave, by Page."""
        return {row.id: row.token for row in self.accounts if row.token}

    def relations(self) -> Iterator[tuple[AssetKind, ListedAsset, Relation]]:
        """Give every app and Page once: first the owned ones, then the shared, then the merely seen."""
        seen: set[str] = set()
        for lists, relation in (
            (self.owned, Relation.OWNED),
            (self.client, Relation.CLIENT),
            ({AssetKind.PAGE: self.accounts}, Relation.SEEN),
        ):
            for kind, rows in lists.items():
                new = {row.id: row for row in rows if row.id not in seen}
                seen |= new.keys()
                yield from ((kind, row, relation) for row in new.values())


def assets_seen_by(client: GraphClient, business: Business, token: str) -> AssetsSeen:
    """Read all that the token shows of the business; raises GraphError if it shows nothing at all."""
    maker, secret = _maker(client, business, token)
    asker = Asker(token, secret, until=time.monotonic() + MOST_SECONDS)
    seen = AssetsSeen(me=name_of_me(client, asker), maker=maker)
    for kind, plural in _LISTS.items():
        seen.owned[kind] = _read(client, f"{business.graph_id}/owned_{plural}", asker, seen)
        seen.client[kind] = _read(client, f"{business.graph_id}/client_{plural}", asker, seen)
    seen.accounts = _read(client, "me/accounts", asker, seen, tokens=True)
    return seen


def _read(client: GraphClient, path: str, asker: Asker, seen: AssetsSeen, *, tokens: bool = False) -> list[ListedAsset]:
    failure = None
    try:
        return apps_and_pages(client, path, asker, tokens=tokens)
    except GraphError as error:
        failure = error
    seen.troubles.append(f"{path.partition('/')[2].replace('_', ' ')}: {failure.message}")
    return []


def _maker(client: GraphClient, business: Business, token: str) -> tuple[Asset | None, str]:
    """Find the app of the business that made the token, and that app's secret.

    Each app is tried: Graph lets only the maker ask what a token is.
    """
    apps = FacebookApp.objects.filter(business=business, secrets__role=SecretRole.IN_USE).prefetch_related("secrets")
    for app, key in islice(app_keys(apps), MOST_APPS_ASKED):
        if _has_made(client, app, key, token):
            return app, key.app_secret
    return None, ""


def _has_made(client: GraphClient, app: Asset, key: AppKey, token: str) -> bool:
    app_id = ""
    try:
        app_id = client.describe_token(token, key.token, app_secret=key.app_secret).app_id
    except GraphError:
        app_id = ""  # another app made the token, or none did
    return app_id == app.graph_id
