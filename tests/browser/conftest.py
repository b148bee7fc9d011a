"""A real Chromium, and an installation of real processes for each file; each test finds it as it was seeded."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.stack import Stack

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def page() -> Iterator[Page]:
    if CHROMIUM is None:
        # For who has no browser at hand; in CI any skipped test fails the run (`pytest_sessionfinish`).
        pytest.skip("NO BROWSER: install Debian's chromium to run this test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        # Without animations: to draw them without a graphics card takes a processor.
        context = browser.new_context(timezone_id="Asia/Ho_Chi_Minh", locale="en-GB", reduced_motion="reduce")
        opened = context.new_page()
        opened.set_default_timeout(90_000)  # a busy machine is no failure
        yield opened
        browser.close()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("browser"), "")
    try:
        yield stack.start()
    finally:
        stack.stop()


@pytest.fixture
def running(started: Stack) -> Iterator[Stack]:
    """The installation; afterwards it forgets what was looked up."""
    yield started
    started.sandbox.reset()
    started.forget()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    return told
