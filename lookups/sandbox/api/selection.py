"""Keeping the fields that a question chose, of a row or a node; and what Graph calls the types of objects."""

from collections.abc import Sequence
from typing import Any

from lookups.sandbox.api.fields import Field
from lookups.sandbox.world import refusals

OWNER = ("owner_business", "business")
NODE_TYPES = {"app": "Application", "page": "Page"}
ROW_TYPES = {"app": "UserIDForApp", "page": "UserIDForPage"}
# Fields that an object may have: asking for one that this object lacks is no error.
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


def select(
    row: dict[str, Any], chosen: Sequence[Field] | None, node_type: str, *, or_id: bool = False
) -> dict[str, Any]:
    """Keep the chosen fields of an object in the object's own order, and always `id`. Raises Refusal.

    Without chosen fields the whole object is kept, or with `or_id` its ID alone.
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
