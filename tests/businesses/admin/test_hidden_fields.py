"""Forms take only what they show; keys that no row can have, and numbers that mean nothing, are told in words."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse

from businesses.credentials import app_key
from businesses.models import AccessToken, AppSecret, Asset, Business, Role
from tests.makers import make_app, make_business, make_page, make_token, make_user
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db
GOOD_SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def app() -> Asset:
    return make_app(make_business())


@pytest.fixture
def owner(app) -> Client:
    return member(app.business, Role.ADMIN)


def test_a_secret_sent_to_a_form_that_does_not_show_its_field_replaces_nothing(app, owner):
    secret, address = app.secret, reverse("admin:businesses_facebookapp_change", args=[app.pk])
    sent = {"name": "Renamed", "app_secret": GOOD_SECRET}

    answer = owner.post(address, sent, follow=True)

    assert Asset.objects.get(pk=app.pk).name == "Renamed"
    assert AppSecret.objects.get(app=app).sealed_value == secret.sealed_value
    assert "the one you entered was not taken" in text_of(answer)
    app.secrets.all().delete()
    owner.post(address, sent)
    assert app_key(AppSecret.objects.get(app=app)).app_secret == GOOD_SECRET, "the value is one that is taken"


@pytest.mark.parametrize("field", ["refresh_days", "profile_days"])
@pytest.mark.parametrize("days", ["0", "-1", "40000", "9" * 12, "x"])
def test_an_interval_that_is_none_is_refused_in_words(app, owner, field, days):
    business = app.business
    address = reverse("admin:businesses_business_change", args=[business.pk])

    answer = owner.post(address, {"name": business.name, "profile_days": "90", "refresh_days": "30", field: days})

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert vars(Business.objects.get(pk=business.pk))[field] == vars(business)[field]


@pytest.mark.parametrize("key", ["abc", "9" * 40, "-1", "", "１２"])
@pytest.mark.parametrize("act", ["retire", "delete_selected"])
def test_a_bulk_act_on_keys_that_are_none_says_so_and_does_nothing(app, owner, act, key):
    chosen = {"action": act, ACTION_CHECKBOX_NAME: [app.pk, key], "sure": "yes"}

    answer = owner.post(reverse("admin:businesses_facebookapp_changelist"), chosen, follow=True)

    assert answer.status_code == 200
    assert "One of the chosen rows does not exist." in text_of(answer)
    assert Asset.objects.get(pk=app.pk).retired_at is None


@pytest.mark.parametrize("model", ["businesses_page", "businesses_accesstoken", "businesses_business", "auth_user"])
@pytest.mark.parametrize("key", ["abc", "9" * 40])
def test_so_it_does_in_every_list_with_bulk_acts(app, model, key):
    make_token(make_page(app.business, app))
    client = Client()
    client.force_login(make_user("root", superuser=True))

    sent = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [key]}
    answer = client.post(reverse(f"admin:{model}_changelist"), sent, follow=True)

    assert "One of the chosen rows does not exist." in text_of(answer)
    assert AccessToken.objects.exists()
