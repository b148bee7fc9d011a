"""How long one business's lookups take beside another's in trouble, as often as they take alone: one worker, SQLite."""

import argparse
import json
import os
import subprocess
import sys
import time

from lookups.sandbox.world.default_world import JOHNS, default_world
from tests.benchmarks.questions import truths, world_size
from tests.benchmarks.table import aligned
from tests.sandbox_process import SandboxProcess

TROUBLES = {
    "alone": None,
    "beside one that fares well": {},
    "beside one whose calls hang": {"silence": True},
    "beside one whose calls take 5 s": {"delay": 5},
    "beside one whose connections break": {"cut": "before"},
    "beside one whose calls fail": {"error": {"status": 500, "code": 2}},
    "beside one whose calls are too many": {"error": {"status": 400, "code": 4}},
}


def main() -> None:
    """Measure each case in a process of its own, or with a case's name that one in this."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=4000, help="of both businesses")
    parser.add_argument("--case", choices=TROUBLES)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(_seconds(TROUBLES[given.case], given.people)))
        return
    told = {case: _apart(case, given.people) for case in TROUBLES}
    rows = [[case, f"{seconds:.1f} s", f"{seconds / told['alone']:.2f}"] for case, seconds in told.items()]
    print(aligned(["Lookups of one business", "Time", "Times alone"], rows, left=(0,)))


def _apart(case: str, people: int) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.fairness", "--people", str(people), "--case", case]
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, env=kept, check=True, stdout=subprocess.PIPE, text=True)
    seconds: float = json.loads(done.stdout)
    return seconds


def _seconds(trouble: dict[str, object] | None, people: int) -> float:
    """Give the seconds until the last lookup of the business that has no trouble is answered."""
    with SandboxProcess("--people", str(world_size(people)), "--latency", "0.05") as sandbox:
        if trouble:
            sandbox.control("rules", [{"match": {"business": JOHNS, "item": False}, "action": trouble}])
        return _worked_off(sandbox.url, people, beside=trouble is not None)


def _worked_off(url: str, people: int, *, beside: bool) -> float:
    from tests.benchmarks.installation import Lookup, install, resolver  # noqa: PLC0415  (makes Django ready)

    owners = {key: asset.business_id for key, asset in default_world().assets.items()}
    asked = [(scope, value) for scope, value in truths(people) if beside or owners[scope] != JOHNS]
    install(url, asked)
    ours = Lookup.objects.exclude(business__graph_id=JOHNS)
    start = time.time()
    while ours.unfinished().exists():
        resolver.resolve_turn("staff", at_once=16)
    return ours.latest("finished_at").finished_at.timestamp() - start


if __name__ == "__main__":
    main()
