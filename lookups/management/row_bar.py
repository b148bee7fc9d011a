"""A bar on the terminal that counts rows as they go by; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Watch = Callable[[int], Callable[[int], object]]


@contextmanager
def row_bar(what: str) -> Iterator[Watch]:
    """Give what is told the number of rows in all and then of rows as they come."""
    with tqdm(desc=what, unit=" rows", unit_scale=True, disable=not sys.stderr.isatty()) as bar:

        def watch(rows: int) -> Callable[[int], object]:
            bar.reset(total=rows)
            return bar.update

        yield watch
