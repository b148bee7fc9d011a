"""`python -m idlink.web [--listen HOST:PORT]`: the web server.

It is waitress, which takes in a request as a whole before a thread works on it: slow connections hold up nobody.
"""

from idlink.wsgi import application  # makes Django ready for the others

# isort: split
import argparse
import logging
import signal
import sys
import tempfile
from typing import Any

from django.conf import settings
from waitress.server import BaseWSGIServer, create_server

from idlink.receiving import LimitedChannel

THREADS = 8
CONNECTIONS = 500  # each takes a file descriptor, and an upload one more; systems allow 1,024 of them
IDLE_SECONDS = 60

logger = logging.getLogger("idlink.web")  # it runs as __main__


def serve() -> None:
    """Serve until SIGINT or SIGTERM comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:8000", metavar="HOST:PORT")
    listen = parser.parse_args().listen
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)  # /tmp may lie in memory
    web = _listening(listen)
    logger.info("The web server listens on %s.", listen)
    web.run()


def _listening(listen: str) -> Any:
    """Give the server; it listens, but answers only when it runs."""
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


if __name__ == "__main__":
    serve()
