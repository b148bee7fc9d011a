"""Who is right from a known device gets in, while a stranger at the same address is locked out."""

import pytest
from django.test import Client

from tests.makers import make_business, make_user

pytestmark = pytest.mark.django_db
GOOD, LOG_IN = "correct horse battery staple", "/admin/login/"


@pytest.fixture(autouse=True)
def users(settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for name in ("ana", "bob"):
        user = make_user(name, make_business(name))
        user.set_password(GOOD)
        user.save()


def log_in(client: Client, password: str = GOOD, name: str = "ana") -> int:
    return client.post(LOG_IN, {"username": name, "password": password}).status_code


def log_out(client: Client) -> None:
    client.post("/admin/logout/")  # the test client's own way out would forget all cookies


def known_device(name: str = "ana") -> Client:
    """A browser in which somebody has logged in before."""
    client = Client()
    assert log_in(client, name=name) == 302
    log_out(client)
    return client


def fail(client: Client, name: str = "ana") -> int:
    return [log_in(client, "wrong", name) for _ in range(3)][-1]


def test_a_known_device_lets_its_user_in_while_strangers_are_locked_out():
    device = known_device()

    assert fail(Client()) == 429

    assert log_in(Client()) == 429
    assert log_in(device) == 302
    assert log_in(Client()) == 429, "that opens nothing to others"


def test_guessing_on_a_known_device_locks_that_device_and_no_other():
    device, other = known_device(), known_device()

    assert fail(device) == 429

    assert log_in(device) == 429
    assert log_in(other) == 302
    assert log_in(Client()) == 302


def test_a_device_is_known_for_its_user_alone():
    fail(Client())

    assert log_in(known_device("bob")) == 429


def test_a_device_of_two_users_is_known_for_both():
    device = known_device()
    assert log_in(device, name="bob") == 302
    log_out(device)
    for name in ("ana", "bob"):
        fail(Client(), name)

    assert [log_in(device, name=name) for name in ("ana", "bob")] == [302, 302]


@pytest.mark.parametrize("forged", ["abc", "abc:1:2", "", None])
def test_a_cookie_that_was_not_signed_here_makes_no_known_device(forged):
    device = known_device()
    (name,) = [name for name in device.cookies if name.startswith("device_")]
    signed = device.cookies[name].value
    fail(Client())

    device.cookies[name] = signed.replace(signed.partition(":")[0], "0" * 16) if forged is None else forged

    assert log_in(device) == 429


def test_the_cookie_is_sent_to_the_log_in_only_and_no_script_reads_it():
    device = known_device()
    (cookie,) = [cookie for name, cookie in device.cookies.items() if name.startswith("device_")]

    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (LOG_IN, True, "Strict")
    assert "ana" not in str(cookie)


def test_a_failed_log_in_makes_no_known_device():
    client = Client()

    log_in(client, "wrong")

    assert not [name for name in client.cookies if name.startswith("device_")]
