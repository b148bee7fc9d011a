"""A lease is prolonged by whoever holds it: not by a worker whose lookup another one has taken over."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lookups.asking import resolver
from lookups.asking.claiming import claim
from lookups.models import Lookup, Run
from tests.makers import NOW, make_app, make_business

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def call() -> resolver._Call:
    """A call under way about one claimed lookup."""
    app = make_app(make_business())
    run = Run.objects.create(business=app.business, kind=Run.Kind.ONE, created_at=NOW)
    Lookup.objects.create(business=app.business, run=run, asset=app, value="1", created_at=NOW)
    (batch,) = claim("staff", now=timezone.now())
    return resolver._Call(batch, credential=None, since=NOW)


def lease() -> timedelta:
    """How long the lease of the lookup still is."""
    return Lookup.objects.get().lease_until - timezone.now()


def test_whoever_holds_a_lookup_prolongs_its_lease(call, settings):
    settings.IDLINK_LEASE_SECONDS = 3600

    resolver._renew([call])

    assert lease() > timedelta(minutes=50)


def test_whoever_lost_a_lookup_leaves_the_lease_of_the_other_alone(call, settings):
    Lookup.objects.free()
    claim("staff", now=timezone.now())
    settings.IDLINK_LEASE_SECONDS = 3600

    resolver._renew([call])

    assert lease() < timedelta(minutes=2)


def test_whoever_lost_a_lookup_that_ended_since_does_not_open_it_again(call):
    Lookup.objects.free()
    Lookup.objects.all().give_up("cancelled", now=NOW)

    resolver._renew([call])

    assert Lookup.objects.get().lease_until is None
