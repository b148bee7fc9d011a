"""The supervisor gives up on what can't run, and does not take a crash for an answer."""

import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management.base import CommandError

from lookups.management import supervisor
from lookups.management.processes import Process


@pytest.fixture
def server_answering():
    """Starts a web server that answers everything with one status; gives its port."""
    running: list[HTTPServer] = []

    def start(status: int) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        running.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=running[-1].serve_forever).start()
        return running[-1].server_port

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("status", "up"), [(200, True), (503, True), (400, True), (500, False), (404, False)])
def test_web_is_up_when_it_answers_for_itself(server_answering, status, up):
    assert supervisor.web_is_up("127.0.0.1", server_answering(status)) is up


def test_web_is_not_up_where_nobody_listens(server_answering):
    assert supervisor.web_is_up("127.0.0.1", 9) is False


@pytest.fixture
def kept_handlers():
    """Gives pytest its own signal handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("kept_handlers")
def test_what_ends_again_and_again_stops_everything_with_the_end_of_its_log(tmp_path):
    said: list[str] = []
    sound = Process("sound", [sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "sound.log")
    broken = Process("broken", [sys.executable, "-c", "raise SystemExit('no luck')"], tmp_path / "broken.log")

    with pytest.raises(CommandError, match="The broken ends again and again"):
        supervisor.run([sound, broken], {"never": lambda: False}, said.append, pytest.fail)

    assert said.count("Starting the broken again.") == 5
    assert "no luck" in said[0]
    assert sound.exit_status is not None
