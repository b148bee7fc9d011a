"""Which of our apps and Pages the rows of answers belong to; adds those nobody had typed in."""

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

    Graph names only assets of the asking business, so an unknown one is added to it, marked as found. One that
    Graph says another business here owns is never used: no link may join two businesses. Nor is one that another
    business owns by Graph's own word (`not_owned`), nor one that we know to be of the other kind: a Page among
    apps, or an app among Pages.
    """

    def __init__(self, business: Business, named: Mapping[AssetKind, Mapping[str, Named]]) -> None:
        """`named` are the assets that rows named, by kind and Graph ID."""
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
    """Give those that Graph has confirmed for another business here: a mere claim of it counts for nothing."""
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
