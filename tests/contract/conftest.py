"""The callers of the guide's example, and a sandbox whose switches a test may turn."""

from collections.abc import Callable, Iterator

import pytest

from tests.contract.wire import Caller
from tests.sandbox_process import SandboxProcess


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


@pytest.fixture(scope="session")
def second_sandbox() -> Iterator[SandboxProcess]:
    """Another sandbox beside the usual one, with some generated people."""
    with SandboxProcess("--people=40") as process:
        yield process


@pytest.fixture
def turned(second_sandbox: SandboxProcess) -> Iterator[Callable[..., SandboxProcess]]:
    """Turns switches of the second sandbox, and gives it. The test's end turns them back."""

    def turn(*settings: str) -> SandboxProcess:
        second_sandbox.control("switches", dict(one.split("=") for one in settings))
        return second_sandbox

    second_sandbox.reset()
    yield turn
    second_sandbox.reset()
