"""Find the app or Page that each row of an answer belongs to; add the ones that nobody has typed in."""

from collections.abc import Mapping
from typing import Protocol

from businesses.models import Asset, AssetKind, Business, FoundBy, Ownership

LONGEST_LINK = 500


class Named(Protocol):
    """An app or a Page as a row of an answer names it."""

    @property
    def name(self) -> str:
        """Its name; may be empty."""

    @property
    def category(self) -> str:
        """Its category; may be empty."""

    @property
    def link(self) -> str:
        """Its address; may be empty."""


class AssetIndex:
    """Our apps and Pages by Graph's ID, for one business and one set of answers.

    Graph names only assets of the asking business, so an unknown asset is added to that business, marked as found.
    Three sorts of assets are never used:

    - `foreign`: Graph has confirmed that another business stored here owns it. No link may join two businesses.
    - `not_owned`: it is stored for this business, but Graph says that another business owns it.
    - `wrong_kind`: it is a Page that Graph named among apps, or an app that Graph named among Pages.
    """

    def __init__(self, business: Business, named: Mapping[AssetKind, Mapping[str, Named]]) -> None:
        """Sort the assets that the rows named; `named` holds them by kind and Graph ID."""
        seen = {graph_id for assets in named.values() for graph_id in assets}
        own = {asset.graph_id: asset for asset in Asset.objects.filter(business=business, graph_id__in=seen)}
        self._of_kind = {
            kind: {one: own[one] for one in assets if one in own and own[one].kind == kind}
            for kind, assets in named.items()
        }
        self.not_owned = {graph_id for graph_id, asset in own.items() if asset.is_not_ours}
        self.wrong_kind = {
            one for kind, assets in named.items() for one in assets if one in own and own[one].kind != kind
        }
        self.foreign = _owned_by_others(business, seen - own.keys())
        self._add_found(business, named)

    def of(self, kind: AssetKind) -> dict[str, Asset]:
        """Give the assets of one kind, by Graph ID."""
        return self._of_kind.get(kind, {})

    def _add_found(self, business: Business, named: Mapping[AssetKind, Mapping[str, Named]]) -> None:
        added: set[str] = set()
        for kind, assets in named.items():
            known = self._of_kind[kind]
            self.wrong_kind |= added & assets.keys()  # one answer gives one ID to an app and to a Page
            for graph_id in sorted(assets.keys() - known.keys() - self.foreign - self.wrong_kind):
                known[graph_id] = _found(business, kind, graph_id, assets[graph_id])
                added.add(graph_id)


def _owned_by_others(business: Business, graph_ids: set[str]) -> set[str]:
    """Give the IDs that Graph has confirmed for another business here; an unconfirmed claim does not count."""
    if not graph_ids:
        return set()
    confirmed = Asset.objects.filter(graph_id__in=graph_ids, ownership=Ownership.OWN).exclude(business=business)
    return set(confirmed.values_list("graph_id", flat=True))


def _found(business: Business, kind: AssetKind, graph_id: str, named: Named) -> Asset:
    return Asset.objects.create(
        business=business,
        kind=kind,
        graph_id=graph_id,
        name=named.name or f"{kind.label[0].upper()}{kind.label[1:]} {graph_id}",
        category=named.category,
        link=named.link[:LONGEST_LINK],
        found_by=FoundBy.ANSWER,
    )
