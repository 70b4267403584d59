"""Who waits presses the key, hangs up, and is called when it is their turn."""

import re

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, dock, hangs_up, hears, rings
from tests.stories.test_switchboard import publishes

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

CALLER = "0900000111"  # whistles when it is called
KEY = "1"
BOTH_LEGS = """() => {
  window.legs = []
  const dock = document.querySelector(".dock")
  const look = () => {
    const parts = ["place", "leg-mine", "leg-theirs"].map((name) =>
      [...dock.querySelectorAll(`[data-part=${name}]`)].find((each) => each.checkVisibility()))
    if (parts.every(Boolean)) window.legs.push(parts.map((each) => each.textContent))
  }
  new MutationObserver(look).observe(dock, {subtree: true, childList: true, characterData: true})
}"""


def test_a_caller_who_hung_up_with_the_key_is_connected_with_the_next_agent_who_is_free(
    service: Service, browser: Browser
) -> None:
    admin = browser.sign_in(service, "admin")
    admin.goto(f"{service.url}/switchboard/queues/sales")
    admin.select_option("#callback_key", KEY)
    admin.press("#title", "Enter")
    admin.wait_for_url("**/switchboard/queues")
    publishes(admin, service, "Giữ chỗ bằng phím 1")
    lead = browser.sign_in(service, "huong")
    lead.goto(f"{service.url}/live")
    waiting = lead.locator(".live__queues tr", has_text="Bán hàng").locator("[data-part=waiting]")
    expect(waiting).to_have_text("0")

    rings(service, CALLER, SALES, "--then", "keys")
    expect(waiting).to_have_text("0 + 1")
    admin.goto(f"{service.url}/callbacks?tab=all")
    line = admin.locator(f'tr[data-key="+84{CALLER[1:]}"]')
    expect(line).to_contain_text("Đang giữ chỗ trong hàng chờ")
    token = {"Authorization": f"Bearer {service.says('token', 'admin').stdout.strip()}"}
    places = f"{service.url}/api/v1/kept-places"
    [kept] = admin.request.get(places, headers=token).json()["items"]
    assert (kept["number"], kept["queue"], kept["ahead"]) == (CALLER, "sales", 0)

    mai = browser.sign_in(service, "mai")
    mai.evaluate(BOTH_LEGS)
    browser.is_ready(mai)
    dock(mai, "talking")
    hears(mai)

    seen = mai.evaluate("window.legs")
    assert re.match("Đã gác máy và giữ chỗ trong Bán hàng từ", seen[0][0]), seen
    mines = {mine for _, mine, theirs in seen if theirs == "Máy khách đang đổ chuông"}
    assert mines == {"Máy của bạn đã sẵn sàng"}, seen  # hers rings first
    expect(line).to_have_count(0)
    expect(waiting).to_have_text("0")
    assert admin.request.get(places, headers=token).json()["items"] == []
    hangs_up(mai)
    assert browser.complaints == []
