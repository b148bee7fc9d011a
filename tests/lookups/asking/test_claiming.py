"""Claiming: batches of one app or Page, the oldest first, room for others, care where Graph has trouble."""

import pytest
from django.utils import timezone

from lookups.asking.claiming import claim
from lookups.graph import BATCH_SIZE
from lookups.models import Lookup, QuotaPool, Run, State
from tests.makers import NOW, make_app, make_business, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def app(db):
    return make_app(make_business("First"), "one")


def wait(asset, how_many: int) -> list[Lookup]:
    """Let so many lookups wait, after all that wait already."""
    run = Run.objects.create(business=asset.business, kind=Run.Kind.LIST, created_at=NOW)
    return [
        Lookup.objects.create(business=asset.business, run=run, value=str(number + 1), created_at=NOW, asset=asset)
        for number in range(how_many)
    ]


def taken(**options) -> list[tuple[object, int]]:
    """Claim, and say of each batch whose it is and how large."""
    return [(batch[0].asset, len(batch)) for batch in claim("staff", now=timezone.now(), **options)]


def test_lookups_of_one_app_come_in_batches_of_fifty(app):
    wait(app, BATCH_SIZE + 1)

    assert taken(most=4) == [(app, BATCH_SIZE), (app, 1)]
    assert set(Lookup.objects.values_list("state", "attempt", "tries")) == {(State.CLAIMED, 1, 1)}


def test_no_more_batches_are_taken_than_asked_for(app):
    wait(app, 2 * BATCH_SIZE)

    assert taken() == [(app, BATCH_SIZE)]
    assert taken() == [(app, BATCH_SIZE)]
    assert taken() == []


def test_a_batch_holds_ids_of_one_app_or_page_only(app):
    page = make_page(app.business, app, "one")
    wait(app, 2)
    wait(page, 3)
    wait(app, 1)

    assert taken(most=4) == [(app, 3), (page, 3)]


def test_a_long_list_leaves_half_of_the_calls_to_others(app):
    page = make_page(app.business, app, "one")
    wait(app, 10 * BATCH_SIZE)
    wait(page, BATCH_SIZE)

    assert [asset for asset, _ in taken(most=4)] == [app, app, page, app]


def test_a_business_with_fewer_calls_under_way_goes_before_an_older_list(app):
    other = make_app(make_business("Second"), "two")
    wait(app, 5 * BATCH_SIZE)
    wait(other, 2 * BATCH_SIZE)

    assert taken(under_way=[app, app, other]) == [(other, BATCH_SIZE)]
    assert taken(under_way=[app, app, other, other]) == [(app, BATCH_SIZE)]
    assert taken(under_way=[app, app, app, other, other], most=9) == [(other, BATCH_SIZE), *[(app, BATCH_SIZE)] * 4]


def test_what_all_of_a_batch_share_is_read_once(app, django_assert_max_num_queries):
    wait(app, 2 * BATCH_SIZE)

    with django_assert_max_num_queries(14):
        batches = claim("staff", now=timezone.now(), most=2)

        assert {lookup.asset.business.name for batch in batches for lookup in batch} == {"First"}
        assert {lookup.run.kind for batch in batches for lookup in batch} == {Run.Kind.LIST}
        assert {lookup.business for batch in batches for lookup in batch} == {app.business}


@pytest.mark.parametrize(("troubles", "size"), [(2, BATCH_SIZE), (3, 1)])
def test_where_graph_has_trouble_one_call_goes_out_at_a_time(app, troubles, size):
    QuotaPool.objects.create(business=app.business, asset=app, troubles=troubles, percent=0, seen_at=NOW)
    wait(app, 3 * BATCH_SIZE)

    assert taken(most=4) == [(app, size)]
    assert taken(most=4, under_way=[app]) == []


def test_a_lookup_that_probes_a_review_goes_alone(app):
    probe, *_ = wait(app, 3)
    Lookup.objects.filter(pk=probe.pk).update(is_probe=True)

    assert claim("staff", now=timezone.now())[0] == [probe]


def test_another_business_goes_before_a_second_app_of_the_same_one(app):
    second, other = make_app(app.business, "two"), make_app(make_business("Second"), "other")
    for asset in (app, second, other):
        wait(asset, 4 * BATCH_SIZE)

    assert [asset for asset, _ in taken(most=8)] == [app, app, app, app, other, other, second, second]
