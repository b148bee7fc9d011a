"""Encryption at rest, its binding to rows, fingerprints and rotation."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from businesses import secrets
from businesses.models import AccessToken, AppSecret
from tests.makers import make_app, make_business, make_page, make_token

CANARY = "canary-Zk3vQ9x1Lw7TnB5rYc2H"


def test_sealed_value_opens_for_its_own_row_only():
    sealed = secrets.seal(CANARY, bound_to="row 1")

    assert secrets.unseal(sealed, bound_to="row 1") == CANARY
    with pytest.raises(secrets.SecretUnreadable):
        secrets.unseal(sealed, bound_to="row 2")


def test_sealed_value_does_not_hold_the_secret():
    assert CANARY not in secrets.seal(CANARY, bound_to="row")


def test_unseal_with_a_lost_key_says_so_without_the_secret(settings):
    sealed = secrets.seal(CANARY, bound_to="row")
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(secrets.SecretUnreadable) as caught:
        secrets.unseal(sealed, bound_to="row")

    assert CANARY not in repr(caught.value)
    assert caught.value.__context__ is None


def test_an_altered_value_is_refused_and_its_error_holds_no_other():
    sealed = secrets.seal(CANARY, bound_to="row")
    middle = len(sealed) // 2
    altered = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]

    with pytest.raises(secrets.SecretUnreadable) as caught:
        secrets.unseal(altered, bound_to="row")

    assert caught.value.__context__ is None


@pytest.mark.parametrize("key", ["", "changeme", "c2hvcnQ=", "A" * 43 + "=", "not base64 at all!"])
def test_weak_keys_are_named_as_weak_and_not_repeated(key):
    weakness = secrets.weakness_of_key(key)

    assert weakness
    assert not key or key not in weakness


def test_fresh_key_is_good():
    assert secrets.weakness_of_key(Fernet.generate_key().decode()) == ""


def test_fingerprint_is_64_bits_and_differs_between_installations(settings):
    here = secrets.fingerprint(CANARY)
    settings.SECRET_KEY = "another installation's key, just as long as it has to be for this"

    assert len(here.replace("-", "")) == 16
    assert secrets.fingerprint(CANARY) != here


@pytest.mark.django_db
def test_secrets_swapped_between_rows_by_hand_are_refused():
    business = make_business()
    app = make_app(business)
    one, two = make_token(app, "first-token"), make_token(make_page(business, app), "second-token")

    AccessToken.objects.filter(pk=one.pk).update(sealed_value=two.sealed_value)
    one.refresh_from_db()

    with pytest.raises(secrets.SecretUnreadable):
        secrets.unseal(one.sealed_value, bound_to=one.seal_name)


@pytest.mark.django_db
def test_no_column_of_the_database_holds_a_secret():
    app = make_app(make_business(), secret=CANARY)
    make_token(app, CANARY + "-token")

    with connection.cursor() as cursor:
        for table in ("businesses_asset", AppSecret._meta.db_table, AccessToken._meta.db_table):
            cursor.execute(f"SELECT * FROM {table}")
            assert CANARY not in str(cursor.fetchall())


@pytest.mark.django_db
def test_rotation_seals_everything_under_the_first_key_and_can_be_repeated(settings, capsys):
    app = make_app(make_business(), secret="the secret")
    token = make_token(app, "the token")
    old = settings.IDLINK_ENCRYPTION_KEYS[0]
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), old]

    call_command("rotate_secrets")
    call_command("rotate_secrets")

    settings.IDLINK_ENCRYPTION_KEYS = settings.IDLINK_ENCRYPTION_KEYS[:1]
    secret = app.secret
    token.refresh_from_db()
    assert secrets.unseal(secret.sealed_value, bound_to=secret.seal_name) == "the secret"
    assert secrets.unseal(token.sealed_value, bound_to=token.seal_name) == "the token"
    assert "2 secrets" in capsys.readouterr().out.splitlines()[0]
