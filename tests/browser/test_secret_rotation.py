"""A real Chromium: an app's secret is rotated; a wrong one changes nothing, the right one takes over at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import log_in
from tests.stack import Stack

pytestmark = pytest.mark.browser
APP = "JohnsMovieApp"


def _try(page: Page, secret: str) -> None:
    page.get_by_label("New app secret").fill(secret)
    page.get_by_role("button", name="Try it, and use it if it works").click()


@pytest.mark.timeout(600)
def test_from_the_apps_page_to_the_new_secret_and_the_way_back(page: Page, running: Stack, complaints):
    log_in(page, running.url)
    page.get_by_role("link", name="Apps", exact=True).click()
    page.get_by_role("link", name=APP).click()
    page.get_by_role("link", name="Rotate the secret").click()
    in_use = page.get_by_role("region", name="In use now").locator("code")
    before = in_use.inner_text()

    _try(page, "a-secret-of-no-app")
    page.get_by_text("Graph does not take this secret, so nothing has changed").wait_for()
    assert in_use.inner_text() == before

    app_id = running.sandbox.asset(APP)["id"]
    new = running.sandbox.control("secrets", {"app": app_id})["secret"]
    _try(page, new)
    page.get_by_text("Graph takes the new secret: it is in use from now on").wait_for()
    assert in_use.inner_text() != before
    expect(page.get_by_role("region", name="The way back").locator("code")).to_have_text(before)

    page.get_by_role("button", name="Go back to it").click()
    page.get_by_text("Graph does not take the former secret any more").wait_for()
    assert page.get_by_role("region", name="The way back").count() == 0
    assert new not in page.content()
    assert complaints == []
