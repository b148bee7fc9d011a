"""Faults on demand: rules that say for which requests what goes wrong, how often; the same seed, the same faults.

A rule is `{"match": {...}, "action": {...}, "times": n, "then": action}`; after `times` uses `then` holds, or
nothing. The first rule that fits decides. `match` may name

    path        a regular expression             business    a business's ID
    token_of    an app's or Page's ID            node        the first part of the path
    use_case    1 to 4, as in the guide          page        1: first pages, 2: pages asked for by a cursor
    item        true: items of batches only, false: whole requests only
    index       an item's place in its batch, from 0
    nth         the n-th request that fits, from 1
    share       0 to 1, drawn by the seed

`action` is one of

    {"error": {"status", "code", "subcode"?, "message"?, "is_transient"?}}    an error of Graph's
    {"answer": {"status"?, "body", "content_type"?}}                          any text in place of an answer
    {"cut": "before" | "headers" | "body" | "short"}                          reset there; short: ended early
    {"drip": seconds}                                                         one byte at a time
    {"null": true}                                                            a batch item without an answer
    {"rows": "duplicate" | "contradict"}                                      rows twice, or with other IDs
    {"rows": "other asset" | "foreign" | "wrong kind"}                        rows of an app or Page not meant
    {"paging": "empty" | "loop" | "no cursors"}                               an empty first page, pages without end
    {"items": "fewer" | "more" | "reversed"}                                  a batch's answers are not its questions'

and may add, of which batch items know `headers` and `next` only, `"delay": seconds`,
`"headers": {name: value}`, `"next": a URL in place of paging.next`,
`"coding": "gzip" | "broken gzip" | "bomb"`, `"charset": name`, `"hang_up": true` (closes after the answer, untold).
"""

import codecs
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ACTIONS = {"error", "answer", "cut", "drip", "null", "rows", "paging", "items"}
EXTRAS = {"delay", "headers", "next", "coding", "charset", "hang_up"}
MATCHES = {"path", "token_of", "business", "node", "use_case", "page", "item", "index", "nth", "share"}


@dataclass(frozen=True)
class Asked:
    """What rules look at: one request or item. `use_case` and `page` are 0 where they mean nothing."""

    path: str
    token_of: str = ""
    business: str = ""
    node: str = ""
    use_case: int = 0
    page: int = 0
    item: bool = False
    index: int = 0


@dataclass
class Rule:
    """One rule, and how often it has been met and applied."""

    match: dict[str, Any]
    action: dict[str, Any]
    times: int | None = None
    then: dict[str, Any] = field(default_factory=dict)
    met: int = 0
    applied: int = 0

    @classmethod
    def read(cls, told: Any) -> "Rule":
        """Read a rule from JSON; raises ValueError or LookupError for what is no rule."""
        if not isinstance(told, dict):
            raise ValueError("a rule is an object")
        match, action, then = dict(told.get("match", {})), dict(told["action"]), dict(told.get("then", {}))
        unknown = (set(match) - MATCHES) | ((set(action) | set(then)) - ACTIONS - EXTRAS)
        if unknown or len(set(action) & ACTIONS) > 1 or not action:
            raise ValueError(f"not a rule: {sorted(unknown) or sorted(action)}")
        if not _is_pattern(match.get("path", "")):
            raise ValueError("path is a regular expression")
        for one in (action, then):
            codecs.lookup(one.get("charset", "utf-8"))
        for one in (action, then):
            _check(one, match)
        times = told.get("times")
        return cls(match, action, None if times is None else int(times), then)

    def action_for(self, asked: Asked, chance: random.Random) -> dict[str, Any]:
        """Give what happens to this request by this rule, counting it; empty where nothing does."""
        if not self._is_about(asked):
            return {}
        used_up = self.times is not None and self.applied >= self.times
        if used_up:
            return self.then
        self.met += 1
        drawn = chance.random() < self.match.get("share", 1)
        if not drawn or self.match.get("nth", self.met) != self.met:
            return {}
        self.applied += 1
        return self.action

    def _is_about(self, asked: Asked) -> bool:
        if not re.search(self.match.get("path", ""), asked.path):
            return False
        named = set(self.match) & {"token_of", "business", "node", "use_case", "page", "item", "index"}
        return all(getattr(asked, name) == self.match[name] for name in named)


def _check(action: dict[str, Any], match: dict[str, Any]) -> None:
    """Raise ValueError for values that would break an answer, or do nothing, when their turn comes."""
    for name, value in action.items():
        if not _FITS[name](value):
            raise ValueError(f"{name} can't be {value!r}")
    if match.get("item") and set(action) & _NOT_FOR_ITEMS:
        raise ValueError(f"not for items of a batch: {sorted(set(action) & _NOT_FOR_ITEMS)}")
    share, nth = match.get("share", 1), match.get("nth", 1)
    if not _is_number(share) or not isinstance(nth, int) or match.get("page", 1) not in (1, 2):
        raise ValueError("share is a number, nth a whole number, page 1 or 2")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**6


def _is_error(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("code"), int):
        return False
    return isinstance(value.get("status", 400), int)


def _is_answer(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("body"), str) and isinstance(value.get("status", 200), int)


_NOT_FOR_ITEMS = {"cut", "drip", "delay", "coding", "charset", "hang_up", "items"}
_FITS: dict[str, Callable[[Any], bool]] = {
    "error": _is_error,
    "answer": _is_answer,
    "cut": lambda value: value in ("before", "headers", "body", "short"),
    "drip": _is_number,
    "null": lambda value: isinstance(value, bool),
    "rows": lambda value: value in ("duplicate", "contradict", "other asset", "foreign", "wrong kind"),
    "paging": lambda value: value in ("empty", "loop", "no cursors"),
    "items": lambda value: value in ("fewer", "more", "reversed"),
    "delay": _is_number,
    "headers": lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
    "next": lambda value: isinstance(value, str),
    "coding": lambda value: value in ("gzip", "broken gzip", "bomb"),
    "charset": lambda value: isinstance(value, str),
    "hang_up": lambda value: isinstance(value, bool),
}


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


@dataclass
class Faults:
    """All rules in force. `at_first` are those that a reset brings back."""

    seed: str = ""
    at_first: list[dict[str, Any]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Only the first faults; chance begins anew."""
        self.set(self.at_first)

    def set(self, told: list[dict[str, Any]]) -> None:
        """Put these rules in force in place of all others; raises ValueError or LookupError."""
        rules = [Rule.read(one) for one in told]
        self.rules = rules
        self._chance = random.Random(self.seed)  # noqa: S311  (for repeatable faults, not secrets)

    def action_for(self, asked: Asked) -> dict[str, Any]:
        """Give what goes wrong with this request; empty where nothing does."""
        for rule in self.rules:
            if action := rule.action_for(asked, self._chance):
                return action
        return {}
