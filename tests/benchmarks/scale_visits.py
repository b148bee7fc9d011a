"""Opens a page as a user does, and tells what it cost: time of the server's processors, statements, bytes.

The server is Django, here this process, and PostgreSQL: all its processes, since it may share out a query.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client

from tests.benchmarks.measuring import cpu_seconds, parent_of
from tests.benchmarks.scale_table import Opened

MOST_SECONDS = 120
OPENED_ONCE = 15.0  # seconds; what takes longer is not opened a second time


@dataclass(frozen=True)
class Page:
    """A page and how it is opened: `sent` goes by POST, and of a file only its first row is read."""

    name: str
    address: str
    sent: str = ""
    is_file: bool = False


def browser(user: Any) -> Client:
    """Give the browser of somebody who is logged in; an error of the server comes to it as a page."""
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.force_login(user)
    return client


def limit_statements() -> None:
    """Let a statement take two minutes; longer, the page fails. It counts from the next connection on."""
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c statement_timeout={MOST_SECONDS}s".strip()


def open_twice(client: Client, page: Page) -> Opened:
    """Open a page twice, so that caches are warm, and tell of the second time."""
    first = open_page(client, page)
    return first if first.wall_ms > 1000 * OPENED_ONCE else open_page(client, page)


def open_page(client: Client, page: Page) -> Opened:
    """Open a page, follow where it leads, and tell what that took."""
    django, database, start = time.process_time(), _database_seconds(), time.perf_counter()
    with _counted() as count:
        size, failure = _received(client, page)
    wall = time.perf_counter() - start
    used = time.process_time() - django + _database_seconds() - database
    return Opened(1000 * used, 1000 * wall, count(), size / 1000, failure)


def last_page(client: Client, address: str) -> int:
    """Give the number of a list's last page: the highest to which its first page leads."""
    response = client.get(address)
    found = [part.partition(b'"')[0] for part in response.content.split(b"p=")[1:]]
    return max((int(number) for number in found if number.isdigit()), default=1)


def _database_seconds() -> float:
    """Processor time that PostgreSQL has used so far."""
    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    return cpu_seconds(parent_of(connection.connection.info.backend_pid))


def _received(client: Client, page: Page) -> tuple[int, str]:
    """Give how many bytes came, and what went wrong."""
    if page.sent:
        response = client.post(page.address, {"q": page.sent}, follow=True)
    else:
        response = client.get(page.address, follow=True)
    if response.status_code != 200:
        return len(response.content), f"status {response.status_code}"
    return _first_row(response) if page.is_file else (len(response.content), "")


def _first_row(response: HttpResponse) -> tuple[int, str]:
    """Read the head and the first row of a file."""
    got, parts = b"", iter(response.streaming_content)  # type: ignore[attr-defined]
    try:
        while got.count(b"\n") < 2:
            got += next(parts)
    except StopIteration:
        return len(got), "no row came"
    except DatabaseError as error:
        return len(got), f"broke off: {type(error).__name__}"
    finally:
        response.close()
    return len(got), ""


@contextmanager
def _counted() -> Iterator[Callable[[], int]]:
    """Count the statements until the block ends."""
    number = 0

    def counting(execute: Callable[..., Any], *query: Any) -> Any:
        nonlocal number
        number += 1
        return execute(*query)

    with connection.execute_wrapper(counting):
        yield lambda: number
