"""Which token and secret a question needs, or why there is none."""

import pytest

from businesses.credentials import Credential, Missing, credential_for, mark_refused
from businesses.models import FacebookApp
from tests.makers import NOW, make_app, make_business, make_page, make_token

pytestmark = pytest.mark.django_db


def test_psid_is_asked_with_the_page_token_and_the_managing_apps_secret():
    app = make_app(make_business(), secret="its-secret")
    page = make_page(app.business, app)
    make_token(page, "page-token")

    credential = credential_for(page)

    assert isinstance(credential, Credential)
    assert (credential.token, credential.app_secret) == ("page-token", "its-secret")


def test_credential_never_shows_its_secrets():
    app = make_app(make_business(), secret="its-secret")
    make_token(app, "app-token")

    shown = repr(credential_for(app))

    assert "app-token" not in shown
    assert "its-secret" not in shown


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda page, token: token.delete(), "no_token"),
        (lambda page, token: token.mark_refused(because="expired", at=NOW), "token_refused"),
        (lambda page, token: FacebookApp.objects.update(sealed_secret=""), "no_secret"),
        (lambda page, token: FacebookApp.objects.update(sealed_secret="v1:00000000:x"), "unreadable"),
        (lambda page, token: type(page).objects.update(managed_by=None), "no_managing_app"),
    ],
)
def test_what_is_missing_is_named_with_a_remedy(spoil, code):
    app = make_app(make_business())
    page = make_page(app.business, app, "The Bot")
    token = make_token(page)

    spoil(page, token)
    missing = credential_for(type(page).objects.get())

    assert isinstance(missing, Missing)
    assert missing.code == code
    assert missing.remedy
    assert "The Bot" in missing.text or code == "no_secret"


def test_a_token_graph_has_not_refused_goes_before_a_newer_refused_one():
    app = make_app(make_business())
    make_token(app, "works")
    newer = make_token(app, "refused")

    mark_refused(newer.pk, because="expired", at=NOW)

    credential = credential_for(app)
    assert isinstance(credential, Credential)
    assert credential.token == "works"
