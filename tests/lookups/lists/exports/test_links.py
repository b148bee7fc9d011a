"""All links of a business: a row for each ID or person, narrowed by what is shown; never another business's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lookups.evidence import decisions
from lookups.evidence.freshness import stale_before
from lookups.lists import exports
from lookups.lists.exports import Filters, LinkState, Shape
from lookups.models import Conflict, Decision, Match, ScopedID
from tests.lookups.lists.exports.many import store
from tests.lookups.people_of_johns import (
    ASID,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    OMAR_PSID,
    PAGE,
    PSID,
    asker,
    asset,
    let_pass,
    scoped,
)

pytestmark = [pytest.mark.database]
JOHN, OMAR = {PSID, ASID, GAME_ASID}, {OMAR_PSID, OMAR_ASID}
LONG_AGO = 24 * 90


@pytest.fixture
def known(world):
    """John, known for long; Omar, known since today."""
    ask = asker(world)
    ask(PAGE, PSID, hours=LONG_AGO)
    ask(PAGE, OMAR_PSID)
    return world.page.business


def table(business, shape: Shape = Shape.IDS, **filters) -> list[dict[str, str]]:
    header, *rows = exports.links_of(business, shape, Filters(**filters))
    return [dict(zip(header, row, strict=True)) for row in rows]


def values(business, **filters) -> set[str]:
    return {row["scoped ID"] for row in table(business, **filters)}


def test_each_scoped_id_has_a_row_with_its_person_and_times(known):
    rows = {row["scoped ID"]: row for row in table(known)}

    assert set(rows) == JOHN | OMAR
    assert {rows[value]["person"] for value in JOHN} == {scoped(PAGE, PSID).person.public_id}
    row, stored = rows[GAME_ASID], scoped(GAME_APP, GAME_ASID)
    assert (row["kind"], row["ID of the app or Page"]) == ("ASID", GAME_APP)
    assert row["first seen"] == f"{stored.first_seen:%Y-%m-%dT%H:%M:%SZ}"
    confirmed = Match.objects.get(source=scoped(PAGE, PSID), target=stored).confirmed_at
    assert row["confirmed"] == f"{confirmed:%Y-%m-%dT%H:%M:%SZ}"
    assert (row["state"], row["in conflict"]) == ("confirmed", "")


def test_each_person_has_a_row_with_a_column_for_every_app_and_page(known):
    rows = {row["person"]: row for row in table(known, Shape.PEOPLE)}

    john = rows[scoped(PAGE, PSID).person.public_id]
    assert {value for name, value in john.items() if "(" in name and value} == JOHN
    assert len(rows) == 2
    assert john["state"] == "confirmed"


def test_an_app_or_page_a_time_and_staleness_narrow(known, world):
    now = timezone.now()

    assert values(known, asset=asset(PAGE)) == {PSID, OMAR_PSID}
    assert values(known, asset=asset(GAME_APP)) == {GAME_ASID}
    assert values(known, confirmed_since=now - timedelta(days=1)) == OMAR
    assert values(known, confirmed_before=now - timedelta(days=1)) == JOHN
    assert values(known, stale_before=stale_before(known, now)) == JOHN
    assert values(known, confirmed_since=now, confirmed_before=now) == set()
    people = table(known, Shape.PEOPLE, asset=asset(GAME_APP))
    assert [row["person"] for row in people] == [scoped(PAGE, PSID).person.public_id]
    assert len(table(known, Shape.PEOPLE, stale_before=stale_before(known, now))) == 1


def test_links_missing_from_an_answer_are_unconfirmed(known, world, sandbox):
    sandbox.control("people", {"uninstall": {"asset": MOVIE_APP, "id": OMAR_ASID}})
    let_pass(1)
    asker(world)(PAGE, OMAR_PSID)

    assert OMAR_ASID in values(known, state=LinkState.UNCONFIRMED)
    assert values(known, state=LinkState.CONFIRMED) == JOHN


def test_ids_without_a_link_are_alone(known, world):
    decision = decisions.decide(
        Decision.Kind.RETRACT, scoped(PAGE, OMAR_PSID), scoped(MOVIE_APP, OMAR_ASID), reason="So.", by=world.user,
        now=timezone.now(),
    )  # fmt: skip
    assert decision

    assert values(known, state=LinkState.ALONE) == OMAR
    assert {row["state"] for row in table(known) if row["scoped ID"] in OMAR} == {"alone"}


def test_in_conflict_is_marked_and_never_among_the_certain(known):
    Conflict.objects.create(
        business=known, kind=Conflict.Kind.ONE_WAY, one=scoped(PAGE, PSID), other=scoped(MOVIE_APP, ASID),
        found_at=timezone.now(),
    )  # fmt: skip

    assert values(known, state=LinkState.IN_CONFLICT) == JOHN
    assert values(known, state=LinkState.CONFIRMED) == OMAR
    assert {row["in conflict"] for row in table(known) if row["scoped ID"] in JOHN} == {"in conflict"}
    (john,) = table(known, Shape.PEOPLE, state=LinkState.IN_CONFLICT)
    assert not any(value for name, value in john.items() if "(" in name)
    assert all(value in john["in conflict"] for value in JOHN)


def test_a_pair_kept_apart_confirms_nobody(known, world):
    decisions.decide(
        Decision.Kind.KEEP_APART, scoped(PAGE, OMAR_PSID), scoped(MOVIE_APP, OMAR_ASID), reason="So.", by=world.user,
        now=timezone.now(),
    )  # fmt: skip

    assert values(known, state=LinkState.ALONE) == OMAR


def test_another_business_has_nothing_of_it(known):
    many = store(3)

    assert len(table(many.business)) == 6
    assert not values(known) & values(many.business)
    assert set(values(known)) == set(ScopedID.objects.filter(business=known).values_list("value", flat=True))


@pytest.mark.parametrize("shape", list(Shape))
def test_the_number_of_queries_a_chunk_is_constant(db, monkeypatch, shape):
    business = store(90).business

    def queries(chunk: int) -> int:
        monkeypatch.setattr("lookups.lists.exports.links.CHUNK", chunk)
        with CaptureQueriesContext(connection) as captured:
            rows = table(business, shape)
        assert len(rows) == (180 if shape == Shape.IDS else 90)
        return len(captured)

    chunks = {size: -(-len(table(business, shape)) // size) for size in (10, 30, 1000)}
    counts = {size: queries(size) for size in chunks}
    assert counts[10] - counts[30] == 9 * (chunks[10] - chunks[30])
    assert counts[1000] < 15
