"""The real service, a real browser, and what one wants to know of both."""

import math
import re
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.stories.service import Service, a_service
from tests.stories.steps import gives_up

CHROMIUM = "/usr/bin/chromium"
MICROPHONE_HZ = 1700
PATIENCE_MS = 20_000  # a busy machine is slow, not broken
SCREEN = {"width": 1440, "height": 900}
LEFT = ("htmx:afterRequest", "htmx:sendAbort", "undefined")  # htmx on a page left while it asked
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service with the demo company, for all stories."""
    with a_service(tmp_path_factory.mktemp("service")) as service:
        service.start()
        yield service


@pytest.fixture(autouse=True)
def silence(request: pytest.FixtureRequest) -> Iterator[None]:
    """No caller is left waiting for the agents of the next story."""
    yield
    if "service" in request.fixturenames:
        gives_up(request.getfixturevalue("service"))


@pytest.fixture(scope="module")  # it holds the event loop: whoever comes after it needs one
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's fake microphone hears: a steady tone."""
    path = tmp_path_factory.mktemp("microphone") / "tone.wav"
    turn = 2 * math.pi * MICROPHONE_HZ / 48000
    tone = (round(16000 * math.sin(turn * each)) for each in range(48000 * 4))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", each) for each in tone))
    return path


class Browser:
    """Opens Chromium windows, each with a profile of its own, and closes them at the end."""

    def __init__(self, playwright: Playwright, microphone: Path, folder: Path) -> None:
        self._playwright = playwright
        self._microphone = microphone
        self._folder = folder
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []  # of any page's console

    def open(self, flags: list[str] = FLAGS, **options: Any) -> Page:
        context = self._playwright.chromium.launch_persistent_context(
            str(self._folder / f"profile-{len(self.contexts)}"),
            executable_path=CHROMIUM,
            headless=True,
            args=[*flags, f"--use-file-for-fake-audio-capture={self._microphone}"],
            ignore_default_args=["--mute-audio"],
            **{"permissions": ["microphone"], "viewport": SCREEN, **options},
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.pages[0]
        page.on("pageerror", lambda error: self._complains(str(error)))
        page.on("console", self._listen)
        return page

    def sign_in(self, service: Service, username: str, **options: Any) -> Page:
        """A window of that person's, on their home page."""
        page = self.open(**options)
        self.signs_in(page, service, username)
        return page

    def signs_in(self, page: Page, service: Service, username: str) -> None:
        page.goto(f"{service.url}/sign-in")
        page.fill("#username", username)
        page.fill("#password", service.accounts[username])
        page.press("#password", "Enter")
        page.wait_for_url(f"{service.url}/")

    def ready(self, service: Service, username: str, **options: Any) -> Page:
        """An agent who waits for calls."""
        page = self.sign_in(service, username, **options)
        self.is_ready(page)
        return page

    def is_ready(self, page: Page) -> None:
        """Press Ready, where that is still to be done. A story that failed may have left a call to
        wrap up: those after it are not to fail with it."""
        phone = page.locator(".dock")
        expect(phone).to_have_attribute("data-state", re.compile("^(ready|wrap)$"))
        if phone.get_attribute("data-state") == "wrap":
            phone.locator("[data-do=later]").click()
        expect(phone).to_have_attribute("data-state", "ready")
        if page.locator(".dock [data-part=not-ready]").is_visible():  # who was away for a moment is
            page.click(".dock [data-do=ready]")
        expect(page.locator(".dock [data-part=not-ready]")).to_be_hidden()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complains(message.text)

    def _complains(self, text: str) -> None:
        if not text.startswith(LEFT):
            self.complaints.append(text)


@pytest.fixture
def browser(playwright: Playwright, microphone: Path, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(playwright, microphone, tmp_path)
    yield browser
    for context in browser.contexts:
        context.close()
