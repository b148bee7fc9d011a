"""Faults on demand: rules that say which requests go wrong, in which way, how often.

The same seed gives the same faults. A rule is `{"match": {...}, "action": {...}, "times": n, "then": action}`. The
first rule that fits decides. Once it was applied `times` times, `then` is its action, or nothing. `match` may name the
following, each with one value or with a list of which one has to fit

    path        a regular expression             business    a business's ID
    token       a token as the journal shows it  token_of    an app's or Page's ID
    node        the ID that is read, one of ids  edge        an edge that is read, alone or among the fields
    use_case    1 to 4, as in the guide          page        1: first pages, 2: second pages, and so on
    item        true: items of batches only, false: whole requests only
    index       an item's place in its batch, from 0
    nth         the n-th request that fits, from 1
    probability 0 to 1, also called share
    seed        the seed of this rule's chance; without it, the sandbox's seed and the rule's place in the list

`action` is one of

    {"error": {"status", "code", "subcode"?, "message"?, "type"?, "is_transient"?, "error_data"?,
               "error_user_title"?, "error_user_msg"?}}                       an error of Graph's
    {"edge_error": as above}                                                  in place of one edge only, status 200
    {"answer": {"status"?, "body", "content_type"?}}                          any text in place of an answer
    {"cut": "before" | "headers" | "body" | "short"}                          reset there; short: ended early
    {"drip": seconds}                                                         one byte at a time
    {"silence": true}                                                         no answer, the connection stays
    {"null": true}                                                            a batch item without an answer
    {"rows": "duplicate" | "fewer" | "contradict"}                            twice, without the last, with other IDs
    {"rows": "other asset" | "foreign" | "wrong kind"}                        rows of an app or Page not meant
    {"rows": "without id" | "number as id" | "leading zero" | "unknown fields" | "odd text"}
    {"paging": "empty" | "loop" | "no cursors"}                               an empty first page, pages without end
    {"items": "fewer" | "more" | "reversed"}                                  a batch's answers are not its questions'

and may add any of these; the first three also for an item of a batch

    "delay": seconds            the answer comes later; a batch waits for its slowest item
    "headers": {name: value}
    "next": URL                 in place of paging.next
    "coding": "gzip" | "broken gzip" | "bomb"
    "charset": name
    "hang_up": true             closes the connection after the answer, without having said so

Rows, paging and edge errors change only those edges and nodes of an answer that `edge`, `use_case` and `node` name.
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from lookups.sandbox.faults.actions import check_for_items, is_whole, read_action
from lookups.sandbox.faults.matches import read_match
from lookups.sandbox.faults.question import Question


@dataclass(frozen=True)
class Strike:
    """A fault that befalls a request: the action, and the nodes and edges of the answer that it changes."""

    action: dict[str, Any] = field(default_factory=dict)
    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()


NOTHING = Strike()


@dataclass
class Rule:
    """One rule. `met` counts the requests that fit, `applied` those in which something went wrong."""

    given: dict[str, Any]
    match: dict[str, list[Any]]
    action: dict[str, Any]
    times: int | None
    then: dict[str, Any]
    chance: random.Random
    met: int = 0
    applied: int = 0

    @classmethod
    def read(cls, given: Any, seed: str) -> "Rule":
        """Read a rule from JSON; raises ValueError or LookupError for one that makes no sense."""
        if not isinstance(given, dict):
            raise ValueError("a rule is an object")
        match = read_match(dict(given.get("match", {})))
        action, then = (read_action(dict(given.get(name, {}))) for name in ("action", "then"))
        times = given.get("times")
        if not action or not (times is None or is_whole(times)):
            raise ValueError("a rule has an action; its times, if any, is a whole number")
        for one in (action, then):
            if match.get("item") == [True]:
                check_for_items(one)
        chance = random.Random(str(match.get("seed", [seed])[0]))  # noqa: S311  (for repeatable faults, not secrets)
        return cls(given, match, action, times, then, chance)

    @property
    def state(self) -> dict[str, Any]:
        """The rule as it was given, and how often it was met and applied."""
        return {"match": {}, **self.given, "met": self.met, "applied": self.applied}

    def strike(self, question: Question) -> Strike:
        """Give what this rule does to a request, and count it; NOTHING where the rule does not fit."""
        nodes = frozenset(one for one in question.nodes if self._takes("node", one))
        edges = frozenset(
            edge for edge, case in question.edges.items() if self._takes("edge", edge) and self._takes("use_case", case)
        )
        if not self._is_about(question, nodes, edges):
            return NOTHING
        if self.times is not None and self.applied >= self.times:
            return Strike(self.then, nodes, edges)
        self.met += 1
        drawn = self.chance.random() < self.match.get("probability", [1])[0]
        if not drawn or not self._takes("nth", self.met):
            return NOTHING
        self.applied += 1
        return Strike(self.action, nodes, edges)

    def _is_about(self, question: Question, nodes: frozenset[str], edges: frozenset[str]) -> bool:
        if ("node" in self.match and not nodes) or (not edges and {"edge", "use_case"} & set(self.match)):
            return False
        if not any(re.search(one, question.path) for one in self.match.get("path", [""])):
            return False
        named = ("token", "token_of", "business", "page", "item", "index")
        return all(self._takes(name, getattr(question, name)) for name in named)

    def _takes(self, name: str, value: Any) -> bool:
        return name not in self.match or value in self.match[name]


@dataclass
class Faults:
    """All rules in force. `at_first` are the ones that a reset brings back."""

    seed: str = ""
    at_first: list[dict[str, Any]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def clear(self) -> None:
        """Go back to the first rules, and begin chance anew."""
        self.replace(self.at_first)

    def replace(self, rules: list[dict[str, Any]]) -> None:
        """Put these rules in place of all others; raises ValueError or LookupError."""
        if not isinstance(rules, list):
            raise ValueError("rules are a list")
        self.rules = [Rule.read(one, f"{self.seed}/{place}") for place, one in enumerate(rules)]

    def strike(self, question: Question) -> Strike:
        """Give what the first rule that fits does to a request."""
        for rule in self.rules:
            if (strike := rule.strike(question)).action:
                return strike
        return NOTHING
