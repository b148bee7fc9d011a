"""What a user does in a browser, step by step."""

from playwright.sync_api import Locator, Page

from tests.stack import PASSWORD


def log_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Username").fill("demo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    box(page).wait_for()


def box(page: Page) -> Locator:
    return page.get_by_label("Paste an ID")


def look_up_john(page: Page) -> None:
    """Look John up from *Find a person*, as somebody who has logged in."""
    box(page).fill("12345123")
    page.keyboard.press("Enter")
    page.get_by_label("John's Next Great Thing").check()
    page.get_by_role("button", name="Ask Graph").click()
    page.get_by_role("heading", name="John Smith", level=2).wait_for(timeout=30_000)
