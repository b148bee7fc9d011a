"""Which token and secret a question needs, or why there is none."""

import pytest

from businesses.credentials import Choice, Credential, choice_for, mark_refused, opened
from businesses.models import AppSecret, Asset
from businesses.reasons import Reason
from tests.makers import NOW, make_app, make_business, make_page, make_token

pytestmark = pytest.mark.django_db


def test_psid_is_asked_with_the_page_token_and_the_managing_apps_secret():
    app = make_app(make_business(), secret="its-secret")
    page = make_page(app.business, app)
    make_token(page, "page-token")

    choice = choice_for(page)

    assert isinstance(choice, Choice)
    credential = opened(choice)
    assert isinstance(credential, Credential)
    assert (credential.token, credential.app_secret) == ("page-token", "its-secret")


def test_neither_a_choice_nor_a_credential_shows_its_secrets():
    app = make_app(make_business(), secret="its-secret")
    make_token(app, "app-token")

    choice = choice_for(app)
    shown = repr(choice) + repr(opened(choice))

    assert "app-token" not in shown
    assert "its-secret" not in shown


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda page, token: token.delete(), "no_token"),
        (lambda page, token: token.last_check.mark_refused(because="expired", at=NOW), "token_refused"),
        (lambda page, token: AppSecret.objects.all().delete(), "no_secret"),
        (lambda page, token: AppSecret.objects.update(sealed_value="v1:00000000:x"), "unreadable"),
        (lambda page, token: Asset.objects.update(managed_by=None), "no_managing_app"),
    ],
)
def test_what_is_missing_is_named_with_a_remedy(spoil, code):
    app = make_app(make_business())
    page = make_page(app.business, app, "The Bot")
    token = make_token(page)

    spoil(page, token)
    missing = choice_for(type(page).objects.get())

    assert isinstance(missing, Reason)
    assert missing.code == code
    assert missing.remedy
    assert "The Bot" in missing.text or code == "no_secret"


def test_a_token_graph_has_not_refused_goes_before_a_newer_refused_one():
    app = make_app(make_business())
    make_token(app, "works")
    newer = make_token(app, "refused")

    mark_refused(newer.pk, because="expired", at=NOW)

    choice = choice_for(app)
    assert isinstance(choice, Choice)
    assert opened(choice).token == "works"


def test_a_secret_whose_text_can_not_be_read_is_found_where_it_is_opened():
    app = make_app(make_business())
    make_token(app)
    choice = choice_for(app)
    AppSecret.objects.update(sealed_value=choice.token.sealed_value)  # sealed for another row

    moved = choice_for(Asset.objects.get())

    assert isinstance(moved, Choice), "nothing is decrypted to choose"
    assert opened(moved).code == "unreadable"
