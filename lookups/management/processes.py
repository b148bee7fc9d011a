"""Child processes that live and die together: start, watch, restart, stop.

On Linux each child asks the kernel to end it when its parent dies. So no child survives even a supervisor that was
killed by force.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

STOP_SECONDS = 10.0
RESTARTS_A_MINUTE = 5
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Process:
    """One child: its command, its additional environment variables, and its log."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    handle: subprocess.Popen[bytes] | None = None
    restarts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_A_MINUTE))

    def start(self) -> None:
        """Start or restart the process. It gets its own session: Ctrl-C then reaches the supervisor only."""
        if self.exit_status is not None:
            self._kill_group()  # the children of a dead web server would still hold its port
        with self.log.open("ab") as log:
            self.handle = subprocess.Popen(  # noqa: S603  (our own commands)
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(_die_with, os.getpid()) if _LIBC else None,
            )

    @property
    def exit_status(self) -> int | None:
        """The status with which the process ended; None while it runs."""
        return self.handle.poll() if self.handle else None

    def may_restart(self, now: float) -> bool:
        """Count a restart; false if there were too many within a minute."""
        too_many = len(self.restarts) == RESTARTS_A_MINUTE and now - self.restarts[0] < 60
        self.restarts.append(now)
        return not too_many

    def stop(self, deadline: float) -> None:
        """Wait until the process ends, then kill all its children; after the deadline kill it, too."""
        if self.handle is None:
            return
        try:
            self.handle.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._kill_group()
            self.handle.wait()
        self._kill_group()

    def _kill_group(self) -> None:
        # The process leads its session, so it also leads a process group: that holds all the processes it has started.
        if self.handle:
            _signal(self.handle.pid, signal.SIGKILL)

    def tail(self, lines: int = 15) -> str:
        """Give the last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop_all(processes: Sequence[Process]) -> None:
    """Ask all processes to end, the last started first; kill those that still run after ten seconds."""
    for process in reversed(processes):
        if process.handle:
            _signal(process.handle.pid, signal.SIGTERM, group=False)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        process.stop(deadline)


def _signal(pid: int, number: signal.Signals, *, group: bool = True) -> None:
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        return


def _die_with(parent: int) -> None:
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the parent died before prctl was called
        os._exit(1)
