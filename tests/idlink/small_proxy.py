"""A small reverse proxy as a process: hands requests on, and adds its peer to the header for that.

python -m tests.idlink.small_proxy PORT UPSTREAM_PORT X-Forwarded-For|Forwarded
"""

import sys
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _HandOn(BaseHTTPRequestHandler):
    upstream, header = 0, ""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        peer = self.client_address[0]
        entry = f"for={peer}" if self.header == "Forwarded" else peer
        before = self.headers.get_all(self.header, [])
        del self.headers[self.header]
        self.headers[self.header] = ", ".join([*before, entry])
        self._answer(body)

    do_POST = do_GET

    def _answer(self, body: bytes) -> None:
        connection = HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        connection.request(self.command, self.path, body, dict(self.headers.items()))
        answer = connection.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()


if __name__ == "__main__":
    own, _HandOn.upstream, _HandOn.header = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    ThreadingHTTPServer(("127.0.0.1", own), _HandOn).serve_forever()
