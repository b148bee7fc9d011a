"""Fixtures for all tests: sandboxes, PostgreSQL, the whole stack. In CI nothing may be skipped."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.db.backends.signals import connection_created
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.migrated import fill_memory
from tests.postgres import PostgresServer
from tests.sandbox_process import SandboxProcess
from tests.stack import Stack

WALKS = ("tests/test_isolation", "tests/test_sealed_pages.py")  # every address of the site


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    """The session's sandbox, as new for each test."""
    shared_sandbox.reset()
    yield shared_sandbox
    shared_sandbox.reset()


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., SandboxProcess]]:
    """Starts sandboxes with other arguments, and stops them."""
    with ExitStack() as started:
        yield lambda *arguments: started.enter_context(SandboxProcess(*arguments))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer(is_hasty=True)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Let the tests' own database begin with its tables, too."""
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"]:
        connection_created.connect(fill_memory)
    elif template := os.environ.get("TESTS_TEMPLATE"):
        database["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=pytest.mark.long), "postgres"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole installation with real processes, on SQLite and again on PostgreSQL."""
    url = request.getfixturevalue("postgres").migrated_database() if request.param == "postgres" else ""
    folder: Path = tmp_path_factory.mktemp(f"stack-{request.param}")
    settings = getattr(request.module, "SETTINGS", {})
    running = Stack(folder, url, people=getattr(request.module, "PEOPLE", 0), **settings)
    try:
        yield running.start()
    finally:
        running.stop()


class ByFile(LoadFileScheduling):
    """One process takes all tests of a file, since they share what it sets up; but each walk stands alone."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(WALKS) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Say which tests go to one process."""
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the walks: begun last, they would run alone."""
    items.sort(key=lambda item: not item.nodeid.startswith(WALKS))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """In CI a skipped test fails the run: what is not shown there is not shown anywhere."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
