"""Reading a node: whose token asks, whether it needs a proof or meets a review, and what the node then shows."""

from dataclasses import dataclass
from typing import Any

from lookups.sandbox.api.discovery import Discovery
from lookups.sandbox.api.edges import ALWAYS, EDGES, Edge
from lookups.sandbox.api.fields import Selection, parse
from lookups.sandbox.api.request import Request
from lookups.sandbox.api.subscriptions import Subscriptions
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.api.users import UserNode
from lookups.sandbox.world import refusals
from lookups.sandbox.world.reviews import Reviews
from lookups.sandbox.world.tokens import SYSTEM_USER, Token, Tokens
from lookups.sandbox.world.world import World


@dataclass
class Reader:
    """Answers reads of nodes and edges for one world."""

    world: World
    tokens: Tokens
    switches: Switches
    reviews: Reviews
    refused_edges: dict[str, tuple[int, int, str]]
    subscriptions: Subscriptions

    def read(self, request: Request, node_id: str, edge: str = "") -> tuple[dict[str, Any], str]:
        """Give the answer and the verdict on the proof; raises Refusal.

        Graph looks at the token first, then at the proof, the review and the node.
        """
        token = self.tokens.resolve(request.token)
        asked = parse(request.text("fields"))
        wanted = [name for name in ([edge] if edge else [one.name for one in asked]) if name in EDGES]
        proof, seconds = request.text("appsecret_proof"), request.text("appsecret_time")
        required = self.switches.require_app_secret or any(
            self._needs_proof(token, EDGES[name], is_field=not edge) for name in wanted
        )
        verdict = self.tokens.judge_proof(token, proof, seconds, required=required)
        self._refuse_edges(request, token, wanted)
        if node_id == "me" and not self._is_own_list(token, edge):
            node_id = _own_node(token)
        if node_id != "me" and not (node_id.isascii() and node_id.isdigit()):
            raise refusals.not_an_id(node_id)
        return self._node(request, token, node_id, edge, asked), verdict

    def _needs_proof(self, token: Token, edge: Edge, *, is_field: bool) -> bool:
        """Tell whether this edge needs a proof, asked of an ID of the token's app or Page."""
        asking = edge.asked_of.get(token.asset.kind)
        rule = asking.proof_rule(is_field=is_field) if asking else ""
        return rule == ALWAYS or (rule != "" and bool(getattr(self.switches, rule)))

    def _refuse_edges(self, request: Request, token: Token, wanted: list[str]) -> None:
        if self._is_reviewed(wanted) and self.reviews.meets(token.business_id):
            raise refusals.under_review(self.switches.review_status)
        for name in wanted:
            if self.switches.version_needed and not request.has_version:
                raise refusals.version_needed(name)
            if name in self.refused_edges:
                status, code, message = self.refused_edges[name]
                raise refusals.Refusal(status, message, code)

    def _may_message(self, token: Token) -> bool:
        return self.switches.granular_scopes != "another" and self.tokens.has_scope(token, "pages_messaging")

    def _is_own_list(self, token: Token, edge: str) -> bool:
        return token.kind in ("system", "user") and edge not in ("", *EDGES)

    def _is_reviewed(self, wanted: list[str]) -> bool:
        what = self.switches.reviewed_edges
        return what == "node" or (bool(wanted) if what == "edges" else what in wanted)

    def _node(self, request: Request, token: Token, node_id: str, edge: str, asked: Selection) -> dict[str, Any]:
        person = self.world.person_of(token.asset.id, node_id) if token.kind != "system" else None
        if person and token.user in ("", node_id):
            if token.kind == "page" and not self._may_message(token):
                raise refusals.needs_messaging()
            user = UserNode(self.world, self.switches, self.tokens, request, token, person, node_id)
            return user.edge(edge, asked) if edge else user.fields(asked)
        discovery = Discovery(self.world, self.switches, self.tokens, self.subscriptions, request, token)
        if edge:
            return discovery.edge(node_id, edge, request.params, asked)
        return discovery.node(node_id, asked)


def _own_node(token: Token) -> str:
    """Give the node that `me` stands for: the user, or the Page; an app is nobody."""
    if token.kind == "app":
        raise refusals.nobody()
    if token.kind == "system":
        return SYSTEM_USER
    return token.user or token.asset.id
