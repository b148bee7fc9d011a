"""HTTPS with certificates good and bad, and with one version of TLS alone."""

import http.client
import ssl
import urllib.error
import warnings
from contextlib import closing

import pytest

from lookups.sandbox.wire.secured import VERSIONS
from tests.certificates import Authority
from tests.contract.wire import PSID, Caller, send
from tests.lookups.sandbox.raw_http import asked
from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def own_process(authority):
    with SandboxProcess(*authority.arguments()) as process:
        yield process


@pytest.fixture
def secured(own_process):
    """A sandbox that serves HTTPS with a good certificate, as new for each test."""
    own_process.reset()
    yield own_process
    own_process.reset()


def trusting(authority: Authority, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """A client's TLS that takes the authority's certificates, and no other version than this."""
    context = ssl.create_default_context(cafile=str(authority.path))
    if version:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    return context


def ask_by_tls(
    sandbox: SandboxProcess,
    authority: Authority,
    path: str = "/__sandbox/health",
    version: ssl.TLSVersion | None = None,
) -> bytes:
    trusted = trusting(authority, version)
    connection = http.client.HTTPSConnection(sandbox.url.removeprefix("https://"), timeout=5, context=trusted)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def test_https_is_served_with_a_certificate(secured, authority):
    assert secured.url.startswith("https://")
    assert ask_by_tls(secured, authority) == b'{"ready":true}'


def test_the_next_page_is_where_the_first_was(secured, authority):
    page = Caller(secured, "John's Next Great Thing")
    question = f"/{PSID}/ids_for_apps?access_token={page.token}&appsecret_proof={page.proof}&limit=1"

    assert f'"next":"{secured.url}/'.encode() in ask_by_tls(secured, authority, question)
    secured.control("rules", [{"action": {"paging": "loop"}}])
    assert f'"next":"{secured.url}/'.encode() in ask_by_tls(secured, authority, question)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"days": -1}, "expired"), ({"signed_by_itself": True}, "self-signed"),
        ({"host": "192.0.2.7"}, "not valid for|IP address mismatch"),
    ],
)  # fmt: skip
def test_a_certificate_may_be_wrong(start_sandbox, authority, wrong, why):
    sandbox = start_sandbox(*authority.arguments(**wrong))

    with pytest.raises(ssl.SSLCertVerificationError, match=why):
        ask_by_tls(sandbox, authority)


def versions_spoken(sandbox: SandboxProcess, authority: Authority) -> set[str]:
    spoken = set()
    for name, version in VERSIONS.items():
        problem = ""
        try:
            ask_by_tls(sandbox, authority, version=version)
            spoken.add(name)
        except ssl.SSLError as error:
            problem = str(error)
        assert name in spoken or "version" in problem or "protocol" in problem, problem
    return spoken


def test_one_version_of_tls_may_be_spoken_alone(start_sandbox, secured, authority):
    assert versions_spoken(secured, authority) == {"1.2", "1.3"}
    for version in VERSIONS:
        assert secured.control("tls", {"version": version})["version"] == version
        assert versions_spoken(secured, authority) == {version}
    secured.reset()
    assert versions_spoken(secured, authority) == {"1.2", "1.3"}
    old = start_sandbox(*authority.arguments(), "--tls-version=1.0")
    assert versions_spoken(old, authority) == {"1.0"}


def test_the_certificate_may_change_in_mid_run_and_back(secured, authority):
    address = secured.url.removeprefix("https://")
    with closing(http.client.HTTPSConnection(address, timeout=5, context=trusting(authority))) as connection:
        assert asked(connection) == 200

        secured.control("tls", authority.issue(days=-1))

        # Which of these it is depends on whether the end of the connection or the question comes first.
        with pytest.raises((ConnectionError, ssl.SSLError, http.client.HTTPException)):
            asked(connection)
    for order, why in (
        ({}, ""),
        (authority.issue(days=-1), "expired"),
        (authority.issue(signed_by_itself=True), "self"),
    ):
        secured.control("tls", order)
        if why:
            with pytest.raises(ssl.SSLCertVerificationError, match=why):
                ask_by_tls(secured, authority)
        else:
            assert ask_by_tls(secured, authority)
    secured.reset()
    assert ask_by_tls(secured, authority)


@pytest.mark.parametrize("told", [{"version": "1.4"}, {"cert": "nowhere.pem"}, {"key": "x"}, {"days": 1}, {"cert": 1}])
def test_what_tls_cannot_be_is_refused_and_changes_nothing(secured, authority, told):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        secured.control("tls", told)
    assert ask_by_tls(secured, authority) == b'{"ready":true}'


def test_without_a_certificate_there_is_no_tls_to_change(sandbox):
    assert send(sandbox, "POST", "/__control/tls", json_body={"version": "1.2"}).status == 400


def test_faults_of_the_connection_befall_https_too(secured, authority):
    page = Caller(secured, "John's Next Great Thing")
    secured.control("rules", [{"action": {"cut": "body"}, "times": 1}])

    with pytest.raises((ConnectionError, http.client.IncompleteRead, ssl.SSLError)):
        ask_by_tls(secured, authority, f"/{PSID}?access_token={page.token}")
    assert b"12345123" in ask_by_tls(secured, authority, f"/{PSID}?access_token={page.token}")
