"""Who looks at people: the user of the sandbox's world, who can ask as well."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.lookups.people_of_johns import asker


@pytest.fixture
def client(world: Any) -> Client:
    client = Client()
    client.force_login(world.user)
    return client


@pytest.fixture
def ask(world: Any) -> Callable[..., Any]:
    return asker(world)
