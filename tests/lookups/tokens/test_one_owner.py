"""One business owns an app or a Page: Graph's newer word counts, and a mere claim blocks nobody."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from businesses.models import Asset, Business, Ownership, Page
from lookups.asking import resolver
from lookups.tokens.owners import ask_owner, owners_to_ask
from lookups.tokens.ownership import note_lists
from tests.makers import make_business, make_page, make_token

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def north(world) -> Business:
    return Business.objects.get(graph_id="223344556677889")


def claimed_by(business: Business, page: Page) -> Page:
    """The same Page as another business has typed it in."""
    claim = make_page(business, None, "The same", graph_id=page.graph_id)
    make_token(claim, "a token of it")
    return claim


def owner_of(page: Page) -> tuple[str, str, bool]:
    """What stands here: whose it is, by whom that is, and whether Graph was asked."""
    stored = Asset.objects.get(pk=page.pk)
    return stored.ownership, stored.owner_graph_id, stored.owner_checked_at is not None


def test_a_claim_that_nobody_confirmed_blocks_no_other_business(world):
    page, others = world.page, [make_business("One"), make_business("Two")]

    claims = [claimed_by(business, page) for business in others]

    assert Asset.objects.filter(graph_id=page.graph_id).count() == 3
    assert {owner_of(claim) for claim in claims} == {(Ownership.UNKNOWN, "", False)}


def test_nor_does_a_confirmed_owner_keep_another_from_claiming_it(world, north):
    ask_owner(resolver.graph_client(), world.page.pk, now=timezone.now())

    claim = claimed_by(north, world.page)

    assert owner_of(world.page)[0] == Ownership.OWN
    assert owner_of(claim)[0] == Ownership.UNKNOWN


def test_the_database_keeps_a_second_confirmed_owner_out(world, north):
    claim = claimed_by(north, world.page)
    Asset.objects.filter(pk=world.page.pk).update(ownership=Ownership.OWN)

    with pytest.raises(IntegrityError), transaction.atomic():
        Asset.objects.filter(pk=claim.pk).update(ownership=Ownership.OWN)


def test_a_list_that_names_a_new_owner_has_the_former_one_asked_about_again(world, north):
    page, now = world.page, timezone.now()
    ask_owner(resolver.graph_client(), page.pk, now=timezone.now())
    claim = claimed_by(north, page)

    note_lists(north, owned=[claim], client=[], now=now)

    assert owner_of(claim) == (Ownership.OWN, north.graph_id, True)
    assert owner_of(page) == (Ownership.UNKNOWN, "", False)
    Asset.objects.filter(pk=page.pk).update(owner_tried_at=None)
    assert page.pk in owners_to_ask(now)


def test_and_so_does_the_field_of_the_asset_itself(world, north, sandbox):
    page = world.page
    claim = claimed_by(north, page)
    note_lists(north, owned=[claim], client=[], now=timezone.now())

    ask_owner(resolver.graph_client(), page.pk, now=timezone.now())

    assert owner_of(page) == (Ownership.OWN, page.business.graph_id, True)
    assert owner_of(claim) == (Ownership.UNKNOWN, "", False)


def test_both_are_written_together_or_not_at_all(world, north):
    page, claim = world.page, claimed_by(north, world.page)
    ask_owner(resolver.graph_client(), page.pk, now=timezone.now())
    nameless = Business(pk=north.pk, graph_id=None)  # what no column takes

    with pytest.raises(IntegrityError):
        note_lists(nameless, owned=[claim], client=[], now=timezone.now())

    assert owner_of(page)[0] == Ownership.OWN
    assert owner_of(claim)[0] == Ownership.UNKNOWN


def test_whom_graph_names_as_owned_by_another_loses_nothing_of_the_other(world, north, sandbox):
    page, claim = world.page, claimed_by(north, world.page)
    sandbox.control("assets", {"asset": page.graph_id, "business": north.graph_id})

    ask_owner(resolver.graph_client(), page.pk, now=timezone.now())

    assert owner_of(page) == (Ownership.OTHER, north.graph_id, True)
    assert owner_of(claim) == (Ownership.UNKNOWN, "", False)


@pytest.mark.django_db(transaction=True)
def test_two_who_are_told_at_once_to_be_the_owner_wait_for_each_other(world, north):
    if not connection.features.has_select_for_update:
        return  # there one writes at a time
    page, claim = world.page, claimed_by(north, world.page)

    def told(pair: tuple[Business, Page]) -> None:
        try:
            for _ in range(20):
                note_lists(pair[0], owned=[pair[1]], client=[], now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        list(both.map(told, [(page.business, page), (north, claim)]))

    assert sorted(Asset.objects.filter(graph_id=page.graph_id).values_list("ownership", flat=True)) == [
        Ownership.OWN, Ownership.UNKNOWN,
    ]  # fmt: skip
