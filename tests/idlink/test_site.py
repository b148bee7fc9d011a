"""Log-in and lock-out, headers, and no address left out of the admin's protection."""

import json
import logging
from logging.config import DictConfigurator

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.makers import make_business, make_user

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery staple"


@pytest.fixture
def ana():
    user = make_user("ana", make_business())
    user.set_password(GOOD)
    user.save()
    return user


def log_in(password: str, address: str = "10.0.0.1", name: str = "ana"):
    return Client(REMOTE_ADDR=address).post("/admin/login/", {"username": name, "password": password})


def test_passwords_are_stored_as_argon2(ana):
    assert identify_hasher(ana.password).algorithm == "argon2"


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012345"])
def test_weak_passwords_are_refused(ana, password):
    with pytest.raises(ValidationError):
        validate_password(password, ana)


def test_log_in_is_locked_after_repeated_failures_but_not_for_other_addresses(ana, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in("wrong")

    locked = log_in(GOOD)

    assert locked.status_code == 429
    assert "Too many failed attempts" in locked.content.decode()
    assert log_in(GOOD, "10.0.0.2").status_code == 302


def test_a_wrong_password_and_an_unknown_user_are_told_alike(ana):
    one, two = log_in("wrong"), log_in("wrong", name="nobody")

    assert one.status_code == two.status_code == 200
    said = [str(response.context["form"].non_field_errors()) for response in (one, two)]
    assert said[0] == said[1] != ""


def test_a_user_switched_off_is_out_at_once(ana):
    client = Client()
    client.force_login(ana)
    assert client.get("/admin/find/").status_code == 200

    get_user_model().objects.update(is_active=False)

    assert client.get("/admin/find/").status_code == 302


@pytest.mark.parametrize(
    "address",
    ["/admin/login/", "/admin/find/", "/nowhere/", "/health/", "/admin/r/1/1/", "/admin/find/?q=%00", "/admin/%00/"],
)
def test_every_answer_carries_the_security_headers(ana, address):
    client = Client()
    client.force_login(ana)

    headers = client.get(address).headers

    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self' 'unsafe-eval';" in f"{policy};"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_nothing_that_is_typed_into_a_palette_gets_into_an_address(ana):
    client = Client()
    client.force_login(ana)

    page = client.get("/admin/find/").content.decode()

    assert "searchCommand()" not in page
    assert 'name="s"' not in page
    assert client.get("/admin/search/?s=12345123&extended=1").status_code == 404


def test_logging_in_leads_to_the_first_page_wherever_one_came_from(ana):
    assert log_in(GOOD).url == "/admin/"


def test_no_error_page_is_mailed(settings):
    assert "Email" not in str(settings.LOGGING)


def test_no_log_line_can_be_forged_by_what_it_tells(settings):
    configured = DictConfigurator(settings.LOGGING).configure_formatter(dict(settings.LOGGING["formatters"]["json"]))
    told = 'x\n{"levelname": "INFO", "message": "forged"}\x1b[31m'

    line = configured.format(logging.LogRecord("django", logging.ERROR, "", 0, "name: %s", (told,), None))

    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    assert json.loads(line)["message"] == f"name: {told}"
