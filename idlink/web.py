"""`python -m idlink.web [--host HOST] [--port PORT]`: the web server.

It is waitress, which takes in a request as a whole before a thread works on it: slow connections hold up nobody. What
a stranger sends is limited before it is taken in; see `idlink.bodies`.
"""

from idlink.wsgi import application  # makes Django ready for the others

# isort: split
import argparse
import logging
import signal
import sys
import tempfile
from copy import copy
from typing import Any

from django.conf import settings
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer, create_server
from waitress.utilities import Error, RequestEntityTooLarge

from idlink.bodies import SMALL, TOO_LARGE, comes_from_user, most_bytes
from idlink.uploads import FULL
from lookups.management.addresses import host_and_port

THREADS = 8
CONNECTIONS = 500  # each takes a file descriptor, and an upload one more; systems allow 1,024 of them
IDLE_SECONDS = 60

logger = logging.getLogger("idlink.web")  # it runs as __main__


class DiskFull(Error):
    """The answer if the rest of a request could not be kept."""

    code = 507
    reason = "Insufficient Storage"


class LimitedRequest(HTTPRequestParser):
    """A request that is being received; what would be too large is refused when its headers are known."""

    adj: Any  # waitress's settings

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers, then set the limit of this request."""
        super().parse_header(header_plus)
        most = SMALL
        if self.chunked or self.content_length > SMALL:
            most = max(SMALL, most_bytes(self.path, lambda: comes_from_user(self.headers.get("COOKIE", ""))))
        self.adj = copy(self.adj)
        self.adj.max_request_body_size = most + 1  # waitress refuses what is not below it

    def received(self, data: bytes) -> int:
        """Take in what has come; gives how much of it belongs to this request."""
        consumed, full = len(data), False
        try:
            consumed = super().received(data)
        except OSError:
            full = True
        if full:
            self.error, self.completed = DiskFull(FULL), True
        elif isinstance(self.error, RequestEntityTooLarge):
            self.error = RequestEntityTooLarge(TOO_LARGE)
            self.expect_continue = False  # waitress would ask for the body, and take it in
        return consumed


class LimitedChannel(HTTPChannel):
    """A connection whose requests are limited."""

    parser_class = LimitedRequest


def server(listen: str) -> Any:
    """Make the server; it listens, but answers only when it runs."""
    BaseWSGIServer.channel_class = LimitedChannel  # waitress makes one server for each address that a name has
    return create_server(
        application,
        listen=listen,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=IDLE_SECONDS // 6,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # the settings say which of them Django believes
        ident="",
    )


def main() -> None:
    """Serve until SIGINT or SIGTERM comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)  # /tmp may lie in memory
    listen = host_and_port(given.host, given.port)
    web = server(listen)
    logger.info("The web server listens on %s.", listen)
    web.run()


if __name__ == "__main__":
    main()
