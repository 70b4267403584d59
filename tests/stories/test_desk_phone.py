"""An agent whose desk phone rings: the same popup, the same record, a page without sound."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from callcenter.asterisk import rootfs
from callcenter.asterisk.dialplan import CarrierPorts, Ports
from callcenter.carrier.carrier import Carrier
from callcenter.carrier.ports import free_port
from callcenter.config import ROOT
from callcenter.secrets import load_secrets
from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, dock, in_calls, notes, rang_elsewhere, rings, watches

pytestmark = [pytest.mark.browser, pytest.mark.exchange]


@pytest.fixture
def desk_phone(service: Service, tmp_path: Path) -> Iterator[None]:
    """A SIP phone that signs in as the desk phone of 201; it picks up after a second."""
    carrier = Carrier(
        rootfs.folder(ROOT / "var"),
        tmp_path / "desk",
        ports=CarrierPorts.from_first(free_port(3)),
        exchange=Ports.from_first(service.ports),
        rtp_ports=range(23000, 23100),
        secrets=load_secrets(service.home),
        desk_extensions=range(0),
        desk_phones=["desk201"],
    )
    loop = asyncio.new_event_loop()  # the browser's driver has the one of this thread
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(carrier.start(), loop).result(30)
        yield
        asyncio.run_coroutine_threadsafe(carrier.stop(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def page(service: Service, browser: Browser, desk_phone: None) -> Iterator[Page]:
    """Mai's, whose desk phone rings; for the next story her page does again."""
    page = browser.ready(service, "mai")
    chooses(page, service, "desk")
    yield page
    chooses(page, service, "browser")


def chooses(page: Page, service: Service, phone: str) -> None:
    page.goto(f"{service.url}/me")
    page.check(f"input[name=rings][value={phone}]")
    page.click("form[action='/me/phone'] button >> nth=0")
    dock(page, "ready")


def test_a_customer_pops_up_while_the_desk_phone_rings_and_the_page_hangs_up(
    service: Service, browser: Browser, page: Page
) -> None:
    browser.is_ready(page)

    watches(page)
    rings(service, "0987000411", SALES, "--then", "tone")
    dock(page, "talking")
    assert rang_elsewhere(page) == ["Hãy nghe ở điện thoại bàn của bạn."]
    expect(page.locator(".dock .ctl[data-do=transfer]")).to_be_enabled()
    expect(page.locator(".dock .ctl[data-do=mute]")).to_be_hidden()
    hang_up = page.locator(".dock [data-do=hang-up] >> visible=true")
    page.route("**/hangup", lambda route: route.fulfill(status=503, json={"message": "Chờ chút."}))
    hang_up.click()
    expect(page.locator("#toasts")).to_contain_text("Chờ chút.")
    page.unroute("**/hangup")
    hang_up.click()
    notes(page)

    expect(in_calls(page, service, "0987000411")).to_contain_text("Đã nghe máy")
    assert all("503" in each for each in browser.complaints)
