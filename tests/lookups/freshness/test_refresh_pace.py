"""How much the refresh asks at a time, of whom first, and what a jumping clock does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lookups.freshness import refresh
from lookups.models import FreshnessCount, Lookup
from tests.lookups.people_of_johns import resolve
from tests.lookups.refreshing import A_DAY, learn, let_pass, make_person, make_stranger, tick

pytestmark = [pytest.mark.orm]


def test_every_business_gets_its_share_in_every_tick(world, monkeypatch):
    monkeypatch.setattr(refresh, "MOST_LOOKED_AT", 3)
    monkeypatch.setattr(refresh, "CHUNK", 3)
    for n in range(20):
        make_person(world, f"5550{n:03}", days=40)
    other = make_stranger(days=40).business

    tick()

    assert Lookup.objects.filter(business=other).count() == 1
    assert Lookup.objects.filter(business=world.page.business).count() == 3


def test_the_oldest_go_first(world, monkeypatch):
    people = [make_person(world, f"55500{n}", days=31 + n) for n in range(8)]
    monkeypatch.setattr(refresh, "CHUNK", 2)
    monkeypatch.setattr(refresh, "AHEAD", 3)

    assert tick().made == 3

    asked = Lookup.objects.order_by("pk").values_list("scoped_id__person", flat=True)
    assert set(asked) == {person.pk for person in people[-3:]}


def test_one_tick_makes_no_more_than_its_share(world):
    for n in range(120):
        make_person(world, f"5550{n:03}", days=40)
    FreshnessCount.objects.create(business=world.page.business, counted_at=timezone.now(), days=30, people=120, ids=120)

    assert tick().made == refresh.FEWEST
    assert tick().made == refresh.FEWEST
    assert tick().made == 20


def test_what_falls_due_at_once_is_spread_over_a_tenth_of_the_interval(world):
    count = FreshnessCount.objects.create(
        business=world.page.business, counted_at=timezone.now(), days=30, people=4_320_000, ids=10_000_000
    )

    assert refresh._allowance(world.page.business.pk, timezone.now()) == 1000
    assert refresh._allowance(world.page.business.pk, timezone.now()) == 0, "another beat was here just now"
    count.refresh_from_db()
    assert count.picked_at


def test_fifty_people_are_fifty_calls_in_one_request(world, sandbox):
    for n in range(50):
        make_person(world, f"5550{n:03}", days=31)
    before = len(sandbox.journal())

    tick()
    resolve()

    paths = [entry["path"] for entry in sandbox.journal()[before:]]
    assert (len(paths), paths.count("/")) == (51, 1)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_does_no_harm(world, hours):
    learn(world, world.page, "12345123")
    let_pass(31 * A_DAY)

    made = [refresh.pick(timezone.now() + timedelta(hours=ahead)).made for ahead in (0, hours, 0, hours, 0)]
    resolve()
    made += [refresh.pick(timezone.now() + timedelta(hours=ahead)).made for ahead in (hours, 0, 2, hours)]

    assert made == [1, 0, 0, 0, 0, 0, 0, 0, 0]
