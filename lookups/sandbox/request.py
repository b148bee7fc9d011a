"""A Graph request: its path, version, parameters and token, wherever they were put."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

RELEASED = (
    "1.0", *(f"2.{minor}" for minor in range(13)), "3.0", "3.1", "3.2", "3.3", *(f"{major}.0" for major in range(4, 27))
)  # fmt: skip
USABLE = tuple(f"v{number}.0" for number in range(21, 27))
EXPIRED = frozenset(f"v{number}" for number in RELEASED) - frozenset(USABLE)


@dataclass(frozen=True)
class Request:
    """One question, from HTTP or from an item of a batch. Parameters are text; `batch` may be a list.

    `version` is that which serves it, empty where one was asked for that was never released.
    """

    method: str
    path: tuple[str, ...]
    version: str
    params: dict[str, Any]
    host: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    has_version: bool = True

    @property
    def token(self) -> str:
        """The access token, from the parameters or the Authorization header; parameters win."""
        return self.text("access_token") or self.token_in_header

    @property
    def token_in_header(self) -> str:
        """The access token of the Authorization header alone."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() in ("bearer", "oauth") else ""

    def text(self, name: str) -> str:
        """Give a parameter, empty where it is missing."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else str(value)


def read(method: str, target: str, headers: dict[str, str], body: bytes, *, unversioned: str = USABLE[0]) -> Request:
    """Make a request of an HTTP message; `unversioned` serves a path without a version."""
    raw_path, _, query = encodable(target).partition("#")[0].partition("?")
    params: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    params |= _body_params(headers.get("content-type", ""), body)
    override = params.get("method")
    if method == "POST" and override:
        method = str(override).upper()
    version, path = split_version(raw_path)
    served = unversioned if version is None else version
    return Request(method, path, served, params, headers.get("host", ""), headers, has_version=version is not None)


def split_version(path: str) -> tuple[str | None, tuple[str, ...]]:
    """Give the version that serves a path, and its components; an end slash means nothing.

    None: the path has no version. Empty: a version that was never released. One that has ended is served
    by the oldest usable one (wire contract, 1.5).
    """
    components = tuple(unquote(part) for part in path.split("/") if part)
    if not components or components[0][:1] != "v" or not components[0][1:2].isdigit():
        return None, components
    if components[0] in USABLE:
        return components[0], components[1:]
    if components[0] in EXPIRED:
        return USABLE[0], components[1:]
    return "", components


def encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can bring in and UTF-8 can't carry."""
    return text.encode("utf-8", "replace").decode()


def _body_params(content_type: str, body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    if "json" in content_type:
        try:
            told = json.loads(body)
            return {encodable(name): _as_text(name, value) for name, value in told.items()}
        except (ValueError, AttributeError, RecursionError):  # no JSON, no object, nested too deep
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _as_text(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    return value if name == "batch" else json.dumps(value)
