"""A real Chromium from log-in to the person page. Skipped loudly without a browser; never in CI."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def page(tmp_path) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("NO BROWSER: install Debian's chromium to run this test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_context(timezone_id="Asia/Ho_Chi_Minh", locale="en-GB").new_page()
        yield opened
        browser.close()


@pytest.mark.timeout(180)
def test_psid_12345123_from_log_in_to_the_person_page(page: Page, tmp_path):
    running = Stack(tmp_path, "")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        running.start()
        _log_in(page, running.url)
        page.get_by_label("Paste an ID").fill("12345123")
        page.keyboard.press("Enter")
        page.get_by_label("John's Next Great Thing").check()
        page.get_by_role("button", name="Ask Graph").click()
        page.get_by_role("heading", name="John Smith", level=2).wait_for(timeout=30_000)

        cells = page.locator(".il-cell-linked")
        shown = {cells.nth(n).locator("h3").inner_text(): cells.nth(n).locator("code").inner_text() for n in range(3)}
        local_time = page.locator(".il-table time").first.inner_text()
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy PSID 12345123").click()
        copied = page.evaluate("navigator.clipboard.readText()")
    finally:
        running.stop()

    assert shown == {
        "John's Game App": "10152368852405295",
        "JohnsMovieApp": "645195294",
        "John's Next Great Thing": "12345123",
    }
    assert copied == "12345123"
    assert "UTC" not in local_time, "times are shown in the reader's own zone"
    assert complaints == []


def _log_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Paste an ID").wait_for()
