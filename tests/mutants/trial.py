"""Try one mutant in a copy of the tree: its tests must fail. The tree itself is never changed."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.table import ROOT, Mutant

_LEFT_BEHIND = (".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "*.backup")
_NOT_FOR_A_RUN = re.compile("DATABASE_URL|CI|DJANGO_SETTINGS_MODULE|PYTEST_.*")  # a run within a run would be misled


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: killed, survived, or `unclear` when its tests did not run; and what pytest said."""

    outcome: str
    seconds: float
    said: str


class Copy:
    """A copy of the tree, with a folder for databases that all its runs share."""

    def __init__(self, folder: Path) -> None:
        self._tree, self._shared = folder / "tree", folder / "shared"
        shutil.copytree(ROOT, self._tree, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        self._shared.mkdir()

    def judge(self, mutant: Mutant) -> Verdict:
        """Make the change, run its tests, and take the change back. Raises NotFound."""
        path = self._tree / mutant.file
        right = path.read_text()
        self._write(path, mutant.spoilt(right))
        began = time.monotonic()
        try:
            code, said = self.run(mutant.tests, on=mutant.on, anew=mutant.changes_tables)
        finally:
            self._write(path, right)
        return Verdict(_outcome(code, said), time.monotonic() - began, said)

    def run(self, tests: Sequence[str], *, on: str, anew: bool = False) -> tuple[int, str]:
        """Run tests until one fails; gives pytest's status and output. With `anew` the database is made anew."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--timeout", "120", *tests]
        if on == "postgres":
            command = [sys.executable, "-m", "tests.postgres", *command]
        environment = {name: value for name, value in os.environ.items() if not _NOT_FOR_A_RUN.fullmatch(name)}
        if not anew:
            environment["TESTS_SHARED_DIR"] = str(self._shared)
        done = subprocess.run(command, cwd=self._tree, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def _write(self, path: Path, text: str) -> None:
        """Write a file, and drop what Python has compiled of it: within one second it would be taken for the same."""
        path.write_text(text)
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()


def _outcome(code: int, said: str) -> str:
    """Name what came of a run. A test must have failed: a program that does not even start shows nothing."""
    if code == 0:
        return "survived"
    return "killed" if code == 1 and re.search(r"^\d+ failed", said, re.MULTILINE) else "unclear"
