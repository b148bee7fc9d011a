"""`python -m tests.benchmarks`: measures every way on this machine, round by round, and prints what they do."""

import argparse
import os
import sys

from tests.benchmarks.ratios import Runs
from tests.benchmarks.running import Runner
from tests.benchmarks.table import NOTES, place, ratio_table, table
from tests.benchmarks.ways import AT_ONCE, WAYS, Way

FETCHING, STORING = (50, 200), (50,)  # ms


def main() -> int:
    """Run the command line; gives the exit status."""
    options = _options()
    before = os.getloadavg()[0]
    with Runner(options.people) as runner:
        runs = measure(runner, options)
    load = f"Load {before:.1f} before, {os.getloadavg()[0]:.1f} at the end"
    notes = NOTES.format(repeat="one round" if options.repeat == 1 else f"{options.repeat} rounds", threads=AT_ONCE)
    print("\n\n".join(part for part in (f"{place()}\n{load}", table(runs), ratio_table(runs), notes) if part))
    return 0


def measure(runner: Runner, options: argparse.Namespace) -> Runs:
    """Run each way once a round, at each of its latencies."""
    chosen = [way for way in WAYS if not options.only or {way.name, way.kind} & set(options.only)]
    runs: Runs = {(latency, way): [] for way in chosen for latency in _latencies(way, options.latency)}
    for turn in range(options.repeat):
        for (latency, way), told in runs.items():
            told.append(runner.run(way, latency))
            line = "  ".join(f"{name} {figure:.2f}" for name, figure in told[-1].items())
            print(f"{turn + 1}/{options.repeat} {way.name} {latency} ms: {line}", file=sys.stderr, flush=True)
    return runs


def _latencies(way: Way, told: list[int] | None) -> tuple[int, ...]:
    """Give the latencies at which a way is measured; COPY asks nobody."""
    if not way.command:
        return (0,)
    return tuple(told) if told else FETCHING if way.is_fetching else STORING


def _options() -> argparse.Namespace:
    names = sorted({name for way in WAYS for name in (way.kind, way.name)})
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    parser.add_argument("--people", type=_positive, default=4000, help="people to ask about (4000)")
    parser.add_argument("--repeat", type=_positive, default=3, help="rounds of which the median is told (3)")
    parser.add_argument("--only", action="append", choices=names, help="this way, or all of a kind; may be repeated")
    parser.add_argument("--latency", action="append", type=int, help="in ms; may be repeated (50; 200 for fetching)")
    return parser.parse_args()


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
