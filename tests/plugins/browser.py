"""Chromium through Playwright: the distribution's own, headless, and unable to leave this machine."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    # A page that loads something from elsewhere must fail here, not work by chance.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
SECONDS = 10


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run of this process."""
    # Playwright keeps an event loop in this thread, which Django would take for an asynchronous view.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server: LiveServer, settings: Any) -> str:
    """The address of the running application, which its mails and links name too."""
    settings.BASE_URL = live_server.url
    return live_server.url


def _problems(page: Page, found: list[str]) -> None:
    def console(message: ConsoleMessage) -> None:
        # A refused form is a line in the console too, and no fault of the page.
        if message.type == "error" and not message.text.startswith("Failed to load resource: the server responded"):
            found.append(f"{page.url}: {message.text}")

    page.on("console", console)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))


@pytest.fixture
def new_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """`new_page(**options)` opens a page in a context (cookies) of its own: one for each person of a test.

    Options are those of Playwright's `new_context`: color_scheme="dark", locale="zh-CN", viewport={"width": 360, …}.
    A script error or a refused resource in any of the pages fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    found: list[str] = []

    def open_page(**options: Any) -> Page:
        values = {"base_url": site, "viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | options
        context = browser.new_context(reduced_motion="reduce", **values)
        context.set_default_timeout(SECONDS * 1000)
        context.on("page", lambda page: _problems(page, found))
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not found, "the browser reported:\n" + "\n".join(found)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page of 1280 × 800 in English, on the running application."""
    return new_page()
