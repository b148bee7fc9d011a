"""A business of the sandbox's world, stored, with a client that talks to the test's own sandbox."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db.models import Model

from businesses.models import AccessToken, AppSecret, Asset, Business, FacebookApp, Page, TokenCheck
from lookups.asking import resolver
from lookups.management.demo_world import seed_world
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def world(db, sandbox, settings):
    """The sandbox's businesses, apps, Pages and tokens, stored; the resolver asks this sandbox."""
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    user = User.objects.create_user("seeder", is_staff=True, is_superuser=True)
    stored_world(sandbox, user)
    Business.objects.update(read_names=False)
    yield World(user)
    resolver.graph_client.cache_clear()


_TABLES = (Business, Asset, AppSecret, AccessToken, TokenCheck)
_STORED: dict[str, list[list[Model]]] = {}  # of each sandbox: to store its world row by row takes long


def _rows_of(model: type[Model]) -> list[Model]:
    """All rows; apps before the Pages that they manage."""
    order = ("kind", "pk") if model is Asset else ("pk",)
    return list(model._default_manager.order_by(*order))


def stored_world(sandbox: SandboxProcess, user: User) -> None:
    """Store the sandbox's world, with keys that no row made later can have."""
    if sandbox.url not in _STORED:
        seed_world(sandbox.world, by=user, now=datetime(2026, 11, 1, tzinfo=UTC))
        _STORED[sandbox.url] = [_rows_of(model) for model in _TABLES]
        return
    for rows in map(deepcopy, _STORED[sandbox.url]):
        for row in rows:
            if isinstance(row, Business):
                row.policy_confirmed_by = user
        type(rows[0]).objects.bulk_create(rows)


class World:
    """Short names for what the tests ask about."""

    def __init__(self, user: User) -> None:
        self.user = user

    @property
    def page(self) -> Page:
        return Page.objects.select_related("business", "managed_by").get(name="John's Next Great Thing")

    @property
    def app(self) -> FacebookApp:
        return FacebookApp.objects.select_related("business").get(name="JohnsMovieApp")

    @property
    def lab_page(self) -> Page:
        return Page.objects.select_related("business", "managed_by").get(name="Quiet Lab Bot")
