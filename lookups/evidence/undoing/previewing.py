"""Preview the undo of an import: make the same changes in memory and store nothing."""

from collections import Counter
from dataclasses import dataclass, field

from lookups.evidence.undoing.origins import Ends, Origin, ends_of
from lookups.evidence.undoing.reading import STEP, asked_after, links_by_origin, region_of, retractable
from lookups.models import Run, ScopedID

MOST_PREVIEWED, MOST_SHOWN = 3000, 5  # how many lookups a preview reads; how many persons it shows in full
Groups = list[list[ScopedID]]


@dataclass
class UndoPreview:
    """What an undo would do: the links with their origins, and the persons that it would split, by founder.

    A preview of a large import reads only its first lookups: `looked_at` of `asked`.
    """

    asked: int
    looked_at: int = 0
    links: dict[Ends, Origin] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    shown: dict[str, Groups] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the preview read all lookups; only then are its numbers exact."""
        return self.looked_at >= self.asked

    @property
    def retracted(self) -> int:
        """How many links the undo retracts: those that only this import brought."""
        return sum(origin == Origin.ALONE for origin in self.links.values())

    @property
    def staying(self) -> list[tuple[str, int]]:
        """The reasons why links stay, each with the number of links."""
        counts = Counter(self.links.values())
        reasons = [origin for origin in Origin if origin != Origin.ALONE and counts[origin]]
        return [(reason.value, counts[reason]) for reason in reasons]

    @property
    def become(self) -> int:
        """How many persons the split persons become."""
        return sum(self.parts.values())


def preview_undoing(run: Run, *, most: int = MOST_PREVIEWED) -> UndoPreview:
    """Show what an undo would do, from the run's first `most` lookups."""
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
    """Note the persons that are split. A person with several asked IDs is noted again; the last time is complete."""
    parts: dict[str, Groups] = {}
    owner = {member.public_id: group[0].public_id for group in before for member in group}
    for group in after:
        parts.setdefault(owner[group[0].public_id], []).append(group)
    for founder, groups in parts.items():
        if len(groups) > 1:
            result.parts[founder] = len(groups)
            if founder in result.shown or len(result.shown) < MOST_SHOWN:
                result.shown[founder] = groups
