"""Tokens go to Meta, or in a trial installation to this machine, and nowhere else however it is spelt."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from businesses.graph_address import METAS, address_trouble
from lookups.asking import resolver

LOOPBACK = ["http://127.0.0.1:8100", "http://localhost:8100", "https://127.0.0.1:8443", "http://[::1]:8100"]
NOWHERE = [
    "", "graph.facebook.com", "http://graph.facebook.com", "https://graph.facebook.com:8443",
    "https://graph.facebook.com:443@evil.example", "https://me:secret@graph.facebook.com",
    "https://graph.facebook.com@evil.example", "https://graph.facebook.com.evil.example", "https://evil.example",
    "https://evilgraph.facebook.com", "https://www.facebook.com", "https://graph.facebook.com\\@evil.example",
    "https://graph.facebook.com/../x", "https://graph.facebook.com?x=", "https://graph.facebook.com#",
    "https://graph.facebook.com\n", " https://graph.facebook.com", "https://graph.faceb\u043e\u043ek.com",
    "http://169.254.169.254", "http://169.254.169.254:80", "http://[fe80::1]:80", "http://2852039166:80",
    "http://127.0.0.1.evil.example:80", "http://127.0.0.1@evil.example:80", "http://localhost@evil.example",
    "http://localhost.evil.example:8100", "http://127.1:8100", "http://0.0.0.0:8100", "http://2130706433:8100",
    "http://10.0.0.5:8100", "ftp://127.0.0.1:8100", "http://127.0.0.1:8100/other", "http://127.0.0.1:8100\n",
]  # fmt: skip


@pytest.mark.parametrize("url", sorted(METAS))
@pytest.mark.parametrize("sandbox", [True, False])
def test_metas_addresses_are_always_taken(url, sandbox):
    assert address_trouble(url, sandbox=sandbox) == ""


@pytest.mark.parametrize("url", LOOPBACK)
def test_this_machine_is_taken_in_a_trial_installation_only(url):
    assert address_trouble(url, sandbox=True) == ""
    assert "none of Meta's addresses" in address_trouble(url, sandbox=False)
    assert "none of Meta's addresses" in address_trouble(url, sandbox=False, elsewhere=url.partition("//")[2])


@pytest.mark.parametrize("url", NOWHERE)
@pytest.mark.parametrize("settings", [{"sandbox": False}, {"sandbox": True}])
def test_no_other_address_is_taken_nor_repeated(url, settings):
    trouble = address_trouble(url, **settings)

    assert trouble
    assert "evil" not in trouble
    assert "secret" not in trouble


@pytest.mark.parametrize("elsewhere", ["sandbox.example:8100", "10.0.0.5:8100", "[2001:db8::5]:8100"])
def test_another_machine_must_be_named_by_host_and_port(elsewhere):
    for scheme in ("http", "https"):
        assert address_trouble(f"{scheme}://{elsewhere}", sandbox=True, elsewhere=elsewhere) == ""

    for other in ("http://sandbox.example:8101", f"http://me@{elsewhere}", f"http://{elsewhere}/x"):
        assert "not at the host and port" in address_trouble(other, sandbox=True, elsewhere=elsewhere)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "169.254.169.254:80", "[fe80::1]:80", "[::ffff:169.254.169.254]:80", "0.0.0.0:80", "[::]:80", "224.0.0.1:80",
        "2852039166:80", "0xa9fea9fe:80", "169.254.43518:80", "0251.0376.0251.0376:80", "me@sandbox.example:80",
        "sandbox.example", "sandbox.example:80/x", "SANDBOX:80", "sandbox.example.:80",
    ],
)  # fmt: skip
def test_and_never_as_one_that_is_link_local_or_written_oddly(elsewhere):
    assert "IDLINK_SANDBOX_ADDRESS" in address_trouble(f"http://{elsewhere}", sandbox=True, elsewhere=elsewhere)


def test_no_client_is_made_for_an_address_that_is_not_allowed(settings):
    resolver.graph_client.cache_clear()
    settings.IDLINK_GRAPH_URL, settings.IDLINK_SANDBOX = "http://127.0.0.1:8100", False

    with pytest.raises(ImproperlyConfigured, match="none of Meta's addresses"):
        resolver.graph_client()
