"""A real Redis for tests, the system's own, on a free port and without a file of its own."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis


class RedisServer:
    """One server that keeps nothing on disk; `stop()` ends it, `start()` brings it back, empty."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: install the system's package"
        self._program = program
        self._folder = Path(tempfile.mkdtemp(prefix="idlink-redis-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """What CELERY_BROKER_URL is set to."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [self._program, *options, "--dir", str(self._folder), "--daemonize", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while self._say("PING") != b"+PONG\r\n":
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.05)

    def takers(self) -> int:
        """How many workers wait for messages: who has enough to do does not."""
        try:
            with redis.Redis(port=self.port) as asked:
                return sum(client["cmd"] == "brpop" for client in asked.client_list())
        except redis.RedisError:
            return 0

    def length(self, queue: str) -> int:
        """How many messages wait in a queue."""
        return int(self._say(f"LLEN {queue}").strip(b":\r\n"))

    def empty(self) -> None:
        """Throw away every message."""
        assert self._say("FLUSHALL") == b"+OK\r\n"

    def stop(self) -> None:
        """Kill it; all it held is gone."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _say(self, word: str) -> bytes:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"{word}\r\n".encode())
            return connection.recv(100)
        return b""
