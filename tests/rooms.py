"""`python -m tests.rooms` draws the rooms by the real imports, as ARCHITECTURE.md shows them; `--write` updates it."""

import sys
from pathlib import Path

import grimp

ARCHITECTURE = Path(__file__).resolve().parent.parent / "ARCHITECTURE.md"
BEGIN, END = "<!-- rooms: made by `python -m tests.rooms --write` -->\n", "<!-- end of rooms -->\n"
NOT_ROOMS = {"lookups.apps", "lookups.migrations"}
Arrows = set[tuple[str, str]]


def rooms_and_arrows() -> tuple[list[str], Arrows]:
    """Give the rooms, and which imports from which; an arrow that others lead around to is left out."""
    graph = grimp.build_graph("idlink", "businesses", "lookups", exclude_type_checking_imports=True)
    rooms = ["idlink", "businesses", *sorted(graph.find_children("lookups") - NOT_ROOMS)]
    arrows = {
        (_room_of(importer, rooms), _room_of(imported, rooms))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    between = {(one, other) for one, other in arrows if one and other and one != other}
    return rooms, {(one, other) for one, other in between if not _leads_around(between, one, other)}


def _room_of(module: str, rooms: list[str]) -> str:
    return next((room for room in rooms if module == room or module.startswith(f"{room}.")), "")


def _leads_around(arrows: Arrows, start: str, end: str) -> bool:
    """Tell whether another way than the arrow itself leads from one room to the other."""
    seen: set[str] = set()
    open_ones = [other for one, other in arrows if one == start and other != end]
    while open_ones:
        room = open_ones.pop()
        if room == end:
            return True
        if room not in seen:
            seen.add(room)
            open_ones += [other for one, other in arrows if one == room]
    return False


def picture() -> str:
    """Give the picture, as Mermaid's text."""
    rooms, arrows = rooms_and_arrows()
    names = {room: room.removeprefix("lookups.") for room in rooms}
    lines = [f"    {names[one]} --> {names[other]}" for one, other in sorted(arrows)]
    return "\n".join(["```mermaid", "graph TD", *lines, "```", ""])


def drawn(text: str) -> str:
    """Give a page with the present picture in its place."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{picture()}{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        ARCHITECTURE.write_text(drawn(ARCHITECTURE.read_text()))
    else:
        sys.stdout.write(picture())
