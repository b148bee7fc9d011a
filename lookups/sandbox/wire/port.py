"""The port that clients connect to. It is open, or closed in one of the ways in which a port can be.

open          connections are taken, and requests answered
refuse        every connection is refused, as if nobody listened
black hole    a connection is neither taken nor refused: whoever connects waits
silence       connections are taken, and nothing is ever read or said
"""

import asyncio
import socket
import ssl
from collections.abc import Callable

from lookups.sandbox.wire.listening import bound

MODES = ("open", "refuse", "black hole", "silence")
BACKLOG = 128


class Port:
    """One port. While it is closed, a socket that is bound and never listens keeps others from taking it."""

    def __init__(
        self, first: socket.socket, make: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None
    ) -> None:
        self.mode = "open"
        self._host, self._number = first.getsockname()[:2]
        self._make = make
        self._tls = tls
        self._first: socket.socket | None = first
        self._keeper: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._holes: list[socket.socket] = []
        self._opening: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Take connections."""
        await self.turn("open")

    async def turn(self, mode: str, seconds: float = 0.0) -> None:
        """Open the port or close it in this way, for so many seconds or until the next order; raises ValueError."""
        if mode not in MODES:
            raise ValueError(f"a port's mode is one of {', '.join(MODES)}")
        if mode != "open":
            self._keeper = self._keeper or self._bound()
        self.close()
        self.mode = mode
        if mode == "open":
            taken, self._first = self._first or self._bound(), None
            self._server = await asyncio.get_running_loop().create_server(
                self._make, sock=taken, ssl=self._tls, backlog=BACKLOG
            )
            return
        if mode != "refuse":
            self._dig(fill=mode == "black hole")
        if seconds:
            self._opening = asyncio.get_running_loop().call_later(seconds, self._open_soon)

    def close(self) -> None:
        """Listen no more."""
        if self._opening:
            self._opening.cancel()
            self._opening = None
        if self._server:
            self._server.close()
            self._server = None
        for hole in self._holes:
            hole.close()
        self._holes.clear()

    def _bound(self) -> socket.socket:
        return bound(self._host, self._number, 1, shared=True)[0]

    def _dig(self, *, fill: bool) -> None:
        """Listen and accept nobody. Once the queue is full, the kernel does not answer those who come."""
        hole = self._bound()
        hole.listen(0 if fill else BACKLOG)
        self._holes.append(hole)
        for _ in range(2 if fill else 0):
            stopper = socket.socket(hole.family, socket.SOCK_STREAM)
            stopper.setblocking(False)
            stopper.connect_ex((self._host, self._number))
            self._holes.append(stopper)

    def _open_soon(self) -> None:
        task = asyncio.get_running_loop().create_task(self.open())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
