"""How long a person waits for a lookup pressed in the browser: on an idle installation, and beside a list.

Real processes: PostgreSQL with Redis, and SQLite with the broker of files; web server, workers, beat, the sandbox.
The list is paused, presses are timed, it goes on, presses are timed beside it, and so on in one run. Half of the
presses are for the list's own business, half for another. In the end a pool process is killed before each second press.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from tests.benchmarks.lane_stack import LaneStack
from tests.benchmarks.table import aligned

CASES = ("idle", "beside a list", "right after a kill")


def main() -> None:
    """Measure on both databases, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("postgres", "sqlite"), action="append")
    parser.add_argument("--rounds", type=int, default=4, help="of idle presses and presses beside the list")
    parser.add_argument("--presses", type=int, default=8, help="of each sort a round, half of them for each business")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--latency", type=float, default=0.02, help="of the sandbox, in seconds")
    given = parser.parse_args()
    for database in given.database or ("postgres", "sqlite"):
        with tempfile.TemporaryDirectory(prefix="idlink-lanes-") as folder, ExitStack() as stack:
            lanes = LaneStack(Path(folder), database, rows=given.rows, latency=given.latency)
            stack.callback(lanes.stop)
            lanes.start()
            print("\n".join([f"\n{database}", *_measured(lanes, given)]), flush=True)


def _measured(lanes: LaneStack, given: argparse.Namespace) -> Iterator[str]:
    waited: dict[tuple[str, str], list[float]] = {}
    speeds = []

    def press(case: str) -> None:
        for number in range(given.presses):
            if case == CASES[2] and number % 2 == 0:
                lanes.kill_one_at_work()
            who, seconds = lanes.press(number % 2 == 0)
            waited.setdefault((case, who), []).append(seconds)

    for turn in range(given.rounds):
        lanes.pause()
        press(CASES[0])
        lanes.go_on()
        if turn % 2 == 0:
            press(CASES[1])
            speeds.append(lanes.speed())
        else:
            speeds.append(lanes.speed())
            press(CASES[1])
    press(CASES[2])
    if lanes.done() >= given.rows:
        raise SystemExit("The list has ended too soon: give it more --rows.")
    idle = {who: waited[CASES[0], who] for who in lanes.whose}
    rows = [
        [case, who, *_told(waited[case, who], idle[who])]
        for case in CASES
        for who in lanes.whose
        if (case, who) in waited
    ]
    heads = ["A person waits", "of", "Presses", "Median", "Worst", "× idle", "× idle at worst"]
    yield aligned(heads, rows, left=(0, 1))
    told = ", ".join(f"{speed:.0f}" for speed in speeds)
    yield f"The list: {statistics.median(speeds):.0f} rows a second ({told}); {lanes.done()} of {given.rows} done."


def _told(seconds: list[float], idle: list[float]) -> list[str]:
    median, worst = statistics.median(seconds), max(seconds)
    usual = statistics.median(idle)
    return [
        str(len(seconds)), f"{median:.2f} s", f"{worst:.2f} s", f"{median / usual:.1f}", f"{worst / usual:.1f}",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
