"""`python -m tests.benchmarks`: measures every way on this machine and prints one table."""

import argparse
import sys

from tests.benchmarks.running import Runner
from tests.benchmarks.table import NOTES, Results, medians, place, ratios, table
from tests.benchmarks.ways import WAYS

LATENCIES = [0, 50, 200]


def main() -> int:
    """Run the command line; gives the exit status."""
    options = _options()
    runner = Runner()
    try:
        results = measure(runner, options)
    finally:
        runner.stop()
    notes = NOTES.format(repeat="one run" if options.repeat == 1 else f"{options.repeat} runs")
    print("\n\n".join(part for part in (place(), table(results), ratios(results), notes) if part))
    return 0


def measure(runner: Runner, options: argparse.Namespace) -> Results:
    """Run each way as often as asked, at each latency."""
    results: Results = {}
    for latency in options.latency or LATENCIES:
        for way in WAYS:
            if options.only and way.name not in options.only:
                continue
            print(f"{latency} ms: {way.shown} …", file=sys.stderr, flush=True)
            runs = [runner.run(way, latency=latency, people=options.people) for _ in range(options.repeat)]
            results[latency, way] = medians(runs)
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.benchmarks", description=__doc__)
    parser.add_argument("--people", type=_positive, default=2000, help="people to ask about (2000)")
    parser.add_argument("--repeat", type=_positive, default=3, help="runs of which the median is told (3)")
    parser.add_argument("--only", action="append", choices=[way.name for way in WAYS], help="this way; may be repeated")
    parser.add_argument("--latency", action="append", type=int, help="in ms; may be repeated (0, 50, 200)")
    return parser.parse_args()


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
