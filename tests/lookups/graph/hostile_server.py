"""A server that answers a POST with whatever bytes a test likes: broken, endless, dripping, or none."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

Behaviour = Callable[[socket.socket], None]


class HostileServer:
    """Reads one request a connection, unless told not to, then behaves; keeps what was sent."""

    def __init__(self, behave: Behaviour, *, tls: ssl.SSLContext | None = None, reads_first: bool = True) -> None:
        self._behave = behave
        self._reads_first = reads_first
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self._answer(connection)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket) -> None:
        with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as stream:
            if self._reads_first:
                self.requests.append(_read_request(stream))
            self._behave(stream)

    def __enter__(self) -> "HostileServer":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ended.set()
        self._socket.close()


def http(status: int, body: bytes | str, content_type: str = "application/json", **headers: str) -> bytes:
    """Give the bytes of a whole answer."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + raw


def saying(*answers: bytes) -> Behaviour:
    """Send these answers, one a connection; the last one for ever."""
    left = list(answers)

    def behave(connection: socket.socket) -> None:
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return behave


def batch(*bodies: Any, status: int = 200, headers: list[dict[str, str]] | None = None) -> bytes:
    """Give a batch answer whose items have these JSON bodies; texts stand as they are, None as null."""
    items = [
        None
        if body is None
        else {
            "code": status,
            "headers": headers or [],
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        for body in bodies
    ]
    return http(200, json.dumps(items))


def reset(connection: socket.socket) -> None:
    """Cut the connection with a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
