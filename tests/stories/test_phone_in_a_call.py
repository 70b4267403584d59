"""What the phone can do in a call and around it: keys, hold, redial, and the keys that it shows."""

import pytest
from playwright.sync_api import Page, expect

from callcenter.config import ROOT
from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, answers, dock, hangs_up, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

WHISTLES = "0900000113"  # answers after a second, 660 Hz
CLIPBOARD = ["microphone", "clipboard-read", "clipboard-write"]


def calls_out(page, number: str) -> None:
    page.fill(".dock [data-part=dial]", number)
    page.keyboard.press("Enter")
    dock(page, "talking")


def test_digits_pasted_into_the_note_stay_in_the_note(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "linh", permissions=CLIPBOARD)
    calls_out(page, WHISTLES)
    page.evaluate("navigator.clipboard.writeText('4071')")
    page.keyboard.press("Alt+KeyK")

    page.keyboard.press("Alt+KeyN")
    page.keyboard.press("Control+V")

    expect(page.locator("#dock-note")).to_have_value("4071")
    expect(page.locator("[data-part=pressed]")).to_have_text("")
    hangs_up(page)


def test_a_customer_who_is_held_for_too_long_turns_the_phone_red(
    service: Service, browser: Browser
) -> None:
    lead = browser.sign_in(service, "admin")
    lead.goto(f"{service.url}/settings/parameters")
    lead.fill("#hold_alarm_s", "2")
    lead.click("main form .btn--p")
    expect(lead.locator("#toasts")).to_contain_text("lưu")
    page = browser.ready(service, "mai")
    rings(service, "0987000888", SALES)
    answers(page)

    page.keyboard.press("Alt+KeyH")
    dock(page, "hold")
    expect(page.locator("[data-part=late]")).to_be_hidden()
    expect(page.locator("[data-part=late]")).to_contain_text("quá 0:02")
    page.keyboard.press("Alt+KeyH")
    dock(page, "talking")
    expect(page.locator(".dock")).not_to_have_attribute("data-late", "")
    hangs_up(page)
    assert browser.complaints == []


def test_the_last_number_is_called_again_by_its_key(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "linh")
    calls_out(page, WHISTLES)
    hangs_up(page)

    page.keyboard.press("Alt+KeyL")
    dock(page, "talking")
    expect(page.locator(".dock [data-part=number]")).to_have_text("0900 000 113")
    hangs_up(page)
    page.focus("[data-part=dial]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=dial]")).to_have_value(WHISTLES)


@pytest.mark.parametrize("language, words", [("vi", "Gác máy"), ("en", "Hang up")])
def test_every_key_of_the_phone_is_shown_on_a_question_mark(
    service: Service, browser: Browser, language: str, words: str
) -> None:
    page = browser.ready(service, "mai")
    if language == "en":
        page.click("button[name=language][value=en] >> visible=true")
    try:
        shows_every_key(page, words)
    finally:  # whoever comes next reads Vietnamese
        if language == "en":
            page.click("button[name=language][value=vi] >> visible=true")
    dock(page, "ready")


def shows_every_key(page: Page, words: str) -> None:
    dock(page, "ready")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text(words)
    shown = page.eval_on_selector_all("#keys dd", "all => all.length")
    table = (ROOT / "web/static/js/keys.js").read_text()
    leads = table.count('wish: "lead"')  # keys of whoever listens: she does not
    assert leads and shown == table.count("{ hears:") - leads
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()

    page.focus("[data-part=dial]")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
