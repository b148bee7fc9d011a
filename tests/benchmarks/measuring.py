"""Measures one way in its own process: time, HTTP requests, processor time here and in the sandbox."""

import argparse
import itertools
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import requests

Told = TypeVar("Told")


def order(*ways: str) -> argparse.Namespace:
    """Read the command line that the driver gave; `way` is one of these, if there are any."""
    parser = argparse.ArgumentParser()
    if ways:
        parser.add_argument("way", choices=ways)
    parser.add_argument("--url", required=True)
    parser.add_argument("--sandbox", type=int, required=True, help="the sandbox's process")
    parser.add_argument("--people", type=int, required=True)
    return parser.parse_args()


def measured(work: Callable[[], Told], given: argparse.Namespace) -> tuple[Told, dict[str, float]]:
    """Do the work; gives what it gave, and the figures."""
    with counted() as requests_sent:
        here, there, start = time.process_time(), cpu_seconds(given.sandbox), time.perf_counter()
        told = work()
        wall = time.perf_counter() - start
        here, there = time.process_time() - here, cpu_seconds(given.sandbox) - there
        sent = next(requests_sent)
    return told, {
        "people": given.people,
        "people_per_second": given.people / wall,
        "requests_per_person": sent / given.people,
        "sandbox_percent": 100 * there / wall,
        "client_ms_per_person": 1000 * here / given.people,
    }


def report(figures: dict[str, float]) -> None:
    """Hand the figures to the driver."""
    print(json.dumps(figures))


@contextmanager
def counted() -> Iterator["itertools.count[int]"]:
    """Count what goes through requests, which all ways use; the next number is that of requests so far."""
    numbers, send = itertools.count(), requests.Session.send

    def counting(self: requests.Session, *args: object, **kwargs: object) -> requests.Response:
        next(numbers)  # one step of the interpreter: right with many threads, too
        return send(self, *args, **kwargs)

    requests.Session.send = counting
    try:
        yield numbers
    finally:
        requests.Session.send = send


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its children have used so far; not a number where there is no /proc."""
    if not Path("/proc/self/stat").exists():
        return math.nan
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_ticks(one) for one in (str(pid), *children)) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: str) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
