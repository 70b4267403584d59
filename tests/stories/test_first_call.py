"""A customer rings, an agent answers in the browser, and everything is kept."""

import re
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from callcenter.carrier.selftest import tones
from tests.stories.conftest import MICROPHONE_HZ, Browser
from tests.stories.service import Service
from tests.stories.steps import hears, is_recorded

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

CUSTOMER_RINGS = ".dock[data-state=ringing]"
WHISTLES = "0900000111"  # answers after a second, 440 Hz


def test_a_known_customer_is_named_answered_heard_noted_and_kept(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")

    page.click("form[action='/demo/call'] button >> visible=true")
    expect(page.locator(CUSTOMER_RINGS)).to_be_visible()
    name = page.inner_text(".dock [data-part=name]")
    assert name not in ("", "Chưa rõ")
    name = name.rpartition(" · ")[2]  # of a contact who rings: whose contact it is
    page.click("[data-do=answer]")
    expect(dock(page)).to_have_attribute("data-state", "talking")
    hears(page)
    page.fill("#dock-note", "Hỏi giá máy lọc nước.")
    page.wait_for_timeout(1500)  # of conversation
    page.click(".dock [data-do=hang-up] >> visible=true")
    expect(dock(page)).to_have_attribute("data-state", "wrap")
    page.keyboard.press("4")
    page.keyboard.press("Control+Enter")
    expect(dock(page)).to_have_attribute("data-state", "ready")

    recent = page.locator("#page section", has=page.get_by_role("heading", name="gần đây"))
    expect(recent.locator("li").first).to_contain_text(name)  # by itself
    page.goto(f"{service.url}/calls")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text(name)
    expect(row).to_contain_text("Đã nghe máy")
    row.get_by_role("link", name=name).click()
    expect(page.locator("main")).to_contain_text("Hỏi giá máy lọc nước.")
    assert browser.complaints == []


def test_a_strangers_number_is_shown_as_unknown(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "tuan")

    rings = service.says("simulate", "--number", "0987000123", "--to", "02873001234")
    assert rings.returncode == 0, rings.stderr

    expect(page.locator(CUSTOMER_RINGS)).to_be_visible()
    expect(page.locator(".dock [data-part=name]")).to_have_text("Chưa rõ")
    expect(page.locator(".dock [data-part=number]")).to_have_text("0987 000 123")
    page.keyboard.press("Escape")
    expect(dock(page)).not_to_have_attribute("data-state", "ringing")


def test_an_outgoing_call_shows_each_step_and_records_both_sides(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "linh")

    page.fill(".dock [data-part=dial]", WHISTLES)
    page.keyboard.press("Enter")
    expect(dock(page)).to_have_attribute("data-state", "calling")
    expect(dock(page)).to_have_attribute("data-state", "talking")
    page.wait_for_timeout(2500)  # of conversation
    page.click(".dock [data-do=hang-up] >> visible=true")
    expect(dock(page)).to_have_attribute("data-state", "wrap")
    page.keyboard.press("4")
    page.keyboard.press("Control+Enter")
    expect(dock(page)).to_have_attribute("data-state", "ready")

    page.goto(f"{service.url}/calls?number={WHISTLES}")
    link = page.locator("tbody tr").first.get_by_role("link").first
    call_id = str(link.get_attribute("href")).rsplit("/", 1)[1]
    is_recorded(page, call_id)
    left, right = tones(download(page, f"{service.url}/recordings/{call_id}.mp3"))
    assert abs(left - 440) < 15
    assert abs(right - MICROPHONE_HZ) < 15


@pytest.mark.parametrize(
    "agent, number, words",
    [
        ("phuong", "0900000101", "Máy bận"),
        ("dat", "0900000103", "từ chối"),
        ("nga", "0900000107", "không đúng|không tồn tại|không liên lạc"),
    ],
)
def test_a_call_that_fails_says_why_in_words(
    service: Service, browser: Browser, agent: str, number: str, words: str
) -> None:
    page = browser.ready(service, agent)

    page.fill(".dock [data-part=dial]", number)
    page.keyboard.press("Enter")

    expect(page.locator(".dock [data-part=why]")).to_contain_text(re.compile(words, re.I))


def dock(page: Page):
    return page.locator(".dock")


def download(page: Page, url: str) -> bytes:
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    request = urllib.request.Request(url, headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return bytes(answer.read())
