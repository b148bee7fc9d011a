"""Which apps listen to which Pages, and to what; and what apps have subscribed to themselves (wire contract, 7)."""

from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.api.request import Request
from lookups.sandbox.world import refusals
from lookups.sandbox.world.world import Asset, World


@dataclass
class Subscriptions:
    """What was written: fields by Page and app, and callbacks by app and object."""

    world: World
    _of_pages: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _of_apps: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def clear(self) -> None:
        """Only the apps that manage Pages listen to them."""
        self._of_pages.clear()
        self._of_apps.clear()

    def of_page(self, page: Asset) -> dict[str, list[str]]:
        """Give the fields to which each app listens; at first the managing app alone, to messages."""
        return self._of_pages.get(page.id, {page.managed_by: ["messages"]})

    def subscribe(self, page: Asset, app: Asset, request: Request) -> dict[str, Any]:
        """Let an app listen to a Page."""
        fields = [one for one in request.text("subscribed_fields").split(",") if one]
        self._of_pages[page.id] = {**self.of_page(page), app.id: fields or ["messages"]}
        return {"success": True}

    def unsubscribe(self, page: Asset, app: Asset) -> dict[str, Any]:
        """Let an app listen to a Page no longer."""
        self._of_pages[page.id] = {key: kept for key, kept in self.of_page(page).items() if key != app.id}
        return {"success": True}

    def of_app(self, app: Asset) -> list[dict[str, Any]]:
        """Give what an app has subscribed to, by object."""
        return list(self._of_apps.get(app.id, {}).values())

    def call_back(self, app: Asset, request: Request) -> dict[str, Any]:
        """Keep where an app wants to be told; the callback is not asked whether it is willing. Raises Refusal."""
        told = {name: request.text(name) for name in ("object", "callback_url", "verify_token")}
        for name, value in told.items():
            if not value:
                raise refusals.parameter_missing(name)
        fields = [{"name": one, "version": request.version} for one in request.text("fields").split(",") if one]
        row = {"object": told["object"], "callback_url": told["callback_url"], "active": True, "fields": fields}
        self._of_apps.setdefault(app.id, {})[told["object"]] = row
        return {"success": True}
