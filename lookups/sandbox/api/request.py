"""A request to Graph: its path, version, parameters and token, wherever the client put them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lookups.sandbox.api.parameters import body_params, encodable, query_params

RELEASED = (
    "1.0", *(f"2.{minor}" for minor in range(13)), "3.0", "3.1", "3.2", "3.3", *(f"{major}.0" for major in range(4, 27))
)  # fmt: skip
USABLE = tuple(f"v{number}.0" for number in range(21, 27))
EXPIRED = frozenset(f"v{number}" for number in RELEASED) - frozenset(USABLE)


@dataclass(frozen=True)
class Request:
    """One question, from HTTP or from an item of a batch. Parameters are text; `batch` may be a list.

    `version` is the one that serves the request. It is empty where the client named one that was never released.
    """

    method: str
    path: tuple[str, ...]
    version: str
    params: dict[str, Any]
    host: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    has_version: bool = True
    scheme: str = "http"

    @property
    def token(self) -> str:
        """The access token, from the parameters or the Authorization header; parameters win."""
        return self.text("access_token") or self.token_in_header

    @property
    def token_in_header(self) -> str:
        """The access token of the Authorization header alone."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() in ("bearer", "oauth") else ""

    @property
    def ids(self) -> list[str]:
        """The nodes of `?ids=a,b`."""
        return [one for one in self.text("ids").split(",") if one]

    def is_kept(self, tag: str) -> bool:
        """Tell whether `If-None-Match` names this tag, weak or strong (RFC 9110): the client has the answer."""
        known = (one.strip().removeprefix("W/") for one in self.headers.get("if-none-match", "").split(","))
        return any(one in ("*", tag) for one in known)

    def text(self, name: str) -> str:
        """Give a parameter, empty where it is missing."""
        value = self.params.get(name, "")
        return value if isinstance(value, str) else str(value)


def read_request(
    method: str,
    target: str,
    headers: dict[str, str],
    body: bytes,
    *,
    unversioned: str = USABLE[0],
    scheme: str = "http",
) -> Request:
    """Make a request of an HTTP message. The version `unversioned` serves a path without one."""
    raw_path, _, query = encodable(target).partition("#")[0].partition("?")
    params = query_params(query)
    params |= body_params(headers.get("content-type", ""), body)
    override = params.get("method")
    if method in ("GET", "POST") and override:
        method = str(override).upper()
    version, path = split_version(raw_path)
    served = unversioned if version is None else version
    host, has_version = headers.get("host", ""), version is not None
    return Request(method, path, served, params, host, headers, has_version=has_version, scheme=scheme)


def split_version(path: str) -> tuple[str | None, tuple[str, ...]]:
    """Give the version that serves a path, and the path's other components. A slash at the end means nothing.

    None stands for a path without a version, empty for a version that was never released. A version that has ended is
    served by the oldest usable one (wire contract, 1.5).
    """
    components = tuple(unquote(part) if "%" in part else part for part in path.split("/") if part)
    if not components or components[0][:1] != "v" or not components[0][1:2].isdigit():
        return None, components
    if components[0] in USABLE:
        return components[0], components[1:]
    if components[0] in EXPIRED:
        return USABLE[0], components[1:]
    return "", components
