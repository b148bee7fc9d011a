"""Somebody with different roles in two businesses does in each only what the role there allows.

Every address of the URLconf is walked with the keys of the second; who has the role there alone is the measure.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from businesses.models import Asset, Membership, Role
from tests.lookups.admin.searched import found
from tests.makers import make_user
from tests.test_isolation import CANARY, Tenant, addresses_of, body_of, client_of, row_counts

pytestmark = pytest.mark.django_db
PAIRS = pytest.mark.parametrize(  # more elsewhere than here, by one step or by two; and the other way round
    ("here", "there"),
    [
        pytest.param(Role.ADMIN, Role.STAFF, marks=pytest.mark.long),
        pytest.param(Role.STAFF, Role.VIEWER, marks=pytest.mark.long),
        (Role.VIEWER, Role.ADMIN),
    ],
)


@pytest.fixture
def alpha() -> Tenant:
    return Tenant("Alpha", "1111111111110")


@pytest.fixture
def bravo() -> Tenant:
    tenant = Tenant(CANARY, "9999999999990")
    make_user("bob", tenant.business)
    return tenant


def mixed(alpha: Tenant, bravo: Tenant, here: Role, there: Role) -> Client:
    """Somebody with one role in Alpha and another in Bravo."""
    user = make_user(f"{here} and {there}", alpha.business, role=here)
    Membership.objects.create(user=user, business=bravo.business, role=there)
    return client_of(user)


def with_keys_of(tenant: Tenant, other: Tenant) -> Iterator[str]:
    """The addresses in which a key of the tenant stands."""
    shared = {address for _, address in addresses_of(other)}
    yield from (address for _, address in addresses_of(tenant) if address not in shared)


def sent(client: Client, method: str, address: str) -> HttpResponse:
    """What an address answers; nothing of it lasts."""
    with transaction.atomic():
        answer = getattr(client, method)(address)
        transaction.set_rollback(True)
    return answer


def choices_in(page: HttpResponse) -> list[str]:
    """What a page offers to choose of Bravo's."""
    return re.findall(rf"(?:<option[^>]*>|<legend>|il-choice-name..)[^<]*{CANARY}[^<]*", body_of(page))


@PAIRS
def test_every_address_answers_as_to_the_role_in_its_business(alpha, bravo, here, there):
    both, only = mixed(alpha, bravo, here, there), client_of(make_user("only", bravo.business, role=there))
    walked = 0

    for address in with_keys_of(bravo, alpha):
        for method in ("get", "post"):
            got, expected = (sent(client, method, address).status_code for client in (both, only))
            assert got == expected, f"{method} {address}: {got}, and {expected} to one who is {there} alone"
            walked += got == 200

    assert walked > 20


@PAIRS
def test_every_page_offers_the_acts_of_the_role_in_its_business(alpha, bravo, here, there):
    both, only = mixed(alpha, bravo, here, there), client_of(make_user("only", bravo.business, role=there))
    addresses = set(with_keys_of(bravo, alpha))

    def offered(client: Client, page: str) -> set[str]:
        attributes = re.findall(r'(?:href|action|hx-post)="([^"?]+)', body_of(client.get(page)))
        return addresses.intersection(attributes)

    for page in addresses:
        assert offered(both, page) == offered(only, page), page


@pytest.mark.parametrize("there", [Role.VIEWER, Role.STAFF])
def test_an_admin_elsewhere_manages_nothing_here(alpha, bravo, there):
    client = mixed(alpha, bravo, Role.ADMIN, there)
    before, b = row_counts(), bravo.business.pk
    forged = {
        "businesses_page_add": [
            {"business": b, "graph_id": "123", "name": "x"},
            {"business": alpha.business.pk, "graph_id": "123", "name": "x", "managed_by": bravo.app.pk},
        ],
        "businesses_facebookapp_add": [{"business": b, "graph_id": "123", "name": "x"}],
        "businesses_accesstoken_add": [
            {"business": b, "asset": bravo.app.pk, "token": "abc"},
            {"business": alpha.business.pk, "asset": bravo.app.pk, "token": "abc"},
        ],
    }

    for name, forms in forged.items():
        address = reverse(f"admin:{name}")
        assert choices_in(client.get(address)) == [], "no choice is offered that is then refused"
        for form in forms:
            assert "Select a valid choice" in body_of(client.post(address, form))

    assert row_counts() == before


@pytest.mark.parametrize("act", ["retire", "delete_selected"])
def test_bulk_acts_of_an_admin_elsewhere_leave_rows_here_alone(alpha, bravo, act):
    client = mixed(alpha, bravo, Role.ADMIN, Role.STAFF)
    before = row_counts()
    chosen = {"action": act, ACTION_CHECKBOX_NAME: [bravo.app.pk], "sure": "yes", "post": "yes"}

    client.post(reverse("admin:businesses_facebookapp_changelist"), chosen)

    assert row_counts() == before
    assert Asset.objects.get(pk=bravo.app.pk).retired_at is None


@pytest.mark.parametrize("here", [Role.STAFF, Role.ADMIN])
def test_staff_elsewhere_ask_nothing_here(alpha, bravo, here):
    client = mixed(alpha, bravo, here, Role.VIEWER)
    before, new = row_counts(), reverse("admin:lookups_run_new")
    person = reverse("admin:lookups_person_ask", args=[alpha.person.public_id])
    columns = alpha.run.columns_address

    assert choices_in(found(client, "5")) == choices_in(client.get(new)) == []
    answers = [
        client.post(reverse("find"), {"q": "123", "asset": bravo.page.pk}),
        client.post(person, {"asset": bravo.app.pk}),
        client.post(new, {"business": bravo.business.pk, "file": SimpleUploadedFile("x.csv", b"1\n")}),
        client.post(new, {"how": "paste", "text": "1", "asset": bravo.page.pk}),
        client.post(columns, {"id_column": "0", "asset": bravo.app.pk}),
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 400, 400, 400]
    assert row_counts() == before
