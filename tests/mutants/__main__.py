"""`make test-mutants`: spoil one safety line after the other; its tests must fail. ARGS="word" for some of them."""

import argparse
import queue
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.table import Mutant, mutants
from tests.mutants.trial import Copy, Verdict


def main(told: list[str]) -> int:
    """Try the mutants; gives 1 if one was not killed."""
    options = _options(told)
    wanted = [one for one in mutants() if all(word in one.name for word in options.words)]
    with tempfile.TemporaryDirectory(prefix="idlink-mutants-") as folder:
        copies: queue.Queue[Copy] = queue.Queue()
        for number in range(options.jobs):
            copies.put(Copy(Path(folder) / str(number)))
        if not _pass_untouched(wanted, copies.queue[0]):
            return 1
        with ThreadPoolExecutor(options.jobs) as threads:
            verdicts = list(threads.map(lambda one: _tried(one, copies), wanted))
    alive = [one.name for one, verdict in zip(wanted, verdicts, strict=True) if verdict.outcome != "killed"]
    print(f"{len(wanted) - len(alive)} of {len(wanted)} mutants killed.", *alive, sep="\n  ")
    return 1 if alive or not wanted else 0


def _options(told: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants in whose theme or description all of these stand")
    parser.add_argument("--jobs", type=int, default=2, choices=(1, 2), help="how many at a time")
    return parser.parse_args(told)


def _pass_untouched(wanted: list[Mutant], copy: Copy) -> bool:
    """Tell whether the tests pass while nothing is spoilt: else their failing would show nothing."""
    for on in sorted({one.on for one in wanted}):
        tests = sorted({test for one in wanted if one.on == on for test in one.tests})
        code, said = copy.run(tests, on=on)
        if code:
            print(f"The tests fail although nothing is spoilt ({on}):\n{said}")
            return False
        print(f"{len(tests)} tests pass while nothing is spoilt ({on}).", flush=True)
    return True


def _tried(mutant: Mutant, copies: "queue.Queue[Copy]") -> Verdict:
    copy = copies.get()
    try:
        verdict = copy.judge(mutant)
    finally:
        copies.put(copy)
    print(f"{verdict.outcome:9}{verdict.seconds:5.1f} s  {mutant.name}", flush=True)
    if verdict.outcome == "unclear":
        print(verdict.said[-2000:], flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
