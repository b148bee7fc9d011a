"""Which IDs are due: what the refresh takes for confirmed is what freshness counts as such."""

import random

import pytest
from django.utils import timezone

from lookups.due import known_of
from lookups.freshness import confirmed_since
from lookups.models import Lookup, Match, Person, ScopedID
from tests.lookups.refreshing import A_DAY, learn
from tests.makers import NOW

pytestmark = [pytest.mark.database]


def test_both_ways_of_telling_what_is_fresh_agree(world):
    chance = random.Random(7)
    learn(world, world.page, "12345123", "77001234567")
    learn(world, world.app, "66001234567", "645195294")
    for _ in range(30):
        for row in ScopedID.objects.all():
            for column in ("apps_answered_at", "pages_answered_at"):
                at = chance.choice([None, timezone.now() - chance.randrange(60) * A_DAY])
                ScopedID.objects.filter(pk=row.pk).update(**{column: at}, first_seen=NOW - 1000 * A_DAY)
        Lookup.objects.all().update(finished_at=NOW - 1000 * A_DAY)
        for match in Match.objects.all():
            state = chance.choice(["confirmed", "confirmed", "unconfirmed"])
            Match.objects.filter(pk=match.pk).update(state=state)
        cutoff = timezone.now() - chance.randrange(1, 60) * A_DAY
        known = known_of(Person.objects.values_list("pk", flat=True), cutoff).values()
        due = set().union(*(one.due(cutoff) for one in known))
        assert due == set(ScopedID.objects.exclude(confirmed_since(cutoff)).values_list("pk", flat=True))
