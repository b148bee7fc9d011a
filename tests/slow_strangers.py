"""Strangers who hold connections open: half have sent half their headers, half a log-in without its end."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

HEADERS = b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
LOG_IN = (
    b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nusername="
)


@contextmanager
def slow_strangers(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Hold so many connections; each has sent what it will send before the block begins."""
    with ExitStack() as held:
        connections = []
        for number in range(count):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            connection.sendall(LOG_IN if number % 2 else HEADERS)
            connections.append(connection)
        yield connections


def drip(connections: list[socket.socket]) -> None:
    """Send one more byte on each."""
    for connection in connections:
        connection.sendall(b"a")
