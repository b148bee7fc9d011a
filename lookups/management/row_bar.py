"""A progress bar that counts rows on a terminal; it shows nothing if the output is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

Watch = Callable[[int], Callable[[int], object]]


@contextmanager
def row_bar(what: str) -> Iterator[Watch]:
    """Give a function that takes the total number of rows, and gives a function that counts rows as they come."""
    with tqdm(desc=what, unit=" rows", unit_scale=True, disable=not sys.stderr.isatty()) as bar:

        def watch(rows: int) -> Callable[[int], object]:
            bar.reset(total=rows)
            return bar.update

        yield watch
