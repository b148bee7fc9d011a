"""A real Chromium from log-in to the person page. Skipped loudly without a browser; never in CI."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, sync_playwright

from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def page() -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("NO BROWSER: install Debian's chromium to run this test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_context(timezone_id="Asia/Ho_Chi_Minh", locale="en-GB").new_page()
        opened.set_default_timeout(90_000)  # a busy machine is no failure
        yield opened
        browser.close()


@pytest.fixture
def running(tmp_path) -> Iterator[Stack]:
    stack = Stack(tmp_path, "")
    try:
        yield stack.start()
    finally:
        stack.stop()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


@pytest.mark.timeout(600)
def test_psid_12345123_from_log_in_to_the_person_page(page: Page, running: Stack, complaints):
    _log_in(page, running.url)
    searched = _searched_again(page)
    _look_up_john(page)

    cells = page.locator(".il-cell-linked")
    shown = {cells.nth(n).locator("h3").inner_text(): cells.nth(n).locator("code").inner_text() for n in range(3)}
    local_time = page.locator(".il-table time").first.inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy PSID 12345123").click()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert shown == {
        "John's Game App": "10152368852405295",
        "JohnsMovieApp": "645195294",
        "John's Next Great Thing": "12345123",
    }
    assert copied == "12345123"
    assert searched == ["222", "222", "111", "222"], "reload, back and forward show what each address was made for"
    assert "UTC" not in local_time, "times are shown in the reader's own zone"
    assert complaints == []


@pytest.mark.timeout(600)
def test_a_link_is_explained_retracted_and_taken_back(page: Page, running: Stack, complaints):
    _log_in(page, running.url)
    _look_up_john(page)
    page.get_by_label("First ID").select_option(label="ASID 10152368852405295 in John's Game App")
    page.get_by_label("Second ID").select_option(label="PSID 12345123 in John's Next Great Thing")
    page.get_by_role("button", name="one person?").click()
    page.get_by_text("GET /v26.0/12345123").wait_for()

    page.get_by_role("link", name="Retract this link…").click()
    page.get_by_role("heading", name="After").wait_for()
    page.get_by_label("Reason").fill("Two people use this phone.")
    page.get_by_role("button", name="Retract the link").click()
    page.get_by_text("Two people use this phone.").wait_for()
    apart = page.locator(".il-cell-linked").count()
    page.get_by_role("link", name="Take back…").click()
    page.get_by_label("Reason").fill("They do not.")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("They do not.").wait_for()

    assert apart < 3
    assert page.locator(".il-cell-linked").count() == 3
    assert complaints == []


@pytest.mark.timeout(600)
def test_a_page_goes_on_asking_for_news_after_an_answer_that_failed(page: Page, running: Stack):
    failed = []

    def fail_once(route: Route) -> None:
        if route.request.headers.get("hx-request") and not failed:
            failed.append(route.request.url)
            route.fulfill(status=503, body="busy")
        else:
            route.continue_()

    _log_in(page, running.url)
    running.sandbox.control("latency", {"seconds": 3})
    page.route("**/lookups/lookup/**", fail_once)
    _look_up_john(page)

    assert len(failed) == 1
    assert page.locator(".il-cell-linked").count() == 3


def _searched_again(page: Page) -> list[str]:
    """Search for two IDs one after the other, then reload, go back and forward; gives what each shows."""
    for text in ("111", "222"):
        _box(page).fill(text)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=f"{text} is not stored yet").wait_for()
        assert text not in page.url
    shown = [_box(page).input_value()]
    for move in (page.reload, page.go_back, page.go_forward):
        move()
        shown.append(_box(page).input_value())
    return shown


def _box(page: Page) -> Locator:
    return page.get_by_label("Paste an ID")


def _look_up_john(page: Page) -> None:
    """Look John up from *Find a person*, as somebody who has logged in."""
    _box(page).fill("12345123")
    page.keyboard.press("Enter")
    page.get_by_label("John's Next Great Thing").check()
    page.get_by_role("button", name="Ask Graph").click()
    page.get_by_role("heading", name="John Smith", level=2).wait_for(timeout=30_000)


def _log_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    _box(page).wait_for()
