"""Which IDs of a person to ask, so that the fewest answers speak of all that are due. Pure."""

from collections.abc import Collection, Iterable, Mapping


def fewest(
    due: Collection[int], told: Mapping[int, Collection[int]], parts: Mapping[int, Collection[int]]
) -> list[int]:
    """Choose among the IDs in `parts` those to ask; what none of them can tell of is left out.

    `told` names what the latest answer about an ID gave; an ID without an answer is hoped to give the whole
    part that links connect it with. Hope comes last: who answered before answers again, and whoever was asked
    in hope has answered by the next time.
    """
    left, chosen = set(due), []
    covers = {key: {key, *told.get(key, parts[key])} for key in parts}

    def worth(key: int) -> tuple[bool, int, int, int]:
        return key in told, len(covers[key] & left), len(covers[key]), -key

    while left:
        best = max((key for key in covers if covers[key] & left), key=worth, default=None)
        if best is None:
            break
        chosen.append(best)
        left -= covers[best]
    return chosen


def parts_of(keys: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Give, for each ID, all that links connect it with, itself among them."""
    parts = {key: {key} for key in keys}
    for one, other in links:
        if parts[one] is not parts[other]:
            joined = parts[one] | parts[other]
            parts.update(dict.fromkeys(joined, joined))
    return parts
