"""What an agent does beside talking: see what was before, open the customer, note, look around."""

import re

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, answers, dock, hangs_up, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]


def test_the_popup_tells_what_was_noted_the_last_time(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000777", SALES)
    answers(page)
    expect(page.locator("[data-part=contacts-box]")).to_be_hidden()
    page.keyboard.press("Alt+n")
    page.keyboard.type("Hẹn giao hàng thứ Ba.")
    hangs_up(page)

    rings(service, "0987000777", SALES)

    dock(page, "ringing")
    expect(page.locator("[data-part=contacts]")).to_contain_text("Hẹn giao hàng thứ Ba.")
    answers(page)
    expect(page.locator("[data-part=contacts]")).to_contain_text("Hẹn giao hàng thứ Ba.")
    hangs_up(page)
    assert browser.complaints == []


def test_a_call_goes_on_while_its_customer_is_opened(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "mai")
    page.click("form[action='/demo/call'] button >> visible=true")
    answers(page)
    name = page.inner_text(".dock [data-part=name]").rpartition(" · ")[2]  # or whose contact rings

    page.click(".dock [data-part=open]")

    expect(page.locator("h1")).to_have_text(name)
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    page.click("nav >> text=Cuộc gọi")
    expect(page.locator("h1")).to_have_text("Cuộc gọi")
    dock(page, "talking")
    hangs_up(page)
    assert browser.complaints == []


def test_an_outcome_is_chosen_by_its_key_while_the_note_is_written(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    page.click("form[action='/demo/call'] button >> visible=true")
    answers(page)
    page.keyboard.press("Alt+n")
    page.keyboard.type("Giao ")
    page.keyboard.press("Alt+x")
    dock(page, "wrap")

    page.keyboard.type("2 máy")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-part=outcome-error]")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("[data-part=outcome-title]")).to_have_text("Đồng ý mua")
    page.keyboard.press("1")
    page.keyboard.press("Alt+n")
    page.keyboard.press("Alt+2")

    expect(page.locator("#dock-note")).to_have_value("Giao 2 máy")
    expect(page.locator(".dock .opt[aria-pressed=true] kbd")).to_have_text("2")
    page.keyboard.press("Control+Enter")
    dock(page, "ready")


def test_leaving_the_page_in_a_conversation_is_asked_about(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    page.click("form[action='/demo/call'] button >> visible=true")
    answers(page)

    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.click(".top button[name=language]", no_wait_after=True)

    assert asked.value.type == "beforeunload"
    dock(page, "talking")
    hangs_up(page)
