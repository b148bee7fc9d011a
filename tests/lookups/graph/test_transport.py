"""Connections to Graph are kept and shared: opening one costs more than a call."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lookups.graph.transport import GraphTransport

THREADS = 8


class Graph(ThreadingHTTPServer):
    """Answers only when all threads have asked, and counts who connects."""

    connections = 0
    all_there = threading.Barrier(THREADS)

    def get_request(self):
        self.connections += 1
        return super().get_request()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.all_there.wait(timeout=30)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_as_many_connections_are_kept_as_calls_go_out_at_once():
    with Graph(("127.0.0.1", 0), Handler) as server, ThreadPoolExecutor(THREADS) as threads:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        transport = GraphTransport(connect_timeout=5, read_timeout=30, deadline=30, largest_answer=1000)
        url = f"http://127.0.0.1:{server.server_port}/"

        for _ in range(3):
            assert {raw.status for raw in threads.map(lambda _: transport.post(url, {"a": "b"}), range(THREADS))} == {
                200
            }
        server.shutdown()

    assert server.connections == THREADS
