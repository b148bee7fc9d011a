"""The edges `ids_for_apps`, `ids_for_pages` and `ids_for_business`: rows, filters, selection, paging."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lookups.sandbox.api.fields import Field, Selection
from lookups.sandbox.api.paging import Paging
from lookups.sandbox.world import refusals
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.switches import Switches
from lookups.sandbox.world.world import Asset, World

EDGES = {"ids_for_apps": "app", "ids_for_pages": "page", "ids_for_business": "app"}
OWNER = ("owner_business", "business")
NODE_TYPES = {"app": "Application", "page": "Page"}
ROW_TYPES = {"app": "UserIDForApp", "page": "UserIDForPage"}
_OPTIONAL = {
    "category",
    "link",
    "name",
    "namespace",
    "instant_game_player_id",
    "business",
    "subscribed_fields",
    "owner_business",
}


@dataclass(frozen=True)
class EdgeRead:
    """One reading of an edge of a person: by which app or Page, with which parameters or modifiers.

    `next_base` is the URL to page on with, token included.
    """

    world: World
    switches: Switches
    person: Person
    asking: str
    edge: str
    params: dict[str, str]
    next_base: str

    def answer(self, chosen: Selection | None) -> dict[str, Any]:
        """Give `data`, and `paging` where there are rows; raises Refusal."""
        mark = f"{self.edge}/{self.person.key}"
        return Paging(self.switches, mark, self.params, self.next_base).page_of(self._rows(chosen))

    @property
    def _kind(self) -> str:
        return EDGES[self.edge]

    def _rows(self, chosen: Selection | None) -> list[dict[str, Any]]:
        """All rows in the order of the guide's samples: by scoped ID, as text. The node's own is among them."""
        only, kind, assets = self._filter(), self._kind, self.world.assets
        business = assets[self.asking].business_id
        tells_owner = any(one.chosen and any(part.name in OWNER for part in one.chosen) for one in chosen or ())
        rows = []
        for scope, value in sorted(self.person.ids.items(), key=lambda item: self._place_in_order(item[1])):
            asset = assets[scope]
            hidden = scope == self.asking and kind == "page" and not self.switches.own_page_among_rows
            ours = asset.kind == kind and asset.business_id == business != ""
            if ours and only in ("", scope) and not hidden:
                shown = self._with_owner(asset, chosen) if tells_owner else _shown(asset, chosen)
                rows.append({**shown, "id": value})
        return rows

    def _with_owner(self, asset: Asset, chosen: Selection | None) -> dict[str, Any]:
        row = {"id": "", asset.kind: {**self.world.owner_facts(asset), **asset.object}}
        return select(row, chosen, ROW_TYPES[asset.kind])

    def _place_in_order(self, scoped_id: str) -> str:
        if self.switches.shuffle_rows:
            return hashlib.sha256(f"{self.edge}/{self.person.key}/{scoped_id}".encode()).hexdigest()
        return scoped_id

    def _filter(self) -> str:
        """The app or Page the answer is narrowed to, or none.

        The guide once spells the filter of ids_for_pages `app=`, with a Page's ID: honoured where it can be
        meant. Any other filter of the wrong name is ignored, as Graph ignores what it does not know.
        """
        if asked := self.params.get(self._kind, ""):
            if self.switches.foreign_filter_is_an_error and not self._is_ours(asked):
                raise refusals.unknown_object(asked)
            return asked
        misspelt = self.params.get("app", "")
        return misspelt if self.switches.guides_page_filter and self._is_ours(misspelt) else ""

    def _is_ours(self, asset_id: str) -> bool:
        asset = self.world.assets.get(asset_id)
        business = self.world.assets[self.asking].business_id
        return asset is not None and business != "" and (asset.kind, asset.business_id) == (self._kind, business)


@lru_cache(maxsize=1024)  # the same in every row that tells of this app or Page; nobody changes what is given here
def _shown(asset: Asset, chosen: Selection | None) -> dict[str, Any]:
    """Give a row that tells of an app or a Page, still without the scoped ID; raises Refusal."""
    return select({"id": "", asset.kind: asset.object}, chosen, ROW_TYPES[asset.kind])


def select(
    row: dict[str, Any], chosen: Sequence[Field] | None, node_type: str, *, or_id: bool = False
) -> dict[str, Any]:
    """Keep the chosen fields of an object, in the object's own order; `id` always. Raises Refusal.

    None chosen means all, or the ID alone.
    """
    if not chosen and not or_id:
        return row
    wanted = {one.name: one for one in chosen or ()}
    for name in wanted:
        if name not in row and name not in _OPTIONAL:
            raise refusals.no_such_field(name, node_type)
    kept = {}
    for name, value in row.items():
        if name in wanted and isinstance(value, dict):
            kept[name] = select(value, wanted[name].chosen, NODE_TYPES.get(name, "Business"))
        elif name in wanted or name == "id":
            kept[name] = value
    return kept
