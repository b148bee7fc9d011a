"""One process of `make bench-scale`: fills a database, or opens all pages of one that is filled."""

import argparse
import json
import sys
from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.test import Client

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from tests.benchmarks.scale_estate import ADMIN, STAFF, SUPERUSER
from tests.benchmarks.scale_pages import pages
from tests.benchmarks.scale_store import fill_store
from tests.benchmarks.scale_table import Opened
from tests.benchmarks.scale_visits import Page, browser, limit_statements, open_page, open_twice


def open_all(how: Callable[[Client, Page], Opened]) -> None:
    """Open every page as each user; tells of each in a line of its own.

    A page that failed for one user is not opened by the next: each could wait for minutes.
    """
    failed: set[str] = set()
    limit_statements()
    for role in (SUPERUSER, ADMIN, STAFF):
        client = browser(get_user_model().objects.get(username=role))
        for page in (one for one in pages(client) if one.name not in failed):
            opened = how(client, page)
            failed |= {page.name} if opened.failure else set()
            print(json.dumps({"page": page.name, "role": role, **opened.told()}), flush=True)


def main() -> None:
    """Do what the driver orders."""
    parser = argparse.ArgumentParser()
    parser.add_argument("order", choices=["fill", "open"])
    parser.add_argument("--ids", type=int)
    parser.add_argument("--once", action="store_true", help="open no page a second time")
    order = parser.parse_args()
    if order.order == "fill":
        print(json.dumps(fill_store(order.ids)))
    else:
        open_all(open_page if order.once else open_twice)


if __name__ == "__main__":
    sys.exit(main())
