"""A provider that does not answer is an alert of every board and wall, until it is mended."""

import pytest
from playwright.sync_api import expect

from callcenter.carrier.ports import free_port
from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.test_switchboard import publishes, saves
from tests.stories.test_team_live import TELEVISION

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

PROVIDER = "Nhà mạng Sao Mai"
SLOW_MS = 60_000  # the exchange asks a provider three times, and is asked every ten seconds


def test_a_provider_that_does_not_answer_is_an_alert_that_outlives_the_service(
    service: Service, browser: Browser
) -> None:
    admin = browser.sign_in(service, "admin")
    admin.goto(f"{service.url}/switchboard/trunks/new")
    admin.fill("#title", PROVIDER)
    admin.fill("#host", "127.0.0.1")
    admin.fill("#port", str(free_port()))
    admin.check("[name=knows][value=address]")
    saves(admin, "/switchboard/trunks")
    publishes(admin, service, "Thêm nhà mạng")
    lead = browser.sign_in(service, "huong")
    lead.goto(f"{service.url}/live/walls")
    lead.fill("#name", "Tivi tầng 4")
    lead.click("form[action='/live/walls'] button")
    wall = browser.open(viewport=TELEVISION)
    wall.goto(lead.locator("#wall-link").input_value())
    lead.goto(f"{service.url}/live")

    banner = lead.locator("[data-part=alarms] .banner", has_text=PROVIDER)
    expect(banner).to_contain_text("không trả lời", timeout=SLOW_MS)
    expect(wall.locator(".wall__alarm", has_text=PROVIDER)).to_contain_text("không trả lời")
    since = banner.locator("[data-part=since]").inner_text()
    service.stop()
    service.start()
    sign = lead.locator("[data-part=sign]")
    expect(sign).to_have_attribute("data-live", "yes")
    expect(banner.locator("[data-part=since]")).to_have_text(since)

    admin.goto(f"{service.url}/switchboard/trunks/nha_mang_sao_mai")
    admin.press("[formaction$='/remove']", "Enter")  # a toast may lie over it
    admin.wait_for_url("**/switchboard/trunks")
    publishes(admin, service, "Bỏ nhà mạng")

    expect(banner).to_have_count(0, timeout=SLOW_MS)
    expect(wall.locator(".wall__alarm", has_text=PROVIDER)).to_have_count(0)
    over = lead.locator("[data-part=past-card]")
    over.locator("summary").click()
    expect(over).to_contain_text(f"{PROVIDER}: Nhà mạng đã không trả lời.")
