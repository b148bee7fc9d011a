"""Changing the sandbox while it runs, for tests: `/__control/`, served only with `--control`."""

import json
from dataclasses import dataclass
from typing import Any

from lookups.sandbox.graph import Answer, Graph
from lookups.sandbox.tokens import user_token


@dataclass
class Control:
    """The state that no Graph has: how slowly it answers; and the doors to what it holds."""

    graph: Graph
    latency: float = 0.0

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer a request below `/__control/`; a list stands for `{"rules": list}`."""
        act = getattr(self, f"_{method.lower()}_{path.removeprefix('/__control/')}", None)
        if act is None:
            return Answer(404, {"error": f"no {method} {path} here"})
        problem = ""
        try:
            told = json.loads(body or b"{}")
            done: Any = act(told if isinstance(told, dict) else {"rules": told})
        except (ValueError, KeyError, TypeError) as error:
            problem = f"{type(error).__name__}: {error}"
        return Answer(400, {"error": problem}) if problem else Answer(200, done)

    def _post_reviews(self, told: dict[str, Any]) -> dict[str, Any]:
        business = self.graph.world.businesses[told["business"]].id
        if told["under_review"]:
            self.graph.under_review.add(business)
        else:
            self.graph.under_review.discard(business)
        return {"under_review": sorted(self.graph.under_review)}

    def _post_latency(self, told: dict[str, Any]) -> dict[str, Any]:
        self.latency = float(told["seconds"])
        return {"seconds": self.latency}

    def _post_tokens(self, told: dict[str, Any]) -> dict[str, Any]:
        owner = told["token_of"]
        asset = self.graph.world.assets[owner.get("app") or owner.get("page")]
        refuse = told["refuse"]
        if refuse:
            self.graph.tokens.refused[asset.id] = (int(refuse["code"]), refuse.get("subcode"))
        else:
            self.graph.tokens.refused.pop(asset.id, None)
        return {"refused": sorted(self.graph.tokens.refused)}

    def _post_edges(self, told: dict[str, Any]) -> dict[str, Any]:
        refuse = told["refuse"]
        if refuse:
            facts = (int(refuse["status"]), int(refuse["code"]), str(refuse["message"]))
            self.graph.refused_edges[told["edge"]] = facts
        else:
            self.graph.refused_edges.pop(told["edge"], None)
        return {"refused": sorted(self.graph.refused_edges)}

    def _post_usage(self, told: dict[str, Any]) -> dict[str, Any]:
        owner = told["of"]
        asset = self.graph.world.assets[owner.get("app") or owner.get("page")]
        self.graph.usage.told[asset.id] = (int(told["percent"]), int(told.get("regain_minutes", 0)))
        return {"usage": {key: percent for key, (percent, _) in self.graph.usage.told.items()}}

    def _post_rules(self, told: dict[str, Any]) -> dict[str, Any]:
        self.graph.faults.set(told["rules"])
        return {"rules": len(self.graph.faults.rules)}

    def _get_rules(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"match": rule.match, "action": rule.action, "met": rule.met, "applied": rule.applied}
            for rule in self.graph.faults.rules
        ]

    def _post_login(self, told: dict[str, Any]) -> dict[str, Any]:
        """As if the person known to the app by this ASID had just logged in to it."""
        return {"access_token": user_token(self.graph.world, str(told["app"]), str(told["asid"]))}

    def _post_reset(self, told: dict[str, Any]) -> dict[str, Any]:
        self.latency = 0.0
        self.graph.reset()
        return {}

    def _get_journal(self, told: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.graph.journal.entries)
