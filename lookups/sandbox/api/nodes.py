"""Reading nodes: users by a scoped ID, apps and Pages; nested edges, the proof rules."""

from dataclasses import dataclass
from typing import Any

from lookups.sandbox.api.assets import Discovery, edge_url
from lookups.sandbox.api.edges import EDGES, EdgeRead
from lookups.sandbox.api.fields import Field, Selection, parse
from lookups.sandbox.api.profiles import Profile
from lookups.sandbox.api.request import Request
from lookups.sandbox.api.subscriptions import Subscriptions
from lookups.sandbox.world import refusals
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.reviews import Reviews
from lookups.sandbox.world.switches import Switches
from lookups.sandbox.world.tokens import SYSTEM_USER, Token, Tokens
from lookups.sandbox.world.world import World

DAY = 86400
EDGE_PARAMS = ("app", "page", "limit", "after", "before", "fields")


@dataclass(frozen=True)
class User:
    """A person as a token sees him: the question, and the scoped ID it was asked about."""

    request: Request
    token: Token
    person: Person
    scoped_id: str


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

        Judged in Graph's order: token, proof, review, node.
        """
        token = self.tokens.resolve(request.token)
        asked = parse(request.text("fields"))
        wanted = [name for name in ([edge] if edge else [one.name for one in asked]) if name in EDGES]
        proof, seconds = request.text("appsecret_proof"), request.text("appsecret_time")
        required = self.switches.require_app_secret or any(
            self._needs_proof(token, name, alone=bool(edge)) for name in wanted
        )
        verdict = self.tokens.judge_proof(token, proof, seconds, required=required)
        self._refuse_edges(request, token, wanted)
        if node_id == "me" and not self._is_list_of_mine(token, edge):
            node_id = _own_node(token)
        if node_id != "me" and not (node_id.isascii() and node_id.isdigit()):
            raise refusals.not_an_id(node_id)
        return self._node(request, token, node_id, edge, asked), verdict

    def _needs_proof(self, token: Token, edge: str, *, alone: bool) -> bool:
        """The guide: use cases 1 and 2, and 4 by its examples; not 3, nor its query of an ASID with fields."""
        if token.kind == "page":
            return edge != "ids_for_pages" or self.switches.proof_for_psid_to_pages
        if edge == "ids_for_pages":
            return alone or self.switches.proof_for_combined_asid
        return self.switches.proof_for_asid_to_apps

    def _refuse_edges(self, request: Request, token: Token, wanted: list[str]) -> None:
        if self._is_reviewed(wanted) and self.reviews.meets(token.business_id):
            raise refusals.under_review(self.switches.review_status)
        for name in wanted:
            if self.switches.version_needed and not request.has_version:
                raise refusals.version_needed(name)
            if name in self.refused_edges:
                status, code, message = self.refused_edges[name]
                raise refusals.Refusal(status, message, code)

    def _is_list_of_mine(self, token: Token, edge: str) -> bool:
        return token.kind in ("system", "user") and edge not in ("", *EDGES)

    def _is_reviewed(self, wanted: list[str]) -> bool:
        what = self.switches.reviewed_edges
        return what == "node" or (bool(wanted) if what == "both" else what in wanted)

    def _node(self, request: Request, token: Token, node_id: str, edge: str, asked: Selection) -> dict[str, Any]:
        person = self.world.person_of(token.asset.id, node_id) if token.kind != "system" else None
        if person and token.user in ("", node_id):
            if token.kind == "page" and not self.tokens.has_scope(token, "pages_messaging"):
                raise refusals.needs_messaging()
            user = User(request, token, person, node_id)
            return self._edge(user, edge, asked) if edge else self._fields(user, asked)
        discovery = Discovery(self.world, self.switches, self.tokens, self.subscriptions, request, token)
        if edge:
            return discovery.edge(node_id, edge, request.params, asked)
        return discovery.node(node_id, asked)

    def _edge(self, user: User, edge: str, asked: Selection) -> dict[str, Any]:
        if edge not in EDGES:
            raise refusals.no_such_field(edge, "User")
        return self._rows(user, edge, {name: user.request.text(name) for name in EDGE_PARAMS}, asked)

    def _rows(self, user: User, edge: str, params: dict[str, str], chosen: Selection | None) -> dict[str, Any]:
        token, request = user.token, user.request
        if token.kind == "page" and edge != "ids_for_pages" and not self._joins_apps(token):
            return {"data": []}
        if token.kind == "page" and edge != "ids_for_pages" and token.app.id not in user.person.ids:
            # The guide, use case 1: the person must have installed the app that asks.
            if self.switches.not_installed_is_an_error:
                raise refusals.unknown_object(user.scoped_id)
            return {"data": []}
        one_way = token.kind != "page" and edge == "ids_for_pages" and not self.switches.asids_give_pages
        if self.switches.only_approved_apps_see_rows or one_way:
            return {"data": []}
        next_base = edge_url(request, token, user.scoped_id, edge)
        return EdgeRead(self.world, self.switches, user.person, token.asset.id, edge, params, next_base).answer(chosen)

    def _joins_apps(self, token: Token) -> bool:
        """The guide, use case 1: the token's app manages the Page, and one business owns both."""
        app = self.world.assets[token.app.id]
        return app.id == token.asset.managed_by and app.business_id == token.asset.business_id != ""

    def _fields(self, user: User, asked: Selection) -> dict[str, Any]:
        """Read a user's fields in the order asked; `id` comes last, and is the ID that was asked for."""
        profile = Profile(
            self.world, self.switches, user.token, user.person, user.scoped_id, int(self.tokens.now()) + 30 * DAY
        )
        told: dict[str, Any] = {}
        for one in asked or (Field("name"),):
            if one.name in EDGES:
                rows = self._rows(user, one.name, one.modifiers, one.chosen)
                if rows["data"] or not self.switches.leave_out_empty_edges:
                    told[one.name] = rows
            elif one.name != "id" and (value := profile.tell(one)) is not None:
                told[one.name] = value
        return {**told, "id": user.scoped_id}


def _own_node(token: Token) -> str:
    """Give the node that `me` stands for: the user, or the Page; an app is nobody."""
    if token.kind == "app":
        raise refusals.nobody()
    if token.kind == "system":
        return SYSTEM_USER
    return token.user or token.asset.id
