"""Subscriptions: to which fields of a Page an app listens, and where an app is called back (wire contract, 7)."""

from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.api.request import Request
from lookups.sandbox.world import refusals
from lookups.sandbox.world.asset import Asset
from lookups.sandbox.world.world import World


@dataclass
class Subscriptions:
    """All subscriptions: fields by Page and app, and callbacks by app and object."""

    world: World
    _of_pages: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _of_apps: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget all that was written: only the app that manages a Page listens to it."""
        self._of_pages.clear()
        self._of_apps.clear()

    def of_page(self, page: Asset) -> dict[str, list[str]]:
        """Give the fields to which each app listens. At first only the managing app does, to messages."""
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
        """Store an app's callback URL, which is not asked whether it agrees. Raises Refusal."""
        given = {name: request.text(name) for name in ("object", "callback_url", "verify_token")}
        for name, value in given.items():
            if not value:
                raise refusals.parameter_missing(name)
        fields = [{"name": one, "version": request.version} for one in request.text("fields").split(",") if one]
        row = {"object": given["object"], "callback_url": given["callback_url"], "active": True, "fields": fields}
        self._of_apps.setdefault(app.id, {})[given["object"]] = row
        return {"success": True}
