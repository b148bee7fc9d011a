"""What debug_token says of a token (wire contract, 3.1): whose it is, what it permits, when it ends."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lookups.graph.errors import GraphError, UnexpectedAnswer
from lookups.graph.recognition import recognise
from lookups.graph.storable import is_id, storable_text

MOST_SCOPES = 200
_SCOPE = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True)
class TokenReport:
    """One token as Graph knows it. Times are aware, in UTC; None if Graph tells none, or if the token never ends.

    `kind` is APP, PAGE, USER or SYSTEM_USER, empty for a token that Graph can't read. `page_id` is the Page of
    a page access token. `problem` says why the token is not valid. `granted_for` holds the IDs of the assets for which
    alone a permission was granted; a permission that it does not hold is granted for all. `version_served` is the
    version of Graph that answered, in place of `version_asked` if that has ended.
    """

    is_valid: bool
    kind: str = ""
    app_id: str = ""
    page_id: str = ""
    user_id: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    data_access_ends_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    problem: GraphError | None = None
    granted_for: tuple[tuple[str, tuple[str, ...]], ...] = ()
    version_asked: str = ""
    version_served: str = ""

    def is_granted(self, scope: str, asset_id: str) -> bool:
        """Tell whether the token has a permission, and has it for this asset."""
        named = [ids for one, ids in self.granted_for if one == scope]
        return scope in self.scopes and (not named or any(asset_id in ids for ids in named))


def read_report(body: Any) -> TokenReport:
    """Read debug_token's answer; raises UnexpectedAnswer if it has not the shape of one."""
    facts = body.get("data") if isinstance(body, dict) else None
    if not isinstance(facts, dict) or not isinstance(facts.get("is_valid"), bool):
        raise UnexpectedAnswer("Graph's answer about a token does not tell whether it is valid.")
    problem = _problem(facts.get("error"))
    if facts["is_valid"] == bool(problem):
        raise UnexpectedAnswer("Graph's answer about a token contradicts itself.")
    return TokenReport(
        is_valid=facts["is_valid"],
        kind=storable_text(facts["type"])[:20] if isinstance(facts.get("type"), str) else "",
        app_id=_identity(facts.get("app_id")),
        page_id=_identity(facts.get("profile_id")),
        user_id=_identity(facts.get("user_id")),
        issued_at=_moment(facts.get("issued_at")),
        expires_at=_moment(facts.get("expires_at")),
        data_access_ends_at=_moment(facts.get("data_access_expires_at")),
        scopes=_scopes(facts.get("scopes")),
        problem=problem,
        granted_for=_granted_for(facts.get("granular_scopes")),
    )


def _problem(error: Any) -> GraphError | None:
    """Read the error of an invalid token; here Graph writes `subcode`, not `error_subcode`."""
    if not isinstance(error, dict):
        return None
    return recognise({"error": {**error, "error_subcode": error.get("subcode")}}, http_status=200)


def _identity(value: Any) -> str:
    """Read the ID of an app, a Page or a user; very old answers hold numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53:
        return str(value)
    return value if is_id(value) else ""


def _moment(value: Any) -> datetime | None:
    """Read a time in seconds since 1970; 0 stands for never."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**33:
        return None
    return datetime.fromtimestamp(value, UTC)


def _granted_for(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Read granular_scopes; a permission without `target_ids`, or with none that is an ID, is granted for all."""
    found = []
    for one in value[:MOST_SCOPES] if isinstance(value, list) else []:
        scope, ids = (one.get("scope"), one.get("target_ids")) if isinstance(one, dict) else (None, None)
        targets = tuple(target for target in map(_identity, ids if isinstance(ids, list) else []) if target)
        if isinstance(scope, str) and _SCOPE.fullmatch(scope) and targets:
            found.append((scope, targets))
    return tuple(found)


def _scopes(value: Any) -> tuple[str, ...]:
    named = value if isinstance(value, list) else []
    return tuple(one for one in named[:MOST_SCOPES] if isinstance(one, str) and _SCOPE.fullmatch(one))
