"""Somebody with a role in each of two businesses joins nothing of the one to the other, and has in each its own."""

import pytest
from django.test import Client
from django.urls import reverse

from businesses.models import Membership, Role
from lookups.lists import imports
from lookups.models import Decision, Lookup, Person, ScopedID
from tests.makers import NOW, make_app, make_business, make_page, make_token, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db


class Side:
    """A business with an app, a Page that can be asked, and a person with an ID in each."""

    def __init__(self, name: str) -> None:
        self.business = make_business(name)
        self.app = make_app(self.business, f"{name} app")
        self.page = make_page(self.business, self.app, f"{name} page")
        for asset in (self.app, self.page):
            make_token(asset)
        self.person = Person.objects.create(business=self.business, public_id=f"P{name}", created_at=NOW)
        self.asid, self.psid = (self._id(asset, "123") for asset in (self.app, self.page))

    def _id(self, asset, value: str) -> ScopedID:
        fields = {"asset": asset, "value": value, "person": self.person, "first_seen": NOW}
        return ScopedID.objects.create(business=self.business, **fields)


@pytest.fixture
def first():
    return Side("FIRST")


@pytest.fixture
def second():
    return Side("SECOND")


def member_of_both(first: Side, second: Side, *roles: Role) -> Client:
    """The browser of somebody with one role in the first business and another in the second."""
    user = make_user("ana")
    for side, role in zip((first, second), roles, strict=True):
        Membership.objects.create(user=user, business=side.business, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_a_person_is_not_asked_for_in_an_app_of_another_business(first, second):
    client = member_of_both(first, second, Role.STAFF, Role.STAFF)
    address = reverse("admin:lookups_person_ask", args=[first.person.public_id])

    assert client.post(address, {"asset": second.app.pk}).status_code == 404
    assert not Lookup.objects.exists()
    assert client.post(address, {"asset": first.app.pk}).status_code == 302
    assert Lookup.objects.get().business == first.business


def test_no_chain_is_looked_for_between_two_businesses(first, second):
    client = member_of_both(first, second, Role.VIEWER, Role.VIEWER)
    address, one = reverse("admin:lookups_person_explain"), first.asid.public_id

    assert client.get(address, {"one": one, "other": second.asid.public_id}).status_code == 404
    assert client.get(address, {"one": one, "other": first.psid.public_id}).status_code == 200


@pytest.mark.parametrize("kind", [Decision.Kind.ASSERT, Decision.Kind.KEEP_APART, Decision.Kind.RETRACT])
def test_nothing_is_decided_between_two_businesses(first, second, kind):
    client = member_of_both(first, second, Role.ADMIN, Role.ADMIN)
    address = reverse("admin:lookups_person_decide", query={"kind": kind, "one": first.asid.public_id})

    assert client.post(f"{address}&other={second.asid.public_id}", {"reason": "because"}).status_code == 404
    assert not Decision.objects.exists()


def test_links_of_one_business_are_not_exported_by_an_app_of_the_other(first, second):
    client = member_of_both(first, second, Role.VIEWER, Role.VIEWER)
    chosen = {"business": first.business.pk, "shape": "ids", "format": "csv"}

    refused = client.get(reverse("admin:lookups_person_export"), {**chosen, "asset": second.app.pk})

    assert refused.status_code == 400
    assert "“SECOND app” does not belong to FIRST." in text_of(refused)
    assert client.get(reverse("admin:lookups_person_export"), {**chosen, "asset": first.app.pk}).status_code == 200


def test_two_people_of_two_businesses_are_not_compared(first, second):
    client = member_of_both(first, second, Role.VIEWER, Role.VIEWER)
    address = reverse("admin:lookups_person_compare", args=[first.person.public_id])

    unknown = client.get(address, {"other": "NOBODY"})
    foreign = client.get(address, {"other": second.person.public_id})

    assert unknown.status_code == foreign.status_code == 200
    assert text_of(foreign).replace(second.person.public_id, "NOBODY") == text_of(unknown)


def test_a_list_is_not_given_to_a_page_of_another_business(first, second, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    client = member_of_both(first, second, Role.STAFF, Role.STAFF)
    run = imports.receive(business=first.business, chunks=[b"psid,n\n123,x\n"], name="list.csv", by=None, now=NOW)
    address = run.columns_address

    foreign, missing = (client.post(address, {"id_column": "0", "asset": key}) for key in (second.page.pk, 888888))

    assert foreign.status_code == missing.status_code == 400
    for refused in (foreign, missing):
        assert "Choose the app or Page of the IDs, or the column that names it." in text_of(refused)
    assert "SECOND" not in text_of(foreign)
    assert client.post(address, {"id_column": "0", "asset": first.page.pk}).status_code == 302


def test_a_business_is_left_as_it_is_by_who_only_sees_it(first, second):
    client = member_of_both(first, second, Role.ADMIN, Role.STAFF)

    for side, status, name in ((first, 302, "changed"), (second, 403, "SECOND page")):
        address = reverse("admin:businesses_page_change", args=[side.page.pk])
        assert client.post(address, {"name": "changed", "managed_by": side.app.pk}).status_code == status
        side.page.refresh_from_db()
        assert side.page.name == name


@pytest.mark.parametrize("model", ["auth_user", "businesses_membership", "businesses_business"])
def test_even_an_admin_of_all_businesses_adds_no_users_roles_and_businesses(first, second, model):
    client = member_of_both(first, second, Role.ADMIN, Role.ADMIN)

    assert client.get(reverse(f"admin:{model}_add")).status_code == 403
    if model != "businesses_business":
        assert client.get(reverse(f"admin:{model}_changelist")).status_code == 403


@pytest.mark.parametrize("form", ["businesses_facebookapp_add", "businesses_page_add", "businesses_accesstoken_add"])
def test_forms_offer_and_take_only_businesses_that_one_manages(first, second, form):
    client = member_of_both(first, second, Role.ADMIN, Role.VIEWER)
    address = reverse(f"admin:{form}")

    page = text_of(client.get(address))
    sent = {"business": second.business.pk, "graph_id": "4711", "name": "x", "token": "abc", "asset": second.app.pk}
    refused = client.post(address, sent)

    assert "FIRST" in page
    assert "SECOND" not in page, "seen elsewhere, but not managed"
    assert refused.status_code == 200
    assert "Select a valid choice" in text_of(refused)
    assert not second.business.assets.filter(graph_id="4711").exists()
    assert second.app.tokens.count() == 1
