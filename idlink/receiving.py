"""How the web server takes in a request: not beyond what its sender may send to its address.

waitress takes in a whole request before anything judges it, strangers' uploads too. Here they are judged when their
headers are known.
"""

from copy import copy
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestEntityTooLarge

from idlink.bodies import SMALL, TOO_LARGE, comes_from_user, most_bytes
from idlink.uploads import FULL


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
