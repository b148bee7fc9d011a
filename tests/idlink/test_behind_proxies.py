"""Behind real proxies, a stranger who is locked out locks nobody else out, and can't claim to be another."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.makers import make_business, make_user
from tests.stack import ROOT, free_port, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "correct horse battery staple"
STRANGER, COLLEAGUE = "127.0.0.2", "127.0.0.3"
HEADERS = pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])


@contextmanager
def proxy_before(upstream: int, header: str) -> Iterator[int]:
    """Run a proxy in front of a port; gives the proxy's own."""
    port = free_port()
    command = [sys.executable, "-m", "tests.idlink.small_proxy", str(port), str(upstream), header]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=ROOT)
    try:
        wait_for(lambda: _answers(port), "the proxy")
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return bool(requests.get(f"http://127.0.0.1:{port}/health/", timeout=5).status_code)
    except requests.ConnectionError:
        return False


class _From(HTTPAdapter):
    """Connects from an address of one's choice; a machine has all of 127.0.0.0/8."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args, **kwargs) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._address, 0))


@pytest.fixture
def behind(live_server, settings) -> Iterator[Callable[[int, str], str]]:
    """Puts the installation behind so many proxies that write a header; gives the address of its log-in."""
    settings.AXES_FAILURE_LIMIT = 3
    ana = make_user("ana", make_business())
    ana.set_password(GOOD)
    ana.save()
    with ExitStack() as started:

        def put(proxies: int, header: str) -> str:
            settings.IDLINK_PROXY_HEADER = header
            port = urlsplit(live_server.url).port or 0
            for _ in range(proxies):
                port = started.enter_context(proxy_before(port, header))
            return f"http://127.0.0.1:{port}/admin/login/"

        yield put


def log_in(url: str, address: str, password: str, headers: dict[str, str] | None = None) -> int:
    """Log in through the form, as a new browser; gives the status."""
    with requests.Session() as browser:
        browser.trust_env = False
        browser.mount("http://", _From(address))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(url, timeout=30).text)[1]
        sent = {"username": "ana", "password": password, "csrfmiddlewaretoken": token}
        return browser.post(url, sent, headers=headers, timeout=30, allow_redirects=False).status_code


@HEADERS
@pytest.mark.parametrize(("proxies", "trusted"), [(1, "1"), (2, "2"), (1, "127.0.0.1"), (2, "127.0.0.1/32, ::1")])
def test_only_the_address_that_failed_is_locked(behind, settings, header, proxies, trusted):
    settings.IDLINK_TRUSTED_PROXIES = trusted
    url = behind(proxies, header)
    claims = {"X-Forwarded-For": COLLEAGUE, "Forwarded": f'for="{COLLEAGUE}'}

    statuses = [log_in(url, STRANGER, "wrong", claims) for _ in range(settings.AXES_FAILURE_LIMIT)]

    assert statuses[-1] == 429
    assert log_in(url, STRANGER, GOOD) == 429
    assert log_in(url, COLLEAGUE, GOOD) == 302


@HEADERS
def test_without_the_setting_nothing_that_a_header_says_is_believed(behind, settings, header):
    url = behind(1, header)
    for number in range(settings.AXES_FAILURE_LIMIT):
        forged = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
        log_in(url, STRANGER, "wrong", forged)

    assert log_in(url, COLLEAGUE, GOOD) == 429, "all that come through the proxy count as one"
