"""No page opens a secret: tokens and app secrets stay sealed until a call is made."""

import pytest

from businesses import secrets
from businesses.credentials import choice_for, opened
from businesses.models import Role
from tests.makers import make_user
from tests.test_isolation import PUBLIC, Tenant, addresses_of, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant():
    return Tenant("Alpha", "1111111111110")


@pytest.fixture
def decrypted(monkeypatch) -> list[str]:
    """One entry for each secret that was opened since."""
    real, seen = secrets._open, list[str]()

    def counted(sealed: str) -> bytes:
        seen.append(sealed)
        return real(sealed)

    monkeypatch.setattr(secrets, "_open", counted)
    return seen


def test_no_page_opens_a_secret(tenant, decrypted):
    client = client_of(make_user("ada", tenant.business, role=Role.ADMIN, superuser=True))
    shown = 0

    for name, address in addresses_of(tenant):
        if name not in PUBLIC:
            response = client.get(address)
            shown += response.status_code == 200
            assert decrypted == [], f"{address} opened a secret"

    assert shown > 50


def test_a_plan_names_its_credential_and_only_a_call_opens_it(tenant, decrypted):
    choice = choice_for(tenant.page)

    assert decrypted == []
    assert "token-of-Alpha" not in repr(choice)

    assert opened(choice).token == "token-of-Alpha"
    assert len(decrypted) == 2, "the token and the secret that signs"
