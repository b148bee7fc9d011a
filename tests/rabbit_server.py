"""A real RabbitMQ for tests, the system's own program, on free ports and in a folder of its own; works as any user."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import amqp

from tests.bare.system_packages import RABBITMQ
from tests.stack import free_port

START_SECONDS = 120


class RabbitServer:
    """One server that keeps its messages on disk; `stop()` kills it, `start()` brings it back with them."""

    def __init__(self) -> None:
        assert RABBITMQ.exists(), "rabbitmq-server is missing: install the system's package"
        self._folder = Path(tempfile.mkdtemp(prefix="idlink-rabbit-"))
        self.port, names = free_port(), free_port()
        self._environment = {**os.environ, **_settings(self._folder, self.port), "ERL_EPMD_PORT": str(names)}
        # The server would start this by itself, as a daemon that outlives it.
        self._names = subprocess.Popen(["epmd", "-port", str(names), "-address", "127.0.0.1"])
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """What CELERY_BROKER_URL is set to."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        """Start it; returns when it answers."""
        with (self._folder / "said").open("ab") as said:
            self._process = subprocess.Popen(
                [RABBITMQ], env=self._environment, stdout=said, stderr=said, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "said").read_text()
            assert time.monotonic() < deadline, "rabbitmq-server does not answer"
            time.sleep(0.1)

    def takers(self) -> int:
        """How many workers take messages of lists."""
        try:
            with self._connection() as connection:
                declared = connection.channel().queue_declare("bulk", passive=True)
                return int(declared.consumer_count)
        except (OSError, amqp.AMQPError):
            return 0

    def stop(self) -> None:
        """Kill it."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it for good."""
        self.stop()
        self._names.kill()
        self._names.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            self._connection().close()
        except (OSError, amqp.AMQPError):
            return False
        return True

    def _connection(self) -> amqp.Connection:
        connection = amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=5, read_timeout=5)
        connection.connect()
        return connection


def _settings(folder: Path, port: int) -> dict[str, str]:
    return {
        "HOME": str(folder),  # where Erlang keeps the word that servers show each other
        "RABBITMQ_NODENAME": "idlink@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_CONFIG_FILE": str(folder / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
