"""Where tokens are got and explained: `oauth/access_token` and `debug_token` (wire contract, 3 and 3.1)."""

from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.request import Request
from lookups.sandbox.tokens import SYSTEM_USER, Token, Tokens, app_secret, app_token, user_token
from lookups.sandbox.world import World


def token_for_secret(world: World, tokens: Tokens, request: Request) -> dict[str, Any]:
    """Give an app access token, or a long-lived user token for a short-lived one; raises Refusal."""
    app = world.assets.get(request.text("client_id"))
    if app is None or app.kind != "app":
        raise refusals.unknown_client()
    if request.text("client_secret") != app_secret(world, app.id):
        raise refusals.wrong_client_secret()
    if request.text("grant_type") == "fb_exchange_token":
        token = tokens.resolve(request.text("fb_exchange_token"))
        if token.kind != "user" or token.app.id != app.id:
            raise refusals.bad_token()
        long_lived = user_token(world, app.id, token.user, tokens.now(), long_lived=True)
        return {"access_token": long_lived, "token_type": "bearer", "expires_in": 5183944}
    if request.text("grant_type") != "client_credentials":
        raise refusals.bad_parameter("Unsupported grant_type")
    return {"access_token": app_token(world, app.id), "token_type": "bearer"}


def debug_token(tokens: Tokens, request: Request) -> tuple[dict[str, Any], str]:
    """Tell of `input_token`, and judge the proof, if one came, by the asking token; raises Refusal."""
    caller = tokens.resolve(request.token) if request.token else None
    if caller is None or caller.kind != "app":
        raise refusals.no_debug_rights()
    verdict = tokens.judge_proof(
        caller, request.text("appsecret_proof"), request.text("appsecret_time"), required=False
    )
    return {"data": _report(tokens, request.text("input_token"))}, verdict


def _report(tokens: Tokens, text: str) -> dict[str, Any]:
    token = tokens.known(text)
    if token is None:
        error = {"code": 190, "message": str(refusals.bad_token())}
        return {"error": error, "is_valid": False, "scopes": []}
    kind = "SYSTEM_USER" if token.kind == "system" else token.kind.upper()
    told: dict[str, Any] = {"app_id": token.app.id, "type": kind, "application": token.app.name}
    refusal = tokens.refusal_of(token)
    if refusal:
        code, subcode = refusal
        told["error"] = {"code": code, "message": str(refusals.refused_token(code, subcode))}
        told["error"] |= {} if subcode is None else {"subcode": subcode}
    told |= {"is_valid": refusal is None, "scopes": []}
    facts = {"page": _page_facts, "user": _user_facts, "system": _system_facts}.get(token.kind)
    return told | facts(token, tokens) if facts else told


def _user_facts(token: Token, tokens: Tokens) -> dict[str, Any]:
    return {
        "data_access_expires_at": int(token.issued) + 90 * 86400,
        "expires_at": int(tokens.end_of(token)),
        "scopes": ["public_profile"],
        "user_id": token.user,
        **({"issued_at": int(token.issued)} if ".long." in token.text else {}),
    }


def _page_facts(token: Token, tokens: Tokens) -> dict[str, Any]:
    scopes = ["pages_messaging", "pages_show_list"]
    return {
        "data_access_expires_at": 0,
        "expires_at": int(tokens.ends.get(token.key, 0)),
        "profile_id": token.asset.id,
        "scopes": scopes,
        "granular_scopes": [{"scope": scope, "target_ids": [token.asset.id]} for scope in scopes],
        "user_id": "1002003004005006",
    }


def _system_facts(token: Token, tokens: Tokens) -> dict[str, Any]:
    scopes = ["business_management", "pages_messaging", "pages_show_list"]
    return {"data_access_expires_at": 0, "expires_at": 0, "scopes": scopes, "user_id": SYSTEM_USER}
