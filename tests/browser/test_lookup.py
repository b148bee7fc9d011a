"""A real Chromium from log-in to the person page."""

import pytest
from playwright.sync_api import Page, Route

from tests.browser.steps import box, log_in, look_up_john
from tests.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.timeout(600)
def test_psid_12345123_from_log_in_to_the_person_page(page: Page, running: Stack, complaints):
    log_in(page, running.url)
    searched = _searched_again(page)
    look_up_john(page)

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
    log_in(page, running.url)
    look_up_john(page)
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

    log_in(page, running.url)
    running.sandbox.control("latency", {"seconds": 3})
    page.route("**/lookups/lookup/**", fail_once)
    look_up_john(page)

    assert len(failed) == 1
    assert page.locator(".il-cell-linked").count() == 3


def _searched_again(page: Page) -> list[str]:
    """Search for two IDs one after the other, then reload, go back and forward; gives what each shows."""
    for text in ("111", "222"):
        box(page).fill(text)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=f"{text} is not stored yet").wait_for()
        assert text not in page.url
    shown = [box(page).input_value()]
    for move in (page.reload, page.go_back, page.go_forward):
        move()
        shown.append(box(page).input_value())
    return shown
