"""Whose an app or a Page is, as the pages show it; and the policy that is confirmed with this in sight."""

import pytest
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business, Ownership, Page, Role, ShownBy
from lookups import tasks
from lookups.asking.resolver import resolve_turn
from lookups.asking.starting import ask_about
from lookups.models import Lookup
from tests.pages import member, text_of


@pytest.fixture
def business(world) -> Business:
    return world.page.business


def address(name: str, business: Business) -> str:
    return reverse(f"admin:businesses_business_{name}", args=[business.pk])


@pytest.fixture
def foreign(world) -> Page:
    """A Page of which Graph says that another business owns it."""
    told = {"owner_graph_id": "99", "owner_shown_by": ShownBy.FIELD, "owner_checked_at": timezone.now()}
    Page.objects.filter(pk=world.page.pk).update(ownership=Ownership.OTHER, **told)
    return world.page


def test_the_businesss_page_says_whose_each_is_how_shown_and_when(business, foreign):
    told = text_of(member(business, Role.ADMIN).get(address("change", business)))

    assert "Refused owned by another business (99)" in told
    assert "its field owner_business just now" in told
    assert "JohnsMovieApp" in told
    assert "Owner not confirmed Graph was not asked yet" in told
    assert told.index("John's Next Great Thing") < told.index("JohnsMovieApp"), "what is refused comes first"


def test_the_policy_is_confirmed_with_all_apps_and_pages_in_sight_and_the_refused_named(business, foreign):
    Business.objects.filter(pk=business.pk).update(policy_confirmed_at=None)

    told = text_of(member(business, Role.ADMIN).get(address("policy", business)))

    assert "John's Fan Club" in told
    assert "Refused whatever is confirmed: “John's Next Great Thing”" in told


def test_nothing_is_looked_up_before_the_policy_is_confirmed_nor_of_what_is_refused_afterwards(business, foreign):
    Business.objects.filter(pk=business.pk).update(policy_confirmed_at=None)
    client = member(business, Role.ADMIN)

    def ask():
        return text_of(client.post(reverse("find"), {"q": "12345123", "asset": foreign.pk}))

    assert "Nobody has confirmed Meta's policy" in ask()
    client.post(address("policy", business), {"confirmed": "yes"})
    told = ask()
    assert "another business (99) owns “John's Next Great Thing”" in told
    assert "IDs are matched only between apps and Pages that one business owns" in told
    assert not Lookup.objects.exists()


@pytest.mark.parametrize("model", ["facebookapp", "page"])
def test_the_form_says_whose_it_is(world, business, model):
    asset = {"facebookapp": world.app, "page": world.page}[model]
    type(asset).objects.filter(pk=asset.pk).update(ownership=Ownership.CLIENT, owner_trouble="Graph was away")
    change, add = reverse(f"admin:businesses_{model}_change", args=[asset.pk]), f"admin:businesses_{model}_add"
    admin, viewer = member(business, Role.ADMIN), member(business, Role.VIEWER)

    for client in (admin, viewer):
        told = text_of(client.get(change))
        assert "Only shared with this business" in told
        assert "The last attempt failed: Graph was away" in told
    assert "Only shared" not in text_of(admin.get(reverse(add)))
    changelist = reverse(f"admin:businesses_{model}_changelist")
    assert "only shared with this business" in text_of(admin.get(changelist, {"ownership__exact": "client"}))


def test_an_admin_has_all_owners_asked_about_at_once(business, monkeypatch, django_capture_on_commit_callbacks):
    sent: list[dict] = []
    monkeypatch.setattr(tasks.check_owner, "apply_async", lambda kwargs, **how: sent.append(kwargs))
    with django_capture_on_commit_callbacks(execute=True):
        response = member(business, Role.ADMIN).post(address("owners", business), follow=True)

    assert len(sent) == business.assets.count()
    assert "Graph is being asked" in text_of(response)


def test_nobody_else_does(business):
    for role in (Role.VIEWER, Role.STAFF):
        client = member(business, role)
        assert client.post(address("owners", business)).status_code == 404
        assert "Check the owners now" not in text_of(client.get(address("change", business)))
    assert member(business, Role.ADMIN).get(address("owners", business)).status_code == 405


def test_a_persons_cell_of_what_is_refused_says_so_in_place_of_a_button(world, foreign):
    lookup = ask_about(asset=world.app, value="645195294", by=world.user, now=timezone.now())
    while resolve_turn("staff", at_once=1, most=1):
        pass
    lookup.refresh_from_db()

    told = text_of(member(world.app.business, Role.STAFF).get(lookup.scoped_id.person.address))

    assert "Can't be asked: Graph says that another business (99) owns “John's Next Great Thing”" in told
