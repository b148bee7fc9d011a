"""No address of the site takes a form that another site has made up: every POST wants the token of our own pages."""

import pytest
from django.test import Client

from businesses.models import Role
from tests.makers import make_user
from tests.test_isolation import Tenant, addresses_of

pytestmark = pytest.mark.django_db


def test_no_address_takes_a_form_without_its_token():
    tenant = Tenant("Alpha", "1111111111110")
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ana", tenant.business, role=Role.ADMIN, superuser=True))
    addresses = addresses_of(tenant)

    answers = {address: client.post(address, {"post": "yes"}).status_code for _, address in addresses}

    assert len(answers) > 60
    assert {address: status for address, status in answers.items() if status != 403} == {}
