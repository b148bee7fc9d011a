"""Which IDs are one person: the connected components of live matches, without joining pairs kept apart. Pure.

Without such pairs, the order of the matches does not matter. With them, the matches are applied in the order of
first seen, then of their ends, and a match that would join such a pair is skipped. The result therefore depends
on the evidence alone.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, order=True)
class Link:
    """A live match between two scoped IDs, named by their public IDs, in the order in which it is applied."""

    first_seen: datetime
    source: str
    target: str
    edge: str


def components(nodes: Iterable[str], links: Iterable[Link], apart: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """Give the groups of nodes, in no particular order; every node is in exactly one group."""
    members = {node: {node} for node in nodes}
    group_of = {node: node for node in members}
    enemies: dict[str, set[str]] = defaultdict(set)
    for one, other in apart:
        enemies[one].add(other)
        enemies[other].add(one)
    for link in sorted(links) if enemies else links:
        keep, join = group_of[link.source], group_of[link.target]
        if keep == join or any(group_of.get(enemy) == join for enemy in enemies[keep]):
            continue
        if len(members[keep]) < len(members[join]):
            keep, join = join, keep
        for node in members[join]:
            group_of[node] = keep
        members[keep] |= members.pop(join)
        enemies[keep] |= enemies.pop(join, set())
    return [frozenset(group) for group in members.values()]


def chain(neighbours: Mapping[Item, Sequence[tuple[Item, Any]]], start: Item, end: Item) -> list[Any] | None:
    """Give what the steps of one shortest path from `start` to `end` carry; None if there is no path."""
    came: dict[Item, tuple[Item, Any] | None] = {start: None}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for there, carried in neighbours.get(here, ()):
            if there not in came:
                came[there] = (here, carried)
                queue.append(there)
    if end not in came:
        return None
    steps: list[Any] = []
    place = came[end]
    while place is not None:
        steps.append(place[1])
        place = came[place[0]]
    return steps[::-1]
