"""Where tokens are got and explained: `oauth/access_token` and `debug_token` (wire contract, 3 and 3.1)."""

from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.request import Request
from lookups.sandbox.tokens import Tokens, app_secret, app_token, user_token
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
        long_lived = user_token(world, app.id, token.user, long_lived=True)
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
    return {"data": tokens.report(request.text("input_token"))}, verdict
