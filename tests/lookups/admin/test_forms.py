"""Forms of admins: tokens and secrets go in and never come out; the policy is confirmed once."""

import pytest
from django.urls import reverse

from businesses.models import AccessToken, AppSecret, Asset, Role
from tests.makers import make_business
from tests.pages import member, text_of


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("token", "two words", "without blanks"),
        ("token", "", "required"),
        ("token", "x" * 5000, "too long"),
        ("token", "123|abc", "a token of the app 123, not of"),
        ("token", "ｆｕｌｌ", "without blanks"),
    ],
)
def test_token_form_refuses_nonsense_without_repeating_it(world, admin, field, value, message):
    data = {"business": world.app.business.pk, "asset": world.app.pk, field: value}

    response = admin.post(reverse("admin:businesses_accesstoken_add"), data)

    assert message in text_of(response)
    assert not value or value not in response.content.decode()


def test_token_is_kept_out_of_the_form_when_another_field_is_wrong(world, admin):
    response = admin.post(reverse("admin:businesses_accesstoken_add"), {"token": "canary-of-a-token"})

    assert response.status_code == 200
    assert "canary-of-a-token" not in response.content.decode()


def test_a_saved_token_is_used_and_shown_by_fingerprint_only(world, admin):
    AccessToken.objects.all().delete()
    value = "259773517400382|canary-of-a-token"

    admin.post(
        reverse("admin:businesses_accesstoken_add"),
        {"business": world.app.business.pk, "asset": world.app.pk, "token": value},
    )

    token = AccessToken.objects.get()
    assert str(token.created_by) == "a admin"
    for address in (f"/admin/businesses/accesstoken/{token.pk}/change/", "/admin/businesses/accesstoken/"):
        page = admin.get(address).content.decode()
        assert token.fingerprint in page
        assert "canary" not in page


def test_an_app_secret_is_written_and_never_read_back(world, admin):
    app = world.app
    address = reverse("admin:businesses_facebookapp_change", args=[app.pk])
    app.secrets.all().delete()

    admin.post(address, {"name": "Movies", "app_secret": "canary-of-a-secret"})

    secret = AppSecret.objects.get(app=app)
    assert secret.fingerprint
    assert "canary" not in admin.get(address).content.decode()


def test_the_users_by_which_limits_are_reckoned_are_entered_on_the_forms(world, admin):
    app = {"name": "Movies", "daily_people": "1200"}
    admin.post(reverse("admin:businesses_facebookapp_change", args=[world.app.pk]), app)
    page = {"name": "Bot", "managed_by": world.page.managed_by_id, "daily_people": "70"}
    admin.post(reverse("admin:businesses_page_change", args=[world.page.pk]), page)

    assert dict(Asset.objects.filter(name__in=["Movies", "Bot"]).values_list("name", "daily_people")) == {
        "Movies": 1200,
        "Bot": 70,
    }


def test_policy_is_confirmed_once_by_an_admin_on_record(db):
    business = make_business("New", policy=False)
    address = reverse("admin:businesses_business_policy", args=[business.pk])
    clients = {role: member(business, role) for role in Role}

    assert clients[Role.STAFF].post(address, {"confirmed": "yes"}).status_code == 404
    assert "Tick the box" in text_of(clients[Role.ADMIN].post(address))
    business.refresh_from_db()
    assert business.policy_confirmed_at is None

    clients[Role.ADMIN].post(address, {"confirmed": "yes"})

    business.refresh_from_db()
    assert str(business.policy_confirmed_by) == "a admin"
    assert "confirmed on" in text_of(clients[Role.STAFF].get(f"/admin/businesses/business/{business.pk}/change/"))
