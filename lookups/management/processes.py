"""Child processes that live and die together: start, watch, restart, stop.

On Linux each child asks the kernel to be terminated when its parent dies, so that nothing stays behind
even when the supervisor is killed outright.
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
    """One child: its command, what is added to its environment, and its log."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    handle: subprocess.Popen[bytes] | None = None
    restarts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_A_MINUTE))

    def start(self) -> None:
        """Start it, or start it anew, in a session of its own, so that Ctrl-C reaches the supervisor only."""
        if self.exit_status is not None:
            self._kill_group()  # the children of a dead web server would go on holding its port
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
        """The status it ended with; None while it runs."""
        return self.handle.poll() if self.handle else None

    def may_restart(self, now: float) -> bool:
        """Count a restart; false when there were too many within a minute."""
        too_many = len(self.restarts) == RESTARTS_A_MINUTE and now - self.restarts[0] < 60
        self.restarts.append(now)
        return not too_many

    def stop(self, deadline: float) -> None:
        """Wait for it to end, at last by force, with all it started."""
        if self.handle is None:
            return
        try:
            self.handle.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._kill_group()
            self.handle.wait()
        self._kill_group()

    def _kill_group(self) -> None:
        # As the leader of its session it leads a process group, too, which holds all it has started.
        if self.handle:
            _signal(self.handle.pid, signal.SIGKILL)

    def tail(self, lines: int = 15) -> str:
        """Give the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def stop_all(processes: Sequence[Process]) -> None:
    """Ask all to end, the last started first; force those that don't within ten seconds."""
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
    if os.getppid() != parent:  # it died before the kernel had been asked
        os._exit(1)
