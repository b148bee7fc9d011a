"""Show, from the evidence, what was known about a person at a past moment."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from lookups.evidence.components import Link, components
from lookups.models import Conflict, Decision, Match, MatchEvent, Person, ScopedID

Kind = MatchEvent.Kind
_STATES = {Kind.MISSING: "unconfirmed", Kind.WITHDRAWN: "withdrawn", Kind.BACK: "confirmed"}


@dataclass(frozen=True)
class LinkAsOf:
    """A match as it stood at a moment."""

    match: Match
    state: str
    is_live: bool


@dataclass(frozen=True)
class PersonAsOf:
    """A person as known at a moment: the IDs, the matches among them, and the conflicts open then."""

    at: datetime
    members: list[ScopedID]
    links: list[LinkAsOf]
    conflicts: list[Conflict]

    @property
    def public_id(self) -> str:
        """The public ID the person had then."""
        return self.members[0].public_id


def as_of(person: Person, at: datetime) -> PersonAsOf | None:
    """Give the person to whom this person's founding ID belonged then; None if the ID was not known yet."""
    founder = ScopedID.objects.filter(business=person.business, public_id=person.public_id, first_seen__lte=at).first()
    if founder is None:
        return None
    links = _links_around(founder, at)
    keys = {founder.pk} | {key for link in links for key in (link.match.source_id, link.match.target_id)}
    rows = ScopedID.objects.filter(pk__in=keys).select_related("asset")
    members = _component(founder, {row.pk: row for row in rows}, links, at)
    names = {member.pk for member in members}
    inside = [link for link in links if link.match.source_id in names and link.match.target_id in names]
    ran = Conflict.objects.filter(Q(one__in=names) | Q(other__in=names), found_at__lte=at)
    running = ran.filter(Q(ended_at=None) | Q(ended_at__gt=at)).select_related("one", "other", "settled_by")
    return PersonAsOf(at, members, inside, [conflict for conflict in running if not _settled_by_then(conflict, at)])


def _settled_by_then(conflict: Conflict, at: datetime) -> bool:
    return conflict.settled_by is not None and conflict.settled_by.made_at <= at


def _links_around(founder: ScopedID, at: datetime) -> list[LinkAsOf]:
    """Follow the matches that were live then, layer by layer, from the founding ID."""
    seen, frontier, links = {founder.pk}, {founder.pk}, dict[int, LinkAsOf]()
    while frontier:
        ends = Q(source__in=frontier) | Q(target__in=frontier)
        rows = Match.objects.filter(ends, first_seen__lte=at).select_related("source__asset", "target__asset")
        found = _as_they_stood([match for match in rows if match.pk not in links], at)
        links |= {link.match.pk: link for link in found}
        reached = {key for link in found if link.is_live for key in (link.match.source_id, link.match.target_id)}
        frontier = reached - seen
        seen |= frontier
    return list(links.values())


def _as_they_stood(matches: Iterable[Match], at: datetime) -> list[LinkAsOf]:
    matches = list(matches)
    events: dict[int, list[MatchEvent]] = defaultdict(list)
    for event in MatchEvent.objects.filter(match__in=matches, at__lte=at).order_by("at", "pk"):
        events[event.match_id].append(event)
    return [
        LinkAsOf(match, _state(match, events[match.pk]), events[match.pk][-1].is_live if events[match.pk] else True)
        for match in matches
    ]


def _state(match: Match, events: list[MatchEvent]) -> str:
    states = [_STATES[Kind(event.kind)] for event in events if event.kind in _STATES]
    state = states[-1] if states else "confirmed"
    if events and not events[-1].is_live and state != "withdrawn":
        return "retracted"
    return "asserted" if match.asserted_by_id else state


def _component(founder: ScopedID, rows: dict[int, ScopedID], links: Iterable[LinkAsOf], at: datetime) -> list[ScopedID]:
    apart = Decision.objects.filter(kind=Decision.Kind.KEEP_APART, made_at__lte=at, one__in=rows, other__in=rows)
    pairs = apart.filter(Q(undone_at=None) | Q(undone_at__gt=at)).values_list("one__public_id", "other__public_id")
    live = [
        Link(link.match.first_seen, link.match.source.public_id, link.match.target.public_id, link.match.edge)
        for link in links
        if link.is_live
    ]
    groups = components({row.public_id for row in rows.values()}, live, pairs)
    group = next(group for group in groups if founder.public_id in group)
    return sorted((row for row in rows.values() if row.public_id in group), key=lambda row: row.founding_order)
