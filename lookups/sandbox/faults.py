"""Faults on demand: rules that say for which requests what goes wrong, how often; the same seed, the same faults.

A rule is `{"match": {...}, "action": {...}, "times": n}`. `match` may name `path` (a regular expression),
`token_of` (an app's or Page's ID), `item` (true: items of batches only, false: whole requests only), `nth` (the
n-th request that fits, from 1) and `share` (0 to 1, by the seed). The first rule that fits decides. `action` is one of

    {"error": {"status", "code", "subcode"?, "message"?, "is_transient"?}}    an error of Graph's
    {"answer": {"status"?, "body", "content_type"?}}                          any text in place of an answer
    {"cut": "before" | "headers" | "body"}                                    the connection breaks there
    {"drip": seconds}                                                         one byte at a time
    {"null": true}                                                            a batch item without an answer

and may add `"delay": seconds` and `"headers": {name: value}`.
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

ACTIONS = {"error", "answer", "cut", "drip", "null"}
EXTRAS = {"delay", "headers"}
MATCHES = {"path", "token_of", "item", "nth", "share"}


@dataclass
class Rule:
    """One rule, and how often it has been met and applied."""

    match: dict[str, Any]
    action: dict[str, Any]
    times: int | None = None
    met: int = 0
    applied: int = 0

    @classmethod
    def read(cls, told: Any) -> "Rule":
        """Read a rule from JSON; raises ValueError for what is no rule."""
        if not isinstance(told, dict):
            raise ValueError("a rule is an object")
        match, action = dict(told.get("match", {})), dict(told["action"])
        unknown = (set(match) - MATCHES) | (set(action) - ACTIONS - EXTRAS)
        if unknown or len(set(action) & ACTIONS) > 1 or not action:
            raise ValueError(f"not a rule: {sorted(unknown) or sorted(action)}")
        re.compile(match.get("path", ""))
        return cls(match, action, told.get("times"))

    def fits(self, path: str, owner: str, *, is_item: bool, chance: random.Random) -> bool:
        """Tell whether this request is met by the rule, counting it."""
        match = self.match
        if not re.search(match.get("path", ""), path) or match.get("token_of", owner) != owner:
            return False
        if match.get("item", is_item) != is_item or (self.times is not None and self.applied >= self.times):
            return False
        self.met += 1
        drawn = chance.random() < match.get("share", 1)
        if not drawn or match.get("nth", self.met) != self.met:
            return False
        self.applied += 1
        return True


@dataclass
class Faults:
    """All rules in force."""

    seed: str = ""
    rules: list[Rule] = field(default_factory=list)
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """No faults; chance begins anew."""
        self.rules = []
        self._chance = random.Random(self.seed)  # noqa: S311  (for repeatable faults, not secrets)

    def set(self, told: list[dict[str, Any]]) -> None:
        """Put these rules in force in place of all others; raises ValueError."""
        rules = [Rule.read(one) for one in told]
        self.clear()
        self.rules = rules

    def action_for(self, path: str, owner: str, *, is_item: bool) -> dict[str, Any]:
        """Give what goes wrong with this request; empty where nothing does."""
        for rule in self.rules:
            if rule.fits(path, owner, is_item=is_item, chance=self._chance):
                return rule.action
        return {}
