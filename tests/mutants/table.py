"""Read the mutants, and make each one's change. A change is named by a file and by a text that stands in it once."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_WITH_TRIGGERS = (
    "businesses/isolation/on_postgres.py",
    "businesses/isolation/on_sqlite.py",
    "lookups/models/lookup.py",
)
FIELDS = {"what", "file", "old", "new", "tests", "on"}


class NotFound(Exception):
    """A mutant's text stands nowhere in its file, or more than once; the text says which one and what to do."""


@dataclass(frozen=True)
class Mutant:
    """One safety line spoilt: `old` becomes `new`. `tests` are pytest's names; `on` is `sqlite` or `postgres`."""

    theme: str
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    on: str = "sqlite"

    @property
    def name(self) -> str:
        """What is printed of it."""
        return f"{self.theme}: {self.what}"

    @property
    def changes_tables(self) -> bool:
        """Tell whether the database has to be made anew to hold what it spoils."""
        return "/migrations/" in self.file or self.file in _WITH_TRIGGERS

    def spoilt(self, text: str) -> str:
        """Give the file's text with the change made; raises NotFound."""
        found = text.count(self.old)
        if found != 1:
            raise NotFound(
                f"{self.name}: the text to change stands {found} times in {self.file}. Write it anew in "
                f"tests/mutants/{self.theme}.toml, as the line is now:\n{self.old}"
            )
        return text.replace(self.old, self.new)


def mutants() -> list[Mutant]:
    """Give all mutants, theme by theme. Raises TypeError for a row with other fields."""
    found = []
    for page in sorted(Path(__file__).parent.glob("*.toml")):
        for row in tomllib.loads(page.read_text())["mutant"]:
            found.append(Mutant(page.stem, **{**row, "tests": tuple(row["tests"])}))
    return found
