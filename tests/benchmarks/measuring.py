"""Measures one way: time, and processor time of client, database server, sandbox and everybody else."""

import argparse
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Told = TypeVar("Told")
_IDLE = (3, 4)  # places in the first line of /proc/stat: idle, and idle while a disk works


@dataclass(frozen=True)
class Used:
    """Processor time used so far, in seconds: by clients, database server and sandbox, and by all on this machine."""

    client: float
    server: float
    sandbox: float
    machine: float


def order(*ways: str) -> argparse.Namespace:
    """Read the command line that the driver gave; `way` is one of these, if there are any."""
    parser = argparse.ArgumentParser()
    if ways:
        parser.add_argument("way", choices=ways)
    parser.add_argument("--url", required=True)
    parser.add_argument("--sandbox", type=int, required=True, help="the sandbox's process")
    parser.add_argument("--server", type=int, default=0, help="the database server's process")
    parser.add_argument("--redis", type=int, default=0, help="the broker's process")
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    return parser.parse_args()


def measured(
    work: Callable[[], Told], given: argparse.Namespace, clients: Sequence[int] = ()
) -> tuple[Told, dict[str, float]]:
    """Do the work; gives what it gave, and the figures. The client is this process, unless there are `clients`."""
    before, start = used(clients, given.server, given.sandbox), time.perf_counter()
    told = work()
    wall = time.perf_counter() - start
    after = used(clients, given.server, given.sandbox)
    return told, figures(before, after, wall, given.people)


def used(clients: Sequence[int], server: int, sandbox: int) -> Used:
    """Read how much processor time each has used so far; a server that is not there has used none."""
    return Used(
        sum(map(cpu_seconds, clients)) if clients else time.process_time(),
        cpu_seconds(server) if server else 0.0,
        cpu_seconds(sandbox) if sandbox else 0.0,
        _machine_seconds(),
    )


def figures(before: Used, after: Used, wall: float, people: int) -> dict[str, float]:
    """Give what was used between two looks, a person."""
    client, server, sandbox = after.client - before.client, after.server - before.server, after.sandbox - before.sandbox
    others = after.machine - before.machine - client - server - sandbox
    return {
        "people": people,
        "people_per_second": people / wall,
        "client_ms": 1000 * client / people,
        "server_ms": 1000 * server / people,
        "sandbox_percent": 100 * sandbox / wall,
        "others_percent": 100 * max(others, 0.0) / wall,
    }


def report(told: dict[str, float]) -> None:
    """Hand the figures to the driver."""
    print(json.dumps(told))


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and all below it have used so far; not a number where there is no /proc.

    Children that have ended count as soon as their parent knows. They are read before it: whoever ends meanwhile is
    then told by it.
    """
    if not Path("/proc/self/stat").exists():
        return math.nan
    try:
        children = [one.read_text().split() for one in Path(f"/proc/{pid}/task").glob("*/children")]
        below = sum(cpu_seconds(int(child)) for of_thread in children for child in of_thread)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0.0
    return below + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def parent_of(pid: int) -> int:
    """Give the number of the process that started another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _machine_seconds() -> float:
    """Processor time that anybody has used on this machine."""
    if not Path("/proc/stat").exists():
        return math.nan
    ticks = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(one for place, one in enumerate(ticks) if place not in _IDLE) / os.sysconf("SC_CLK_TCK")
