"""Fixtures for tests of the sandbox."""

import threading
from collections.abc import Callable, Iterator

import pytest

from lookups.graph import CallCredential, GraphClient, GraphError, LinksQuestion
from lookups.sandbox.__main__ import main
from tests.contract.wire import PSID, Caller
from tests.lookups.sandbox.harness import Harness
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def page(sandbox: SandboxProcess) -> Caller:
    """John's Page, with a page access token made by the app that manages it."""
    return Caller(sandbox, "John's Next Great Thing")


@pytest.fixture
def app(sandbox: SandboxProcess) -> Caller:
    """JohnsMovieApp, with its app access token."""
    return Caller(sandbox, "JohnsMovieApp")


@pytest.fixture
def harness() -> Iterator[Harness]:
    """Somebody whom the sandbox can call back."""
    server = Harness()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(sandbox):
    """Lets idlink's client ask about John once, with these rules in force."""
    page = sandbox.asset("John's Next Great Thing")
    client = GraphClient(sandbox.url, "v26.0", connect_timeout=2, read_timeout=1, deadline=1.5)

    def once(*rules: dict):
        if rules:
            sandbox.control("rules", list(rules))
        try:
            return client.ask([LinksQuestion(PSID)], CallCredential(token=page["token"], app_secret=page["secret"]))[0]
        except GraphError as error:
            return error

    return once


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs the command line with arguments that it has to refuse, and gives what it says."""

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        return capsys.readouterr().err

    return run
