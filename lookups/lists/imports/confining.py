"""Takes from a forked process what it must not have: open files, its parent's signals, memory and time without end."""

import gc
import os
import resource
import signal
from contextlib import suppress
from pathlib import Path

MEGABYTE = 1024 * 1024
_STANDARD = 3  # files 0, 1 and 2


def confine(*, keep: int, seconds: int, megabytes: int) -> None:
    """Confine this process for good; `keep` is the file that stays open, and `megabytes` come on top of what it has."""
    _close_all_but(keep)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    gc.freeze()  # else garbage of the parent, such as its connections, would be taken apart here
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, seconds, hard=seconds + 1)
    if size := _size():
        _limit(resource.RLIMIT_AS, size + megabytes * MEGABYTE)


def _close_all_but(keep: int) -> None:
    for name in os.listdir("/dev/fd"):
        if (number := int(name)) >= _STANDARD and number != keep:
            with suppress(OSError):  # the listing's own file is closed already
                os.close(number)


def _limit(kind: int, soft: int, *, hard: int | None = None) -> None:
    """Lower a limit; a lower one that holds already stays."""
    _, most = resource.getrlimit(kind)
    wanted = soft if hard is None else hard
    top = wanted if most == resource.RLIM_INFINITY else min(most, wanted)
    resource.setrlimit(kind, (min(soft, top), top))


def _size() -> int:
    """How many bytes of address space the process has; 0 where the system does not tell."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[0]) * resource.getpagesize() if told.exists() else 0
