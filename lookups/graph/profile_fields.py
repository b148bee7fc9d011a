"""Read what Graph tells of a person beside the links."""

from typing import Any

from lookups.graph.answers import ProfileAnswer, Receipt
from lookups.graph.errors import UnexpectedAnswer
from lookups.graph.storable import storable_text

OLDEST = 200  # years; a number beyond is no age


def read_profile(node_id: str, body: Any, receipt: Receipt) -> ProfileAnswer:
    """Read a node's profile fields; raises UnexpectedAnswer if it is no node, or another one."""
    if not isinstance(body, dict):
        raise UnexpectedAnswer("Graph's answer about a person is not an object.")
    if body.get("id", node_id) != node_id:
        raise UnexpectedAnswer("Graph's answer is not about the ID that was asked about.")
    name, age, pays = body.get("name"), body.get("age_range"), body.get("is_payment_enabled")
    return ProfileAnswer(
        node_id=node_id,
        name=(storable_text(name) or None) if isinstance(name, str) else None,
        age_range=(_age(age.get("min")), _age(age.get("max"))) if isinstance(age, dict) else None,
        is_payment_enabled=pays if isinstance(pays, bool) else None,
        receipt=receipt,
    )


def _age(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < OLDEST else None
