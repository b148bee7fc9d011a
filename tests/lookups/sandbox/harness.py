"""Somebody who is called back by the sandbox: takes what comes, keeps it, and answers as told."""

import http.server
import threading
import time
import urllib.parse
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One request: header names in lower case."""

    method: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Harness(http.server.ThreadingHTTPServer):
    """Listens on a port of this machine."""

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answer, self.status = "{}", 200
        self.most_at_once, self._now, self._lock = 0, 0, threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callback"

    @property
    def forms(self) -> list[dict[str, str]]:
        """What came as forms."""
        return [dict(urllib.parse.parse_qsl(call.body.decode())) for call in self.calls]

    def on_call(self) -> None:
        """A test may do something while a call waits for its answer."""

    def answer_to(self, call: Call) -> tuple[int, str]:
        """Give status and body."""
        return self.status, self.answer

    def count(self, step: int) -> None:
        with self._lock:
            self._now += step
            self.most_at_once = max(self.most_at_once, self._now)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Harness

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, query, headers, body)
        self.server.calls.append(call)
        self.server.count(1)
        self.server.on_call()
        time.sleep(0.02)
        self.server.count(-1)
        status, answer = self.server.answer_to(call)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer.encode())

    do_GET = do_POST

    def log_message(self, *told: object) -> None:
        """Say nothing."""
