"""States that are true, before the eyes of an agent and of whoever leads them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, answers, dock, hangs_up, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

HALF_A_MINUTE_MS = 60_000  # until the next comparison, on a busy machine
MAI = "Nguyễn Thị Ngọc Mai"


def choose(page: Page, what: str) -> None:
    """Something of the menu of states."""
    page.click("agent-state summary")
    page.click(f"agent-state {what}")


def row(lead: Page) -> Locator:
    return lead.locator("team-board .live__agent", has_text=MAI)


def test_a_break_booked_in_a_call_is_seen_by_the_lead_and_what_somebody_breaks_is_mended(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    lead = browser.sign_in(service, "huong")
    lead.goto(f"{service.url}/live")
    expect(row(lead)).to_have_attribute("data-state", "ready")

    rings(service, "0987000601", SALES)
    answers(page)
    expect(row(lead)).to_have_attribute("data-state", "talking")  # nobody has touched that page
    expect(row(lead)).to_contain_text("0987 000 601")
    choose(page, "[data-reason=lunch]")
    booked = page.locator("agent-state [data-part=booked]")
    expect(booked).to_have_text("Nghỉ: Ăn trưa, sau cuộc gọi này")
    choose(page, "[data-part=unbook]")
    expect(booked).to_be_hidden()
    choose(page, "[data-reason=lunch]")
    expect(row(lead)).to_contain_text("Nghỉ: Ăn trưa, sau cuộc gọi này")
    page.click(".dock [data-do=hang-up] >> visible=true")
    dock(page, "wrap")
    expect(page.locator(".dock [data-part=wrap-words]")).to_contain_text("rồi: Nghỉ: Ăn trưa")
    for _ in range(2):  # an outcome, and what it has below it
        page.locator(".dock [data-part=outcomes] .opt").first.click()
    page.keyboard.press("Control+Shift+Enter")

    dock(page, "break")
    expect(page.locator(".dock [data-part=title]")).to_have_text("Nghỉ: Ăn trưa")
    expect(page.locator(".dock [data-part=limit]")).to_contain_text("còn 59:")
    page.evaluate("() => { window.now = Date.now; Date.now = () => window.now() + 3_700_000 }")
    expect(page.locator(".dock [data-part=timer]")).to_have_class("timer t-bad")
    expect(page.locator(".dock [data-part=limit]")).to_contain_text("quá 1:")
    page.evaluate("() => { Date.now = window.now }")
    expect(row(lead)).to_have_attribute("data-state", "break")
    expect(row(lead)).to_contain_text("Ăn trưa")
    row(lead).locator("summary").click()
    row(lead).get_by_role("button", name="Sẵn sàng").click()
    dock(page, "ready")
    expect(page.locator("#toasts")).to_contain_text(
        "Trần Thị Thu Hường đã chuyển bạn sang: Sẵn sàng"
    )
    row(lead).locator("summary").click()
    expect(row(lead)).to_contain_text("Trần Thị Thu Hường đặt")
    lead.goto(f"{service.url}/live/put-right")

    service.console("exchange", "queue remove member PJSIP/201 from sales")
    lines = lead.locator(".step__lines")
    expect(lines).to_contain_text("không có trong hàng chờ Bán hàng", timeout=HALF_A_MINUTE_MS)
    # An earlier story may have left such a line: the queue itself says when it was mended.
    service.console_says("exchange", "queue show sales", "PJSIP/201", HALF_A_MINUTE_MS / 1000)
    expect(lead.locator(".step")).to_contain_text("Lệch với tổng đài: 0")
    assert browser.complaints == []


def test_who_declines_two_calls_in_a_row_is_told_why_they_are_on_a_break(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000611", SALES)

    for _ in range(2):  # the second time after a pause: the caller waits for somebody
        dock(page, "ringing")
        page.click(".dock [data-do=decline]")
        expect(page.locator(".dock")).not_to_have_attribute("data-state", "ringing")

    dock(page, "break")
    words = "Bạn đã từ chối 2 cuộc gọi liên tiếp. Hãy bấm Sẵn sàng khi bạn trở lại."
    expect(page.locator(".dock [data-part=why]")).to_have_text(words)
    page.click("agent-state summary")
    expect(page.locator("agent-state [data-part=why]")).to_contain_text(words)
    page.click("agent-state [data-want=ready]")
    answers(page)
    hangs_up(page)
    assert browser.complaints == []
