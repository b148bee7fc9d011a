"""A Graph request: its path, version, parameters and token, wherever they were put."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lookups.sandbox import refusals

USABLE = tuple(f"v{number}.0" for number in range(21, 27))
EXPIRED = tuple(f"v{major}.{minor}" for major in range(1, 21) for minor in range(13))


@dataclass(frozen=True)
class Request:
    """One question, from HTTP or from an item of a batch. Parameters are text; `batch` may be a list."""

    method: str
    path: tuple[str, ...]
    version: str
    params: dict[str, Any]
    host: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The access token, from the parameters or the Authorization header; parameters win."""
        given = self.params.get("access_token")
        if given:
            return str(given)
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() in ("bearer", "oauth") else ""

    def text(self, name: str) -> str:
        """A parameter as text; a number is taken as its digits."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else str(value)


def read(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """Make a request of an HTTP message; raises Refusal for a version that was never released."""
    parts = urlsplit(target)
    params: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    params |= _body_params(headers.get("content-type", ""), body)
    override = params.get("method")
    if method == "POST" and isinstance(override, str) and override:
        method = override.upper()
    version, path = split_version(parts.path)
    return Request(method, path, version, params, headers.get("host", ""), headers)


def split_version(path: str) -> tuple[str, tuple[str, ...]]:
    """Give the version that serves a path, and its components; an end slash means nothing.

    Without a version, or with one that has ended, the oldest usable one serves.
    """
    components = tuple(unquote(part) for part in path.split("/") if part)
    if not components or not components[0].startswith("v") or not components[0][1:2].isdigit():
        return USABLE[0], components
    if components[0] in USABLE:
        return components[0], components[1:]
    if components[0] in EXPIRED:
        return USABLE[0], components[1:]
    raise refusals.unknown_path(f"/{components[0]}")


def _body_params(content_type: str, body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    if "json" in content_type:
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
