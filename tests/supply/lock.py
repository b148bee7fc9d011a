"""Read the lock files: which version of each package is installed, under which condition, and with which hashes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
RUN_TIME = ROOT / "requirements.lock"
FOR_TESTS = ROOT / "requirements-dev.lock"
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^ ;]+)(?: ; (.+?))?(?: \\)?$")


@dataclass(frozen=True)
class Pin:
    """A version of a package; `hashes` are SHA-256 of its files, `wanted_by` names packages or requirements files."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]

    @property
    def is_for_here(self) -> bool:
        """Tell whether it is installed on this machine, with this Python."""
        return self.marker is None or self.marker.evaluate()


def pins_of(path: Path) -> list[Pin]:
    """Give the pins of a lock. Raises ValueError for a line that pins nothing."""
    return [_pin(block) for block in _blocks(path)]


def _blocks(path: Path) -> Iterator[list[str]]:
    """Give each pin with the indented lines below it."""
    block: list[str] = []
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" ") and block:
            yield block
            block = []
        block.append(line.strip())
    yield block


def _pin(block: list[str]) -> Pin:
    found = _PIN.match(block[0])
    if not found:
        raise ValueError(f"This pins no version: {block[0]}")
    name, version, marker = found.groups()
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", " ".join(block))
    notes = [line.lstrip("# ").removeprefix("via").strip() for line in block if line.startswith("#")]
    wanted_by = tuple(note.removeprefix("-r ") for note in notes if note)
    return Pin(canonicalize_name(name), version, Marker(marker) if marker else None, tuple(hashes), wanted_by)
