"""Fixtures for tests of the sandbox."""

import threading
from collections.abc import Iterator

import pytest

from tests.lookups.sandbox.harness import Harness


@pytest.fixture
def harness() -> Iterator[Harness]:
    """Somebody whom the sandbox can call back."""
    server = Harness()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
