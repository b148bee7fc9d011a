"""`debug_token`: what a token is, whose, and whether it is valid (wire contract, 3.1)."""

from dataclasses import dataclass
from typing import Any

from lookups.sandbox.api.request import Request
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.world import refusals
from lookups.sandbox.world.tokens import SYSTEM_USER, Token, Tokens

ADMIN = "1002003004005006"
ANOTHER_PAGE = "1002003004005008"
DATA_ACCESS_DAYS = 90
SCOPES = {
    "user": ["public_profile"],
    "page": ["pages_messaging", "pages_show_list"],
    "system": ["business_management", "pages_messaging", "pages_show_list"],
}


@dataclass
class Debugger:
    """Answers `debug_token`."""

    tokens: Tokens
    switches: Switches

    def answer(self, request: Request) -> tuple[dict[str, Any], str]:
        """Describe `input_token`, and give the verdict on the proof of the asking token; raises Refusal."""
        caller = self.tokens.resolve(request.token) if request.token else None
        if caller is None or caller.kind != "app":
            raise refusals.no_debug_rights()
        proof, seconds = request.text("appsecret_proof"), request.text("appsecret_time")
        verdict = self.tokens.judge_proof(caller, proof, seconds, required=False)
        if not request.text("input_token"):
            raise refusals.parameter_missing("input_token")
        return {"data": self._report(caller, request.text("input_token"))}, verdict

    def _report(self, caller: Token, text: str) -> dict[str, Any]:
        token = self.tokens.known(text)
        if token is None:
            error = {"code": 190, "message": str(self.tokens.unknown(text))}
            return {"error": error, "is_valid": False, "scopes": []}
        if token.app.id != caller.app.id:
            named = self.switches.foreign_tokens_are_named
            raise refusals.other_apps_token() if named else refusals.no_debug_rights()
        return self._known(token)

    def _known(self, token: Token) -> dict[str, Any]:
        kind = "SYSTEM_USER" if token.kind == "system" else token.kind.upper()
        report: dict[str, Any] = {"app_id": token.app.id, "type": kind, "application": token.app.name}
        cause = self.tokens.cause_of(token)
        if cause:
            code, subcode, message = cause
            report["error"] = {"code": code, "message": message, **({} if subcode is None else {"subcode": subcode})}
        report |= {"is_valid": cause is None, "scopes": []}
        return report if token.kind == "app" else report | self._granted(token)

    def _granted(self, token: Token) -> dict[str, Any]:
        """Give the parts that an app access token lacks: when it ends, permissions, the user."""
        end = self.tokens.end_of(token)
        scopes = self.tokens.states.scopes.get(token.key, SCOPES[token.kind])
        granted: dict[str, Any] = {
            "data_access_expires_at": self._data_access(token),
            "expires_at": 0 if end == float("inf") else int(end),
            "scopes": scopes,
            "user_id": {"page": ADMIN, "system": SYSTEM_USER}.get(token.kind, token.user),
        }
        if token.kind == "page":
            granted["profile_id"] = token.asset.id
            granted |= self._granular(token, scopes)
        if token.kind == "user" and ".long." in token.text:
            granted["issued_at"] = int(token.issued)
        return granted

    def _granular(self, token: Token, scopes: list[str]) -> dict[str, Any]:
        how = self.switches.granular_scopes
        if how == "left_out":
            return {}
        named = {"named": {"target_ids": [token.asset.id]}, "another": {"target_ids": [ANOTHER_PAGE]}}.get(how, {})
        return {"granular_scopes": [{"scope": scope, **named} for scope in scopes]}

    def _data_access(self, token: Token) -> int:
        """Give the moment after which the person's data can't be read. The token may be valid for longer."""
        default = token.issued + DATA_ACCESS_DAYS * 86400 if token.kind == "user" else 0
        return int(self.tokens.states.data_access_ends.get(token.key, default))
