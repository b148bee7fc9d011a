"""A real Chromium: a list is uploaded, its columns named, looked over, started, and its sum stands on the screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from lookups.sandbox.world.default_world import default_world
from tests.browser.steps import log_in
from tests.stack import Stack

pytestmark = pytest.mark.browser
BOT = "John's Next Great Thing"


def campaign(folder: Path) -> Path:
    """Five PSIDs of the bot that Graph knows or not, one that a spreadsheet has spoilt, and one twice."""
    psids = ["12345123", *map(str, range(700001, 700005))]
    lines = ["customer,psid", *(f"C{n},{psid}" for n, psid in enumerate(psids)), "C5,1.23451E+15", "C6,12345123"]
    path = folder / "campaign.csv"
    path.write_text("\r\n".join(lines))
    return path


@pytest.mark.timeout(600)
def test_a_list_from_upload_to_the_sum(page: Page, running: Stack, complaints, tmp_path):
    assert BOT in {asset.name for asset in default_world().assets.values()}
    log_in(page, running.url)
    page.get_by_role("link", name="Lists and runs").click()
    page.get_by_role("link", name="New list").click()
    page.get_by_label("Business").select_option(label="John's Entertainment")
    page.get_by_label("CSV or XLSX").set_input_files(campaign(tmp_path))
    page.get_by_role("button", name="Upload").click()

    page.get_by_role("heading", name="The first 7 rows").wait_for(timeout=180_000)  # a busy machine is no failure
    guessed = page.get_by_label("Column with the IDs").input_value()
    page.get_by_label("App or Page of the IDs").select_option(label=f"{BOT} (Page, PSIDs)")
    page.get_by_role("button", name="Read the list").click()

    page.get_by_role("button", name="Start").wait_for(timeout=180_000)
    preview = page.locator(".il-equation").inner_text()
    rejected = page.get_by_text("is a number whose last digits are lost").count()
    page.get_by_role("button", name="Start").click()
    page.locator(".il-run-done").wait_for(timeout=180_000)

    assert guessed == "1"
    assert preview == "7 in file = 5 to ask + 1 rejected + 1 duplicate"
    assert rejected == 1
    assert page.locator(".il-equation").inner_text() == "7 in file = 1 linked + 4 refused + 1 rejected + 1 duplicate"
    assert page.get_by_role("progressbar").get_attribute("aria-valuenow") == "100"
    page.get_by_role("link", name="1 linked").click()
    page.get_by_role("link", name="12345123").click()
    page.get_by_role("link", name="Open the person").wait_for()
    assert complaints == []
    assert "could not be read on" not in running.logs()
