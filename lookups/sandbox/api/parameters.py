"""The parameters of a request, from its query or its body: a form, a form in parts (multipart), or JSON."""

import json
from email import message_from_bytes
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

_LISTS = ("fields", "ids")


def body_params(content_type: str, body: bytes) -> dict[str, Any]:
    """Read the parameters of a body; a body that can't be read has none. JSON's `batch` stays a list."""
    if not body:
        return {}
    if "json" in content_type:
        return _of_json(body)
    if content_type.lower().startswith("multipart/form-data"):
        return _of_parts(content_type, body)
    return _named(body.decode("utf-8", "replace"))


def query_params(query: str) -> dict[str, Any]:
    """Read the parameters of a query."""
    return dict(_kept(query)) if query else {}


@lru_cache(maxsize=256)  # the items of a batch mostly ask for the same
def _kept(query: str) -> dict[str, Any]:
    return _named(query)


def _named(form: str) -> dict[str, Any]:
    return {name: listed(name, value) for name, value in parse_qsl(form, keep_blank_values=True)}


def encodable(text: str) -> str:
    """Replace lone surrogates: JSON may contain them, and UTF-8 can't express them."""
    return text.encode("utf-8", "replace").decode()


def listed(name: str, value: str) -> str:
    """Give the list `id,name` also where a client wrote it as JSON: `["id","name"]`."""
    if name not in _LISTS or not value.startswith("["):
        return value
    try:
        parts = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return encodable(",".join(map(str, parts)))


def _of_json(body: bytes) -> dict[str, Any]:
    try:
        params = json.loads(body)
        return {encodable(name): _as_text(name, value) for name, value in params.items() if value is not None}
    except (ValueError, AttributeError, RecursionError):  # no JSON, no object, nested too deep
        return {}


def _as_text(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return listed(name, encodable(value))
    return value if name == "batch" else listed(name, json.dumps(value))


def _of_parts(content_type: str, body: bytes) -> dict[str, Any]:
    """Read a form in parts. Files are left out: no question here takes one."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    params: dict[str, Any] = {}
    for part in message_from_bytes(head + body).walk():
        name = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes) and part.get_filename() is None:
            params[encodable(name)] = listed(name, encodable(value.decode("utf-8", "replace")))
    return params
