"""A business that enters another's app or Page takes nothing from it, learns nothing of it, and is told by Graph."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Asset, Business, FacebookApp, Ownership, Page, Role
from lookups.asking import resolver
from lookups.models import Conflict, Lookup, Match, ScopedID
from lookups.tokens.owners import ask_owner
from tests.lookups.admin.pages import looked_up
from tests.makers import make_token
from tests.pages import member, text_of

PSID, ASID, GAME_ASID = "12345123", "645195294", "10152368852405295"


@pytest.fixture
def north(world) -> Business:
    return Business.objects.get(graph_id="223344556677889")


def enter(client, business: Business, asset: Asset):
    """Add an app or a Page by hand, as the admin's form does; gives what the page then says."""
    form = {"business": business.pk, "graph_id": asset.graph_id, "name": "Taken from the press"}
    return client.post(reverse(f"admin:businesses_{asset._meta.model_name}_add"), form, follow=True)


def rows_of(business: Business) -> list[list[dict]]:
    """All that is stored of a business."""
    told = (Asset, AccessToken, ScopedID, Match, Lookup, Conflict)
    return [list(model.objects.filter(business=business).order_by("pk").values()) for model in told]


@pytest.mark.parametrize("kind", [FacebookApp, Page])
def test_a_claim_changes_nothing_of_the_other_and_is_marked(world, north, kind):
    johns, theirs = world.page.business, {FacebookApp: world.app, Page: world.page}[kind]
    looked_up(world)
    before, admin = rows_of(johns), member(north, Role.ADMIN)
    untouched = text_of(admin.get(reverse(f"admin:businesses_{kind._meta.model_name}_changelist")))

    told = text_of(enter(admin, north, theirs))

    claim = kind.objects.get(business=north, graph_id=theirs.graph_id)
    assert "Taken from the press" in told
    assert "owner not confirmed: Graph was not asked yet" in told
    assert [told.count(word) for word in (theirs.name, johns.name, "already", "another business")] == [
        untouched.count(word) for word in (theirs.name, johns.name, "already", "another business")
    ]
    assert rows_of(johns) == before
    assert "Owner not confirmed" in text_of(
        member(north, Role.VIEWER).get(reverse("admin:businesses_business_change", args=[north.pk]))
    )
    assert claim.ownership == Ownership.UNKNOWN


def test_what_another_has_and_what_nobody_has_is_entered_alike(world, north):
    admin = member(north, Role.ADMIN)
    nobodys = FacebookApp(graph_id="55667788990011")
    ask_owner(resolver.graph_client(), world.app.pk, now=timezone.now())

    pages = [enter(admin, north, asset) for asset in (world.app, nobodys)]

    assert [page.redirect_chain[0][1] for page in pages] == [302, 302]
    told = [str(message) for page in pages for message in page.context["messages"]]
    assert [re.sub(r"/\d+/", "/", message) for message in told] == [re.sub(r"/\d+/", "/", told[0])] * 2
    assert text_of(pages[1]).count("owner not confirmed: Graph was not asked yet") == 4, "its own two, and these"


def test_the_owner_adds_its_own_and_loses_no_link_by_a_claim(world, north):
    johns, game = world.page.business, FacebookApp.objects.get(name="John's Game App")
    AccessToken.objects.filter(asset=game).delete()
    game.secrets.all().delete()
    Page.objects.filter(managed_by=game).update(managed_by=None)
    gone = FacebookApp(graph_id=game.graph_id)
    game.delete()
    enter(member(north, Role.ADMIN), north, gone)

    person = looked_up(world)

    assert {one.value for one in person.scoped_ids.all()} == {PSID, ASID, GAME_ASID}
    assert not Conflict.objects.exists()
    found = FacebookApp.objects.get(business=johns, graph_id=gone.graph_id)
    assert found.name == "John's Game App", "as Graph names it, not as the other business does"
    assert not ScopedID.objects.filter(business=north).exists()


def test_when_graph_names_another_owner_the_row_stays_and_is_asked_no_more(world, north, sandbox):
    theirs, admin = world.page, member(north, Role.ADMIN)
    enter(admin, north, theirs)
    claim = Page.objects.get(business=north, graph_id=theirs.graph_id)
    make_token(claim, sandbox.asset(theirs.name)["token"])

    for asset in (theirs, claim):
        ask_owner(resolver.graph_client(), asset.pk, now=timezone.now())

    claim.refresh_from_db()
    assert claim.ownership == Ownership.OTHER
    assert Page.objects.get(pk=theirs.pk).ownership == Ownership.OWN
    asked = text_of(admin.post(reverse("find"), {"q": PSID, "asset": claim.pk}))
    assert "Graph says that another business (112233445566778) owns “Taken from the press”" in asked
    assert "John" not in asked
    form = text_of(admin.get(reverse("admin:businesses_page_change", args=[claim.pk])))
    assert "Its IDs are neither asked about nor linked" in form
    assert not Lookup.objects.filter(business=north).exists()
    assert looked_up(world).scoped_ids.filter(asset=theirs).exists(), "the owner's own row works"


def test_its_history_stays_with_the_row(world, north):
    enter(member(north, Role.ADMIN), north, world.page)
    claim = Page.objects.get(business=north, graph_id=world.page.graph_id)
    Page.objects.filter(pk=claim.pk).update(ownership=Ownership.OTHER, owner_checked_at=timezone.now())

    history = member(north, Role.VIEWER).get(reverse("admin:businesses_page_history", args=[claim.pk]))
    johns = member(world.page.business, Role.STAFF)

    assert "Added" in text_of(history)
    for name in ("change", "history"):
        assert johns.get(reverse(f"admin:businesses_page_{name}", args=[claim.pk])).status_code == 404
