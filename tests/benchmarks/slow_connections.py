"""How long `/health/` and a log-in take while strangers hold slow connections, and what the web server costs.

Any other server: --command "gunicorn idlink.wsgi --bind 127.0.0.1:{port} --worker-class gthread --threads 4".
"""

import argparse
import os
import re
import tempfile
import time
from pathlib import Path

import requests

import tests.benchmarks.ready_django  # noqa: F401  (before anything that has models)
from tests.benchmarks.table import aligned
from tests.lone_web import LoneWeb
from tests.slow_strangers import drip, slow_strangers

ROUNDS, PAGES = 5, 300


def main() -> None:
    """Print the figures of one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", default="", help="another server's command; {port} is the port")
    parser.add_argument("--connections", type=int, nargs="+", default=[0, 20, 200])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, LoneWeb(Path(folder), given.command) as web:
        rows = [[str(count), *_worst(web, count)] for count in given.connections]
        print(aligned(["Slow connections", "/health/, worst", "Log-in, worst"], rows))
        print(f"{PAGES} times *Find*, one after the other: {_cost(web)}")


def _worst(web: LoneWeb, count: int) -> list[str]:
    with slow_strangers(web.port, count) as held:
        told = []
        for _ in range(ROUNDS):
            drip(held)
            try:
                told.append(web.seconds())
            except (AssertionError, requests.RequestException) as error:  # that is its figure, too
                return [f"no answer ({type(error).__name__})"] * 2
        return [f"{max(one[part] for one in told):.2f} s" for part in (0, 1)]


def _cost(web: LoneWeb) -> str:
    visitor = web.visitor()
    before, start = _processor_seconds(web), time.monotonic()
    for _ in range(PAGES):
        assert visitor.get("/admin/find/").status_code == 200
    took, spent = time.monotonic() - start, _processor_seconds(web) - before
    return f"{took:.1f} s, {spent:.1f} s of processor time, {_megabytes(web):.0f} MB in memory"


def _family(web: LoneWeb) -> list[Path]:
    assert web.process.handle is not None
    parent = Path(f"/proc/{web.process.handle.pid}")
    children = (parent / "task" / parent.name / "children").read_text().split()
    return [parent, *(Path("/proc") / pid for pid in children)]


def _processor_seconds(web: LoneWeb) -> float:
    fields = [(one / "stat").read_text().rpartition(")")[2].split() for one in _family(web)]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def _megabytes(web: LoneWeb) -> float:
    told = "".join((one / "smaps_rollup").read_text() for one in _family(web))
    return sum(int(kilobytes) for kilobytes in re.findall(r"^Pss: +(\d+)", told, re.MULTILINE)) / 1000


if __name__ == "__main__":
    main()
