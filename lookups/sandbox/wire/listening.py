"""Listening on one port, by one process or by several that share it (SO_REUSEPORT)."""

import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


def bound(host: str, port: int, processes: int, *, shared: bool = False) -> list[socket.socket]:
    """Bind a socket for each process to one port; 0 picks a free one. Raises OSError, OverflowError.

    `shared`: more sockets may be bound to it later.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sockets: list[socket.socket] = []
    for _ in range(processes):
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared or processes > 1:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, sockets[0].getsockname()[1] if sockets else port))
        sockets.append(one)
    return sockets


def check_free(host: str, port: int) -> None:
    """Raise OSError for a port that is taken: with SO_REUSEPORT we would silently share it with whoever has it."""
    with bound(host, port, 1)[0]:
        pass


@contextmanager
def served_beside(sockets: Sequence[socket.socket], serve: Callable[[socket.socket], None]) -> Iterator[None]:
    """Serve each socket in a process of its own for as long as the block lasts."""
    children = [_fork(one, serve) for one in sockets]
    try:
        yield
    finally:
        for pid in children:
            os.kill(pid, signal.SIGTERM)
        for pid in children:
            os.waitpid(pid, 0)


def _fork(listening: socket.socket, serve: Callable[[socket.socket], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            serve(listening)
        finally:
            os._exit(0)
    return pid
