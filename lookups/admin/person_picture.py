"""The person's IDs and matches, turned into what the picture shows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince

from lookups.history import Past, PastLink
from lookups.models import Conflict, Match, Person, ScopedID
from lookups.picture import Line, Picture, Spot, layout

_STRONGEST = ("confirmed", "asserted", "unconfirmed", "withdrawn", "retracted")


def picture_of(person: Person, conflicts: Sequence[Conflict], *, explain: str) -> Picture:
    """Draw a person as he is now; `explain` is the address that explains a link."""
    members = list(person.scoped_ids.select_related("app", "page"))
    rows = Match.objects.filter(source__in=members, target__in=members).select_related("source", "target")
    links = [PastLink(match, match.shown_state, match.is_live) for match in rows]
    return _drawn(members, links, conflicts, timezone.now(), explain)


def picture_of_past(past: Past) -> Picture:
    """Draw a person as he was."""
    return _drawn(past.members, past.links, past.conflicts, past.at, "")


def _drawn(
    members: Sequence[ScopedID], links: Iterable[PastLink], conflicts: Sequence[Conflict], at: datetime, explain: str
) -> Picture:
    troubled = {key for conflict in conflicts for key in (conflict.one_id, conflict.other_id)}
    spots = [
        Spot(member.public_id, member.kind, member.value, str(member.asset), in_conflict=member.pk in troubled)
        for member in members
    ]
    by_pair: dict[tuple[str, str], list[PastLink]] = defaultdict(list)
    for link in links:
        one, other = sorted((link.match.source.public_id, link.match.target.public_id))
        by_pair[one, other].append(link)
    return layout(spots, [_line(pair, found, at, explain) for pair, found in by_pair.items()])


def _line(pair: tuple[str, str], links: Sequence[PastLink], at: datetime, explain: str) -> Line:
    """Draw one line for both directions: in its strongest state."""
    strongest = min(links, key=lambda link: _STRONGEST.index(link.state))
    alike = [link for link in links if link.state == strongest.state]
    both = len({link.match.source_id for link in alike}) > 1
    match = strongest.match
    confirmed = min(match.confirmed_at, at)
    age = "just now" if (at - confirmed).total_seconds() < 60 else f"{timesince(confirmed, at, depth=1)} ago"
    return Line(
        source=pair[0] if both else match.source.public_id,
        target=pair[1] if both else match.target.public_id,
        state=strongest.state,
        both_ways=both,
        age=f"{'asserted' if strongest.state == 'asserted' else 'last confirmed'} {age}",
        url=f"{explain}?one={pair[0]}&other={pair[1]}" if explain else "",
    )
