"""Who opens the pages: somebody with a role in the first business of the sandbox's world."""

import pytest
from django.test import Client

from businesses.models import Role
from tests.pages import member


@pytest.fixture
def staff(world) -> Client:
    return member(world.page.business, Role.STAFF)


@pytest.fixture
def admin(world) -> Client:
    return member(world.page.business, Role.ADMIN)
