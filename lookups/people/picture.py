"""A picture of one person's IDs and the links between them, laid out for the template parts/picture.html.

This module does not use the database: it turns plain values into coordinates and sentences. The same input in any
order gives the same picture. The left column holds the apps' IDs, the right one the Pages'; a link inside a column
is an arc beside it. A line that names an unknown key, or the same spot twice, is left out.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter
from unicodedata import bidirectional, category, east_asian_width

MOST_DRAWN, MOST_SAID = 40, 200
SPOT_WIDTH, SPOT_HEIGHT, PITCH, HEADING, MARGIN = 160, 44, 60, 34, 10
NAME_BREADTH, LONGEST_NAME, HALF_VALUE = 19.5, 40, 10
STATES = ("confirmed", "unconfirmed", "asserted", "withdrawn", "retracted", "apart")
RANK = attrgetter("kind", "asset", "value", "key")
HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, order=True)
class Spot:
    """An ID: an app's (ASID) or a Page's (PSID)."""

    key: str
    kind: str
    value: str
    asset: str
    in_conflict: bool = False
    url: str = ""


@dataclass(frozen=True, order=True)
class SpotLine:
    """A link between the spots of two keys."""

    source: str
    target: str
    state: str
    both_ways: bool
    age: str
    in_conflict: bool = False
    url: str = ""


@dataclass(frozen=True)
class PlacedSpot:
    """A spot with its top left corner, its two short labels and its full title."""

    spot: Spot
    x: int
    y: int
    name: str
    label: str
    title: str
    width: int = SPOT_WIDTH
    height: int = SPOT_HEIGHT


@dataclass(frozen=True)
class Curve:
    """A line with its SVG path from source to target: an arrow at the target, and at the source if both ways."""

    line: SpotLine
    d: str
    css_class: str
    arrow: str
    title: str


@dataclass(frozen=True)
class Picture:
    """All that the template draws and says."""

    width: int = 0
    height: int = 0
    spots: tuple[PlacedSpot, ...] = ()
    curves: tuple[Curve, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    text: list[str] = field(default_factory=list)
    left_out: int = 0
    has_urls: bool = False


def layout(spots: Sequence[Spot], lines: Sequence[SpotLine]) -> Picture:
    """Lay out the picture. If there are more than 40 spots, it draws those in conflict, then those with most links."""
    known = {spot.key: spot for spot in sorted(spots, key=RANK)}
    links = [line for line in lines if {line.source, line.target} <= known.keys() and line.source != line.target]
    links.sort(key=lambda line: (RANK(known[line.source]), RANK(known[line.target]), line))
    if not known:
        return Picture()
    drawn = _drawn(known, links)
    shown = [line for line in links if {line.source, line.target} <= drawn.keys()]
    left_out = len(known) - len(drawn)
    return _picture(_uncrossed(drawn, shown), shown, _text(known, links, left_out), left_out)


def _is_left(spot: Spot) -> bool:
    return spot.kind == "ASID"


def _drawn(known: Mapping[str, Spot], links: Sequence[SpotLine]) -> dict[str, Spot]:
    ends = Counter(key for line in links for key in (line.source, line.target))
    first = sorted(known.values(), key=lambda spot: (not spot.in_conflict, -ends[spot.key], RANK(spot)))
    return {spot.key: spot for spot in sorted(first[:MOST_DRAWN], key=RANK)}


def _tops(columns: Sequence[Sequence[Spot]]) -> dict[str, int]:
    """Give each spot's distance from the top; the shorter column is centred beside the longer one."""
    rows = max(map(len, columns))
    return {spot.key: HEADING + PITCH * (2 * row + rows - len(c)) // 2 for c in columns for row, spot in enumerate(c)}


def _uncrossed(drawn: Mapping[str, Spot], lines: Sequence[SpotLine]) -> list[list[Spot]]:
    """Order the columns in turn by the mean place of each spot's neighbours: the barycentre heuristic."""
    columns = [[spot for spot in drawn.values() if _is_left(spot) is left] for left in (True, False)]
    near: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for line in lines:
        across = _is_left(drawn[line.source]) != _is_left(drawn[line.target])
        near[line.source, across].append(line.target)
        near[line.target, across].append(line.source)
    for turn in range(6):
        tops = _tops(columns)
        groups = {key: near[key, True] or [key, *near[key, False]] for key in drawn}
        means = {key: sum(tops[other] for other in group) / len(group) for key, group in groups.items()}
        columns[(turn + 1) % 2].sort(key=lambda spot: means[spot.key])
    return columns


def _picture(columns: Sequence[Sequence[Spot]], lines: Sequence[SpotLine], text: list[str], left_out: int) -> Picture:
    tops, rows = _tops(columns), max(map(len, columns))
    margins = [_margin(column, lines, tops) for column in columns]
    x = (margins[0], margins[0] + SPOT_WIDTH + min(150, 92 + 4 * rows))
    placed = {spot.key: _placed(spot, x[side], tops[spot.key]) for side in (0, 1) for spot in columns[side]}
    return Picture(
        width=x[1] + SPOT_WIDTH + margins[1],
        height=HEADING + (rows - 1) * PITCH + SPOT_HEIGHT + MARGIN,
        spots=tuple(placed.values()),
        curves=_curves(lines, placed),
        headings=((x[0], "IDs for apps (ASID)"), (x[1], "IDs for Pages (PSID)")),
        legend=_legend(lines),
        text=text,
        left_out=left_out,
        has_urls=any(spot.url for column in columns for spot in column) or any(line.url for line in lines),
    )


def _depth(height: int) -> float:
    """Give how far an arc of this height reaches beside its column."""
    return min(64, 16 + abs(height) / 10)


def _margin(column: Sequence[Spot], lines: Sequence[SpotLine], tops: Mapping[str, int]) -> int:
    keys = {spot.key for spot in column}
    arcs = [tops[line.source] - tops[line.target] for line in lines if {line.source, line.target} <= keys]
    return round(MARGIN + max(map(_depth, arcs), default=0))


def _placed(spot: Spot, x: int, y: int) -> PlacedSpot:
    short = f"{spot.value[:HALF_VALUE]}…{spot.value[-HALF_VALUE:]}"
    label = spot.value if len(spot.value) <= len(short) else short
    title = _full(spot) + (", in conflict" if spot.in_conflict else "")
    return PlacedSpot(spot, x, y, _plain(_shortened(spot.asset)), _plain(label), title)


def _curves(lines: Sequence[SpotLine], placed: Mapping[str, PlacedSpot]) -> tuple[Curve, ...]:
    ports, curves = _ports(lines, placed), []
    for number, line in enumerate(lines):
        ends = placed[line.source], placed[line.target]
        css_class = f"il-line il-line-{line.state}" + (" il-line-conflict" if line.in_conflict else "")
        d = _path(*ends, ports[number, line.source], ports[number, line.target])
        arrow = "conflict" if line.in_conflict else line.state
        curves.append(Curve(line, d, css_class, arrow, _sentence(line, ends[0].spot, ends[1].spot)))
    return tuple(curves)


def _ports(lines: Sequence[SpotLine], placed: Mapping[str, PlacedSpot]) -> dict[tuple[int, str], float]:
    """Spread the ends of lines over the sides of their spots, in the order in which they cross least."""
    sides, ports = defaultdict(list), {}
    for number, line in enumerate(lines):
        for mine, other in ((line.source, line.target), (line.target, line.source)):
            down = placed[other].y - placed[mine].y
            across = _is_left(placed[mine].spot) != _is_left(placed[other].spot)
            rank = (down, number) if across else (1 / down, -number if down > 0 else number)
            sides[mine, across].append((rank, number))
    for (key, _), ends in sides.items():
        step = min(9, (SPOT_HEIGHT - 14) / max(1, len(ends) - 1))
        for place, (_, number) in enumerate(sorted(ends)):
            ports[number, key] = placed[key].y + SPOT_HEIGHT / 2 + (place - (len(ends) - 1) / 2) * step
    return ports


def _path(source: PlacedSpot, target: PlacedSpot, start: float, end: float) -> str:
    left, across = _is_left(source.spot), _is_left(source.spot) != _is_left(target.spot)
    a, b = (placed.x + (SPOT_WIDTH if _is_left(placed.spot) == across else 0) for placed in (source, target))
    out = (b - a) / 2 if across else _depth(target.y - source.y) / 0.75 * (-1 if left else 1)
    return f"M{a} {start:.1f}C{a + out:.1f} {start:.1f} {b - out if across else b + out:.1f} {end:.1f} {b} {end:.1f}"


def _legend(lines: Sequence[SpotLine]) -> tuple[tuple[str, str], ...]:
    used = {line.state for line in lines}
    conflict = [("conflict", "In conflict (thick, dashes as above)")] if any(line.in_conflict for line in lines) else []
    return tuple([(state, state.capitalize()) for state in STATES if state in used] + conflict)


def _text(known: Mapping[str, Spot], links: Sequence[SpotLine], left_out: int) -> list[str]:
    linked = {key for line in links for key in (line.source, line.target)}
    alone = "; ".join(_full(spot) for spot in known.values() if spot.key not in linked)
    clash = "; ".join(_full(spot) for spot in known.values() if spot.in_conflict)
    cut = f"{left_out} more {'ID is' if left_out == 1 else 'IDs are'} not drawn."
    sentences = [_sentence(line, known[line.source], known[line.target]) for line in links[:MOST_SAID]]
    unsaid = len(links) - len(sentences)
    rest = (
        (unsaid, f"And {unsaid} more links."),
        (clash, f"In conflict: {clash}."),
        (alone, f"Without links: {alone}."),
        (left_out, cut),
    )
    return sentences + [sentence for wanted, sentence in rest if wanted]


def _sentence(line: SpotLine, source: Spot, target: Spot) -> str:
    words = "{} and {} lead to each other" if line.both_ways else "{} leads to {}"
    words = "{} and {} are held apart" if line.state == "apart" else words
    words_of_age = line.age if line.age.startswith(line.state) else ", ".join(filter(None, (line.state, line.age)))
    conflict = "; in conflict" if line.in_conflict else ""
    return f"{words.format(_full(source), _full(target))}: {_plain(words_of_age)}{conflict}."


def _full(spot: Spot) -> str:
    return f"{spot.kind} {_plain(spot.value)} in {_plain(spot.asset)}"


def _plain(text: str) -> str:
    """Replace control characters, and characters that reorder text, by a mark; isolate right-to-left names."""
    plain = HARMFUL.sub("\ufffd", " ".join(text.split()))
    return f"\u2068{plain}\u2069" if {"R", "AL", "AN"} & set(map(bidirectional, plain)) else plain


def _breadth(char: str) -> float:
    wide = east_asian_width(char) in "WF" or char in "MWmw@%"
    return 0 if category(char) in ("Mn", "Me", "Cf") else 1.7 if wide else 1.3 if char.isupper() else 1


def _shortened(name: str) -> str:
    """Cut a name to the breadth of a spot, never between a letter and its marks."""
    breadths = list(accumulate(map(_breadth, name)))
    if not name or (breadths[-1] <= NAME_BREADTH and len(name) <= LONGEST_NAME):
        return name
    kept = sum(breadth <= NAME_BREADTH - 1 for breadth in breadths[:LONGEST_NAME])
    return name[:kept].rstrip("\u200d ") + "…"
