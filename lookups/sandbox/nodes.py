"""Reading nodes: users by a scoped ID, apps and Pages; nested edges, profile fields, the proof rules."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from lookups.sandbox import edges, refusals
from lookups.sandbox.fields import Field, parse
from lookups.sandbox.request import Request
from lookups.sandbox.switches import Switches
from lookups.sandbox.tokens import Token, Tokens
from lookups.sandbox.world import Person, World

EDGES = ("ids_for_apps", "ids_for_pages", "ids_for_business")


@dataclass
class Reader:
    """Answers reads of nodes and edges for one world."""

    world: World
    tokens: Tokens
    switches: Switches
    under_review: set[str]
    refused_edges: dict[str, tuple[int, int, str]]

    def read(self, request: Request, node_id: str, edge: str = "") -> tuple[dict[str, Any], str]:
        """Give the answer and the verdict on the proof; raises Refusal.

        Judged in Graph's order: token, proof, review, node.
        """
        token = self.tokens.resolve(request.token)
        asked = parse(request.text("fields"))
        wanted = [edge] if edge else [one.name for one in asked if one.name in EDGES]
        verdict = self.tokens.judge_proof(
            token,
            request.text("appsecret_proof"),
            request.text("appsecret_time"),
            required=any(self._needs_proof(token, name) for name in wanted),
        )
        if wanted and token.asset.business_id in self.under_review:
            raise refusals.under_review()
        for name in wanted:
            if name in self.refused_edges:
                status, code, message = self.refused_edges[name]
                raise refusals.Refusal(status, message, code)
        if node_id == "me":
            node_id = _own_node(token)
        if not (node_id.isascii() and node_id.isdigit()):
            raise refusals.not_an_id(node_id)
        return self._node(request, token, node_id, edge, asked), verdict

    def _needs_proof(self, token: Token, edge: str) -> bool:
        """The guide, use cases 1, 2 and 4; not 3 (an ASID's other ASIDs)."""
        if token.kind == "page" and edge == "ids_for_pages":
            return self.switches.proof_for_psid_to_pages
        return token.kind == "page" or edge == "ids_for_pages" or self.switches.require_app_secret

    def _node(self, request: Request, token: Token, node_id: str, edge: str, asked: list[Field]) -> dict[str, Any]:
        person = self.world.person_of(token.asset.id, node_id)
        if person and token.user in ("", node_id):
            if edge:
                return self._edge(request, token, person, node_id, edge, asked)
            return self._user(request, token, person, node_id, asked)
        asset = self.world.assets.get(node_id)
        if asset is None or asset.business_id != token.asset.business_id:
            raise refusals.unknown_object(node_id)
        node_type = "Application" if asset.kind == "app" else "Page"
        if edge:
            raise refusals.no_such_field(edge, node_type)
        return edges.select(asset.object, asked or [Field("name")], node_type)

    def _edge(
        self, request: Request, token: Token, person: Person, node_id: str, edge: str, asked: list[Field]
    ) -> dict[str, Any]:
        if edge not in EDGES:
            raise refusals.no_such_field(edge, "User")
        names = ("app", "page", "limit", "after", "before", "fields")
        params = {name: request.text(name) for name in names}
        return self._rows(request, token, person, node_id, edge, params, asked or None)

    def _rows(
        self,
        request: Request,
        token: Token,
        person: Person,
        node_id: str,
        edge: str,
        params: dict[str, str],
        chosen: list[Field] | None,
    ) -> dict[str, Any]:
        if token.kind == "page" and edge != "ids_for_pages" and token.app.id not in person.ids:
            # The guide, use case 1: the person must have installed the app that asks.
            if self.switches.not_installed_is_an_error:
                raise refusals.unknown_object(node_id)
            return {"data": []}
        base = f"http://{request.host}/{request.version}/{quote(node_id)}/{edge}"
        next_base = f"{base}?{urlencode({'access_token': token.text})}"
        return edges.edge_of(self.world, person, edge, params, chosen, next_base)

    def _user(self, request: Request, token: Token, person: Person, node_id: str, asked: list[Field]) -> dict[str, Any]:
        """Read a user's fields in the order asked; `id` comes last, and is the ID that was asked for."""
        profile = self._profile(token, person)
        told: dict[str, Any] = {}
        for one in asked or [Field("name")]:
            if one.name in EDGES:
                rows = self._rows(request, token, person, node_id, one.name, one.modifiers, one.chosen)
                if rows["data"] or not self.switches.leave_out_empty_edges:
                    told[one.name] = rows
            elif one.name in profile:
                told[one.name] = profile[one.name]
            elif one.name != "id":
                raise refusals.no_such_field(one.name, "User")
        return {**told, "id": node_id}

    def _profile(self, token: Token, person: Person) -> dict[str, Any]:
        first, _, last = person.name.partition(" ")
        profile: dict[str, Any] = {"name": person.name, "first_name": first, "last_name": last}
        if token.kind != "page":
            profile["age_range"] = {"min": person.age_min}
            profile["token_for_business"] = self.world.secret("for-business", person.business_id, person.key)[:24]
        elif self.switches.payment_field:
            profile["is_payment_enabled"] = person.pays
        return profile


def _own_node(token: Token) -> str:
    """Give the node that `me` stands for: the user, or the Page; an app is nobody."""
    if token.kind == "app":
        raise refusals.nobody()
    return token.user or token.asset.id
