"""What can be written: subscriptions, and tokens for system users (wire contract, 3 and 7)."""

from dataclasses import dataclass
from typing import Any

from lookups.sandbox.api.request import Request
from lookups.sandbox.api.subscriptions import Subscriptions
from lookups.sandbox.world import refusals
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.tokens import Token, Tokens, system_token
from lookups.sandbox.world.world import World


@dataclass(frozen=True)
class Writer:
    """Answers requests whose method is neither GET nor HEAD."""

    world: World
    tokens: Tokens
    subscriptions: Subscriptions

    def write(self, request: Request, *, proof_required: bool) -> tuple[dict[str, Any], str]:
        """Give the answer and the verdict on the proof; raises Refusal for what can't be written to."""
        token = self.tokens.resolve(request.token)
        proof, seconds = request.text("appsecret_proof"), request.text("appsecret_time")
        verdict = self.tokens.judge_proof(token, proof, seconds, required=proof_required)
        node_id, edge = request.path if len(request.path) == 2 else ("/".join(request.path), "")
        asset = self.world.assets.get(node_id)
        if asset and edge == "subscribed_apps" and asset.kind == "page":
            return self._page(request, token, asset), verdict
        if asset and edge == "subscriptions" and (request.method, asset.kind) == ("POST", "app"):
            if token.kind != "app" or token.asset.id != asset.id:
                raise refusals.unknown_object(node_id, "post")
            return self.subscriptions.call_back(asset, request), verdict
        if node_id in self.world.businesses and (request.method, edge) == ("POST", "access_token"):
            return {"access_token": self._system(request, token, node_id)}, verdict
        raise refusals.unknown_object("/".join(request.path), request.method.lower())

    def _page(self, request: Request, token: Token, page: Asset) -> dict[str, Any]:
        if token.kind != "page" or token.asset.id != page.id:
            raise refusals.needs_page_token()
        if request.method == "DELETE":
            return self.subscriptions.unsubscribe(page, token.app)
        if request.method != "POST":
            raise refusals.unknown_object(page.id, request.method.lower())
        return self.subscriptions.subscribe(page, token.app, request)

    def _system(self, request: Request, token: Token, business_id: str) -> str:
        """Make a token of the system user by an app that the business owns or works on."""
        if token.kind != "system" or not self.tokens.has_scope(token, "business_management"):
            raise refusals.needs_permission("business_management")
        if token.business_id != business_id:
            raise refusals.unknown_object(business_id, "post")
        app_id = request.text("app_id")
        if not app_id:
            raise refusals.parameter_missing("app_id")
        apps = [*self.world.assets_of(business_id, "app"), *self.world.clients_of(business_id, "app")]
        if app_id not in [app.id for app in apps]:
            raise refusals.unknown_object(app_id, "post")
        return system_token(self.world, business_id, app_id)
