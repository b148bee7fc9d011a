"""Whether one import alone brought a link: its answers gave the link first and last. An undo retracts only such links.

A link is both directions together. If another run's answer in either direction, or a link asserted by hand, supports
it too, it would exist without the import, so the import did not bring it alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from lookups.models import BY_HAND, LIVE, Answer, Match

Ends = frozenset[str]  # the public IDs of a link's two ends
Runs = Mapping[int, int]  # each answer's run, by the answer's key


class Origin(Enum):
    """How a link came about, compared with one run that gave it."""

    ALONE = "only this import brought it"
    BEFORE = "another lookup had given it before"
    SINCE = "another lookup has confirmed it since"
    BACK = "the other direction was given by another lookup"
    BY_HAND = "somebody asserted it by hand"


def ends_of(match: Match) -> Ends:
    """Name a match's link."""
    return frozenset((match.source.public_id, match.target.public_id))


def links_among(matches: Iterable[Match]) -> dict[Ends, list[Match]]:
    """Group matches by link: both directions, and matches asserted by hand."""
    links: dict[Ends, list[Match]] = defaultdict(list)
    for match in matches:
        links[ends_of(match)].append(match)
    return links


def runs_behind(matches: Iterable[Match]) -> Runs:
    """Give the runs whose answers proved these matches first and last."""
    answers = {key for match in matches for key in (match.first_answer_id, match.proving_answer_id) if key}
    return dict(Answer.objects.filter(pk__in=answers).values_list("pk", "lookup__run"))


def origin_of(link: Sequence[Match], run: int, runs: Runs) -> Origin:
    """Tell how a link came about, compared with a run. Withdrawn matches are not counted, retracted ones are."""
    given = [match for match in link if match.state in LIVE]
    if any(match.edge == BY_HAND for match in given):
        return Origin.BY_HAND
    first = {match.pk: runs.get(match.first_answer_id or 0) == run for match in given}
    last = {match.pk: runs.get(match.proving_answer_id or 0) == run for match in given}
    if all(first.values()) and all(last.values()):
        return Origin.ALONE
    touched = [match for match in given if first[match.pk] or last[match.pk]]
    if touched and all(first[match.pk] and last[match.pk] for match in touched):
        return Origin.BACK
    return Origin.SINCE if any(first[match.pk] for match in touched) else Origin.BEFORE
