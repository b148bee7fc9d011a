"""The workers that `run` and the demo start are those that the README documents, a command each."""

import re

import pytest

from lookups.management.lanes import LANES, beat_command, worker_command
from tests.stack import ROOT

README = (ROOT / "README.md").read_text()


def documented(command: list[str]) -> str:
    """The command as it stands in the README: without the path of Python, and without what follows the name."""
    words = re.sub(r" -n \S+@%h$", "", " ".join(command)).split(" ")
    start = words.index("celery")
    before = words[: words.index("-m") - 1]
    return " ".join([*before, *words[start:]])


@pytest.mark.parametrize("lane", LANES)
def test_each_lane_has_one_documented_command(lane):
    assert f"`{documented(worker_command(lane))}`" in README


def test_a_small_machine_has_one_worker_for_all():
    assert f"`{documented(worker_command(*LANES))}`" in README
    assert f"`{documented(beat_command())}`" in README
