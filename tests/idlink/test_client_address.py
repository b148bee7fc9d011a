"""A request's own address is found behind trusted proxies, and nobody can claim another one."""

import pytest
from django.test import RequestFactory

from idlink.client_address import client_address, proxies_problem

PROXY, INNER, CLIENT, VICTIM = "10.0.0.1", "10.0.0.2", "203.0.113.7", "198.51.100.9"


@pytest.fixture
def address(settings):
    """The address that comes of a header, by the settings."""

    def address_of(proxies: str, header: str, value: str | None, peer: str = PROXY) -> str | None:
        settings.IDLINK_TRUSTED_PROXIES, settings.IDLINK_PROXY_HEADER = proxies, header
        headers = {} if value is None else {header: value}
        return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))

    return address_of


@pytest.mark.parametrize(
    ("proxies", "value", "found"),
    [
        ("", CLIENT, PROXY),
        ("0", CLIENT, PROXY),
        ("1", CLIENT, CLIENT),
        ("1", f"{VICTIM}, {CLIENT}", CLIENT),
        ("2", f"{VICTIM}, {CLIENT}, {INNER}", CLIENT),
        ("2", CLIENT, PROXY),
        ("1", "unknown", PROXY),
        ("1", None, PROXY),
        ("10.0.0.0/8", f"{VICTIM}, {CLIENT}", CLIENT),
        ("10.0.0.0/8", f"{VICTIM}, {CLIENT}, {INNER}", CLIENT),
        ("10.0.0.1", f"{VICTIM}, {CLIENT}, {INNER}", INNER),
        ("10.0.0.0/8", f"{CLIENT}, nonsense, {INNER}", INNER),
        ("10.0.0.0/8", INNER, INNER),
        ("192.168.0.0/16, fd00::/8", CLIENT, PROXY),
    ],
)
def test_entries_are_believed_from_the_end_as_far_as_trusted_proxies_wrote_them(address, proxies, value, found):
    assert address(proxies, "X-Forwarded-For", value) == found
    forwarded = value and ", ".join(f"for={entry.strip()};proto=https" for entry in value.split(","))
    assert address(proxies, "Forwarded", forwarded) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("203.0.113.7:4711", CLIENT),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("::ffff:203.0.113.7", CLIENT),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_are_read_in_every_form(address, value, found):
    assert address("1", "X-Forwarded-For", value) == found
    assert address("1", "Forwarded", f'by=x; For="{value}"') == found


def test_the_header_that_the_proxy_does_not_write_is_never_read(address, settings):
    settings.IDLINK_TRUSTED_PROXIES = "1"
    forged = RequestFactory().get("/", headers={"Forwarded": f"for={VICTIM}"}, REMOTE_ADDR=PROXY)

    assert client_address(forged) == PROXY


def test_a_quotation_mark_left_open_by_the_sender_swallows_nothing(address):
    assert address("1", "Forwarded", f'for="{VICTIM}, for={CLIENT}') == CLIENT
    assert address("1", "Forwarded", 'for="x, for="[2001:db8::1]"') == "2001:db8::1"


def test_a_server_that_does_not_tell_its_peer_gives_none(address):
    assert address("", "X-Forwarded-For", VICTIM, peer="") is None
    assert address("10.0.0.0/8", "X-Forwarded-For", VICTIM, peer="") is None


@pytest.mark.parametrize(("proxies", "header"), [("two", "Forwarded"), ("10.0.0.1/8", "Forwarded"), ("1", "X-Real-IP")])
def test_settings_that_mean_nothing_are_told(proxies, header):
    assert "IDLINK_" in proxies_problem(proxies, header)
    assert proxies_problem("", "X-Forwarded-For") == proxies_problem("2", "Forwarded") == ""
