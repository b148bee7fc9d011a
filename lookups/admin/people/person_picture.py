"""Draws the picture of a person's IDs and matches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince

from lookups.models import Conflict, ScopedID
from lookups.people.history import LinkAsOf, PersonAsOf
from lookups.people.known import PersonKnown
from lookups.people.picture import Picture, Spot, SpotLine, layout

_STRONGEST = ("confirmed", "asserted", "unconfirmed", "withdrawn", "retracted")


def picture_of(known: PersonKnown, *, explain: str) -> Picture:
    """Draw a person as of now; `explain` is the address that explains a link."""
    keys = known.keys
    inside = [match for match in known.matches if match.source_id in keys and match.target_id in keys]
    links = [LinkAsOf(match, match.shown_state, match.is_live) for match in inside]
    return _drawn(known.members, links, known.open_conflicts, timezone.now(), explain=explain)


def picture_of_past(past: PersonAsOf) -> Picture:
    """Draw a person as of a past moment."""
    return _drawn(past.members, past.links, past.conflicts, past.at, is_past=True)


def _drawn(
    members: Sequence[ScopedID],
    links: Iterable[LinkAsOf],
    conflicts: Sequence[Conflict],
    at: datetime,
    *,
    explain: str = "",
    is_past: bool = False,
) -> Picture:
    troubled = {key for conflict in conflicts for key in (conflict.one_id, conflict.other_id)}
    spots = [
        Spot(member.public_id, member.kind, member.value, str(member.asset), in_conflict=member.pk in troubled)
        for member in members
    ]
    by_pair: dict[tuple[str, str], list[LinkAsOf]] = defaultdict(list)
    for link in links:
        one, other = sorted((link.match.source.public_id, link.match.target.public_id))
        by_pair[one, other].append(link)
    disputed = {
        frozenset((conflict.one.public_id, conflict.other.public_id)) for conflict in conflicts if conflict.other
    }
    lines = []
    for pair, found in by_pair.items():
        line = _line(pair, found, at, explain, is_past=is_past)
        lines.append(replace(line, in_conflict=frozenset(pair) in disputed))
    return layout(spots, lines)


def _line(pair: tuple[str, str], links: Sequence[LinkAsOf], at: datetime, explain: str, *, is_past: bool) -> SpotLine:
    """Draw one line for both directions of a link, in the stronger state."""
    strongest = min(links, key=lambda link: _STRONGEST.index(link.state))
    alike = [link for link in links if link.state == strongest.state]
    both = len({link.match.source_id for link in alike}) > 1
    match = strongest.match
    # For a past day we know when the link was first given, but not when it was last confirmed.
    confirmed = min(match.first_seen if is_past else match.confirmed_at, at)
    age = "just now" if (at - confirmed).total_seconds() < 60 else f"{timesince(confirmed, at, depth=1)} ago"
    words = "asserted" if strongest.state == "asserted" else "first given" if is_past else "last confirmed"
    return SpotLine(
        source=pair[0] if both else match.source.public_id,
        target=pair[1] if both else match.target.public_id,
        state=strongest.state,
        both_ways=both,
        age=f"{words} {age}",
        url=f"{explain}?one={pair[0]}&other={pair[1]}" if explain else "",
    )
