"""The workers that `run` and the demo start are those that the README documents, a command each."""

import pytest

from lookups.management.lanes import LANES, beat_command, worker_command
from tests.stack import ROOT

README = (ROOT / "README.md").read_text()


def documented(command: list[str]) -> str:
    """The command as it stands in the README: without the path of Python, and without what follows the name."""
    start = command.index("celery")
    end = command.index("-n", start) if "-n" in command[start:] else len(command)
    return " ".join([*command[: start - 2], *command[start:end]])


@pytest.mark.parametrize("lane", LANES)
def test_each_lane_has_one_documented_command(lane):
    assert f"`{documented(worker_command(lane))}`" in README


def test_a_small_machine_has_one_worker_for_all():
    assert f"`{documented(worker_command(*LANES))}`" in README
    assert f"`{documented(beat_command())}`" in README
