"""A person's node, read by a scoped ID: its fields, and its edges with their rows."""

from dataclasses import dataclass
from typing import Any

from lookups.sandbox.api.discovery import edge_url
from lookups.sandbox.api.edge_rows import EdgeRead
from lookups.sandbox.api.edges import EDGES, FILTERS, Edge
from lookups.sandbox.api.fields import Field, Selection
from lookups.sandbox.api.profiles import Profile
from lookups.sandbox.api.request import Request
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.world import refusals
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.tokens import Token, Tokens
from lookups.sandbox.world.world import World

DAY = 86400
EDGE_PARAMS = (*FILTERS, "limit", "after", "before", "fields")


@dataclass(frozen=True)
class UserNode:
    """A person about whom a token asks, and the scoped ID by which it does."""

    world: World
    switches: Switches
    tokens: Tokens
    request: Request
    token: Token
    person: Person
    scoped_id: str

    def edge(self, name: str, asked: Selection) -> dict[str, Any]:
        """Give an edge that the path names, with its paging; raises Refusal."""
        return self._rows(name, {one: self.request.text(one) for one in EDGE_PARAMS}, asked)

    def fields(self, asked: Selection) -> dict[str, Any]:
        """Give a user's fields in the order asked. `id` comes last, and is the scoped ID in the question."""
        pictures_end = int(self.tokens.now()) + 30 * DAY
        profile = Profile(self.world, self.switches, self.token, self.person, self.scoped_id, pictures_end)
        answer: dict[str, Any] = {}
        for one in asked or (Field("name"),):
            if one.name in EDGES:
                rows = self._rows(one.name, one.modifiers, one.chosen)
                if rows["data"] or not self.switches.leave_out_empty_edges:
                    answer[one.name] = rows
            elif one.name != "id" and (value := profile.value_of(one)) is not None:
                answer[one.name] = value
        return {**answer, "id": self.scoped_id}

    def _rows(self, name: str, params: dict[str, str], chosen: Selection | None) -> dict[str, Any]:
        asset, edge = self.token.asset, EDGES.get(name)
        if edge is None or asset.kind not in edge.asked_of:
            raise refusals.no_such_field(name, "User")
        self._refuse_apps_without_pages(edge)
        if not self._shows_rows(edge):
            return {"data": []}
        next_base = edge_url(self.request, self.token, self.scoped_id, name)
        return EdgeRead(self.world, self.switches, self.person, asset.id, edge, params, next_base).answer(chosen)

    def _refuse_apps_without_pages(self, edge: Edge) -> None:
        """Raise Refusal where an app that manages no Page asks for PSIDs and the switch says that it may not."""
        asks_for_pages = (self.token.asset.kind, edge.gives) == ("app", "page")
        if self.switches.use_case_2 != "managing_or_refused" or not asks_for_pages:
            return
        if all(one.managed_by != self.token.asset.id for one in self.world.assets.values()):
            raise refusals.Refusal(403, "(#10) Application does not have permission for this action", 10)

    def _shows_rows(self, edge: Edge) -> bool:
        """Tell whether this token gets any rows of the edge; raises Refusal."""
        token = self.token
        if (token.asset.kind, edge.gives) == ("page", "app"):
            if not self._joins_apps():
                return False
            # The guide, use case 1: the person must have installed the app that asks.
            if token.app.id not in self.person.ids:
                if self.switches.not_installed_is_an_error:
                    raise refusals.unknown_object(self.scoped_id)
                return False
        is_one_way = (token.asset.kind, edge.gives) == ("app", "page") and not self.switches.asids_give_pages
        return not (self.switches.only_approved_apps_see_rows or is_one_way)

    def _joins_apps(self) -> bool:
        """The guide, use case 1: the token's app manages the Page, and one business owns both."""
        app, page = self.world.assets[self.token.app.id], self.token.asset
        return app.id == page.managed_by and app.business_id == page.business_id != ""
