"""The rows of an edge of a person: which IDs, in which order, narrowed by which filter, on which page."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lookups.sandbox.api.edges import Edge
from lookups.sandbox.api.fields import Selection
from lookups.sandbox.api.paging import Paging
from lookups.sandbox.api.selection import OWNER, ROW_TYPES, select
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.world import refusals
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.world import World


@dataclass(frozen=True)
class EdgeRead:
    """One reading of an edge of a person.

    `asking` is the ID of the app or Page whose token asks. `params` are parameters of the request, or modifiers of
    the field. `next_base` is the URL to page on with, token included.
    """

    world: World
    switches: Switches
    person: Person
    asking: str
    edge: Edge
    params: dict[str, str]
    next_base: str

    def answer(self, chosen: Selection | None) -> dict[str, Any]:
        """Give `data`, and `paging` where there are rows; raises Refusal."""
        mark = f"{self.edge.path}/{self.person.key}"
        return Paging(self.switches, mark, self.params, self.next_base).page_of(self._rows(chosen))

    def _rows(self, chosen: Selection | None) -> list[dict[str, Any]]:
        """Give all rows, sorted by scoped ID as text, like the guide's samples. The asked ID itself is among them."""
        only, assets = self._filter(), self.world.assets
        shows_owner = any(one.chosen and any(part.name in OWNER for part in one.chosen) for one in chosen or ())
        rows = []
        for asset_id, scoped_id in sorted(self.person.ids.items(), key=lambda item: self._order_of(item[1])):
            asset = assets[asset_id]
            if self._is_ours(asset) and only in ("", asset_id) and not self._is_left_out(asset):
                shown = self._with_owner(asset, chosen) if shows_owner else _shown(asset, chosen)
                rows.append({**shown, "id": scoped_id})
        return rows

    def _is_left_out(self, asset: Asset) -> bool:
        """Tell whether a switch leaves this asset out: the asking Page itself, or a Page that another app manages."""
        if asset.kind != "page":
            return False
        asking = self.world.assets[self.asking]
        if asking.kind == "app":
            return self.switches.use_case_2 != "any_app" and asset.managed_by != asking.id
        return asset.id == asking.id and not self.switches.own_page_among_rows

    def _with_owner(self, asset: Asset, chosen: Selection | None) -> dict[str, Any]:
        row = {"id": "", asset.kind: {**self.world.owner_facts(asset), **asset.object}}
        return select(row, chosen, ROW_TYPES[asset.kind])

    def _order_of(self, scoped_id: str) -> str:
        """Give what rows are sorted by."""
        if self.switches.shuffle_rows:
            return hashlib.sha256(f"{self.edge.path}/{self.person.key}/{scoped_id}".encode()).hexdigest()
        return scoped_id

    def _filter(self) -> str:
        """Give the app or Page that the answer is narrowed to; empty for none.

        A filter by another edge's name is ignored, as Graph ignores every parameter that it does not know. But the
        guide once writes `app=` with a Page's ID for `ids_for_pages`; that is honoured where it names such a Page.
        """
        if asked := self.params.get(self.edge.filter, ""):
            if self.switches.foreign_filter_is_an_error and not self._names_ours(asked):
                raise refusals.unknown_object(asked)
            return asked
        misspelt = self.params.get(self.edge.misspelt_filter, "")
        return misspelt if self.switches.guides_page_filter and self._names_ours(misspelt) else ""

    def _names_ours(self, asset_id: str) -> bool:
        asset = self.world.assets.get(asset_id)
        return asset is not None and self._is_ours(asset)

    def _is_ours(self, asset: Asset) -> bool:
        """Tell whether an asset is of the kind that the edge gives, and of the business of the asking asset."""
        business = self.world.assets[self.asking].business_id
        return asset.kind == self.edge.gives and asset.business_id == business != ""


@lru_cache(maxsize=1024)  # the same in every row about this app or Page; nobody changes what is given here
def _shown(asset: Asset, chosen: Selection | None) -> dict[str, Any]:
    """Give a row about an app or a Page, still without the scoped ID; raises Refusal."""
    return select({"id": "", asset.kind: asset.object}, chosen, ROW_TYPES[asset.kind])
