"""A business of the sandbox's world, stored, with a client that talks to the test's own sandbox."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from businesses.models import Business, FacebookApp, Page
from lookups import resolver
from lookups.management.demo_world import seed_world


@pytest.fixture
def world(db, sandbox, settings):
    """The sandbox's businesses, apps, Pages and tokens, stored; the resolver asks this sandbox."""
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    user = User.objects.create_user("seeder", is_staff=True, is_superuser=True)
    seed_world(sandbox.world, by=user, now=datetime(2026, 11, 1, tzinfo=UTC))
    Business.objects.update(read_names=False)
    yield World(user)
    resolver.graph_client.cache_clear()


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
