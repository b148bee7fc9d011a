"""What the undo of an import would do, shown before it is decided: the act itself, in memory, without the writing."""

from collections import Counter
from dataclasses import dataclass, field

from lookups.evidence.undoing.origins import Ends, Origin, ends_of
from lookups.evidence.undoing.reading import STEP, asked_after, links_by_origin, region_of, retractable
from lookups.models import Run, ScopedID

MOST_PREVIEWED, MOST_SHOWN = 3000, 5  # lookups looked at for a preview; persons shown whole
Groups = list[list[ScopedID]]


@dataclass
class UndoPreview:
    """What an undo would do: links by how they came about, and the persons that fall apart, by founder.

    Of a large import only its first lookups are looked at: `looked_at` of `asked`.
    """

    asked: int
    looked_at: int = 0
    links: dict[Ends, Origin] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    shown: dict[str, Groups] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether all was looked at, so that the numbers are exact."""
        return self.looked_at >= self.asked

    @property
    def retracted(self) -> int:
        """How many links only this import brought."""
        return sum(origin == Origin.ALONE for origin in self.links.values())

    @property
    def staying(self) -> list[tuple[str, int]]:
        """Why links stay, and how many."""
        counts = Counter(self.links.values())
        reasons = [origin for origin in Origin if origin != Origin.ALONE and counts[origin]]
        return [(reason.value, counts[reason]) for reason in reasons]

    @property
    def become(self) -> int:
        """How many persons there are afterwards of those that fall apart."""
        return sum(self.parts.values())


def preview_undoing(run: Run, *, most: int = MOST_PREVIEWED) -> UndoPreview:
    """Show what an undo would do: the same as the act, in memory, and without the writing."""
    rows = asked_after(run, 0)
    result, gone, reached = UndoPreview(asked=rows.count()), set[int](), 0
    while result.looked_at < most and (asked := list(asked_after(run, reached)[:STEP])):
        region = region_of(run.business, asked)
        before = region.groups()
        for match in region.matches:
            match.is_live = match.is_live and match.pk not in gone
        links = links_by_origin(region, run, asked)
        for match in retractable(links):
            match.is_live = False
            gone.add(match.pk)
        result.links |= {ends_of(link[0]): origin for origin, found in links.items() for link in found}
        _compare(result, before, region.groups())
        reached, result.looked_at = asked[-1][0], result.looked_at + len(asked)
    return result


def _compare(result: UndoPreview, before: Groups, after: Groups) -> None:
    """Note who falls apart; of a person with several asked IDs the last look has it all."""
    parts: dict[str, Groups] = {}
    owner = {member.public_id: group[0].public_id for group in before for member in group}
    for group in after:
        parts.setdefault(owner[group[0].public_id], []).append(group)
    for founder, groups in parts.items():
        if len(groups) > 1:
            result.parts[founder] = len(groups)
            if founder in result.shown or len(result.shown) < MOST_SHOWN:
                result.shown[founder] = groups
