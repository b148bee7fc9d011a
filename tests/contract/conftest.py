"""The callers of the guide's example."""

import pytest

from tests.contract.wire import Caller


@pytest.fixture
def page(sandbox):
    """John's Page, with a page access token made by the app that manages it."""
    return Caller(sandbox, "John's Next Great Thing")


@pytest.fixture
def app(sandbox):
    """JohnsMovieApp, with its app access token."""
    return Caller(sandbox, "JohnsMovieApp")


@pytest.fixture
def game(sandbox):
    """John's Game App, which John has installed, too."""
    return Caller(sandbox, "John's Game App")
