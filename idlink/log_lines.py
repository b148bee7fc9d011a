"""Log lines: JSON objects, without what requests bring. IDs, names and tokens stand in addresses, headers and bodies.

Of a request a line tells the method, the pattern of the address and the status. Of an exception while it was answered
a line tells the types and the places in the code; the text of an exception may repeat any value.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from copy import copy
from http import HTTPStatus
from logging import LogRecord

from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

_ADDRESS_WITH_QUERY = re.compile(r"(\S*/[^\s?]*)\?\S*")


class NoHealth(logging.Filter):
    """Leaves out that `/health/` answered 503: a monitor asks each second, and `idlink.health` tells the turns."""

    def filter(self, record: LogRecord) -> bool:
        """Tell whether the record is kept. An error in health itself has another status."""
        match = getattr(getattr(record, "request", None), "resolver_match", None)
        is_health = match is not None and match.view_name == "health"
        return not (is_health and getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE)


class LogLine(JsonFormatter):
    """Makes a line of a record."""

    def format(self, record: LogRecord) -> str:
        """Give the line."""
        told = copy(record)
        request = told.__dict__.pop("request", None)  # Django's development server gives a socket here
        if isinstance(request, HttpRequest):
            told.msg, told.args = _words_about(request, record), None
            if record.exc_info:
                told.exc_info, told.exc_text = None, _places(record.exc_info[1])
        elif isinstance(record.msg, str) and "?" in (message := record.getMessage()):
            told.msg, told.args = _ADDRESS_WITH_QUERY.sub(r"\1", message), None
        return super().format(told)


def _words_about(request: HttpRequest, record: LogRecord) -> str:
    status = getattr(record, "status_code", None)
    what = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Request"
    match = getattr(request, "resolver_match", None)
    return f"{what}: {request.method} {match.route if match else 'an address that leads nowhere'}"


def _places(error: BaseException | None) -> str:
    """Give an exception with those that led to it: type and places, the first of them first, without their texts."""
    return "".join(reversed([_place(one) for one in _chain(error)]))


def _place(error: BaseException) -> str:
    kind = type(error)
    return f"{''.join(traceback.format_tb(error.__traceback__))}{kind.__module__}.{kind.__qualname__}\n"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
