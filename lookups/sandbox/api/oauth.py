"""`oauth/access_token`, which gives tokens for an app's secret (wire contract, 3)."""

from typing import Any

from lookups.sandbox.api.request import Request
from lookups.sandbox.world import refusals
from lookups.sandbox.world.tokens import Tokens, app_secret, app_token, user_token
from lookups.sandbox.world.world import World


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
            raise tokens.unknown("")
        long_lived = user_token(world, app.id, token.user, tokens.now(), long_lived=True)
        return {"access_token": long_lived, "token_type": "bearer", "expires_in": 5183944}
    if request.text("grant_type") != "client_credentials":
        raise refusals.bad_parameter("Unsupported grant_type")
    return {"access_token": app_token(world, app.id), "token_type": "bearer"}
