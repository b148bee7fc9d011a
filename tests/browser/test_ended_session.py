"""A real Chromium: a session ends while a run's page polls; the whole page goes to the log-in, and comes back."""

import pytest
from playwright.sync_api import Page

from tests.browser.steps import log_in
from tests.stack import PASSWORD, Stack

pytestmark = pytest.mark.browser
QUIET_BOT = "Quiet Lab Bot (Page, PSIDs)"  # of a business under review: its run is under way until that ends


@pytest.mark.timeout(600)
def test_a_session_that_ends_while_a_run_is_watched(page: Page, running: Stack):
    log_in(page, running.url)
    page.goto(f"{running.url}/admin/lookups/run/new/")
    page.get_by_label("App or Page of the IDs").select_option(label=QUIET_BOT)
    page.get_by_label("IDs, one on each line").fill("3456789013")
    page.get_by_role("button", name="Read these lines").click()
    page.get_by_role("button", name="Start").click(timeout=30_000)
    page.get_by_role("link", name="About the review").wait_for(timeout=30_000)
    watched = page.url

    page.context.clear_cookies()
    page.wait_for_url("**/admin/login/?next=**", timeout=20_000)

    assert page.locator("#run-progress, .il-equation").count() == 0, "no log-in form inside the run's page"
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(watched)
    page.get_by_role("link", name="About the review").wait_for()
