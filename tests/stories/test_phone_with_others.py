"""A call with others in it: handed over, asked about, in three; a second one; another window."""

import re

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import (
    SALES,
    answers,
    dock,
    first_alone,
    hangs_up,
    hears,
    is_recorded,
    looks_for,
    notes,
    open_call,
    rings,
)

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

WHISTLES = "0900000113"  # answers after a second, 660 Hz
RINGS_FOR_EVER = "0900000102"


def test_a_customer_is_handed_over_at_once_from_the_keyboard(
    service: Service, browser: Browser
) -> None:
    mai, tuan, extension = first_alone(service, browser, "0987000401")

    looks_for(mai, extension)
    expect(mai.locator("[data-part=colleagues] .opt")).to_have_count(1)
    expect(mai.locator("[data-part=colleagues]")).to_contain_text("Sẵn sàng")
    mai.click("[data-do=at-once]")
    expect(mai.locator("[data-do=go]")).to_contain_text("Chuyển cho")
    mai.focus("[data-part=to]")
    mai.keyboard.press("Enter")

    dock(mai, "wrap")
    dock(tuan, "ringing")
    expect(tuan.locator("[data-part=how-text]")).to_contain_text("chuyển cho bạn")
    answers(tuan)
    hears(tuan)
    notes(mai)
    hangs_up(tuan)
    assert browser.complaints == []


def test_a_customer_whom_nobody_takes_comes_back(service: Service, browser: Browser) -> None:
    mai, tuan, extension = first_alone(service, browser, "0987000402")

    looks_for(mai, extension)
    mai.click("[data-do=at-once]")
    mai.click("[data-do=go]")
    dock(tuan, "ringing")
    tuan.keyboard.press("Escape")

    dock(mai, "ringing")
    expect(mai.locator("[data-part=how-text]")).to_contain_text("Quay lại với bạn")
    answers(mai)
    hears(mai)
    hangs_up(mai)


@pytest.mark.parametrize("wish", ["hand-over", "join", "back"])
def test_a_colleague_is_asked_first(service: Service, browser: Browser, wish: str) -> None:
    mai, tuan, extension = first_alone(service, browser, f"09870004{len(wish) + len(wish[0]):02}")

    looks_for(mai, extension)
    mai.keyboard.press("Enter")
    dock(mai, "consult")
    expect(mai.locator("[data-do=hand-over]")).to_be_disabled()
    dock(tuan, "ringing")
    expect(tuan.locator("[data-part=how-text]")).to_contain_text("hỏi bạn")
    answers(tuan)
    expect(mai.locator("[data-part=asked-state]")).to_have_text("Hai bên đang nói")

    if wish == "hand-over":
        mai.keyboard.press("Alt+KeyG")
        dock(mai, "wrap")
        hears(tuan)
        notes(mai)
        hangs_up(tuan)
    elif wish == "join":
        mai.keyboard.press("Alt+KeyJ")
        dock(mai, "conference")
        hears(tuan)
        hears(mai)
        mai.click(".dock [data-do=hang-up] >> visible=true")
        notes(mai)
        dock(tuan, "talking")
        hears(tuan)
        hangs_up(tuan)
    else:
        mai.keyboard.press("Alt+KeyB")
        dock(mai, "talking")
        hears(mai)
        hangs_up(mai)
    assert browser.complaints == []


def test_a_number_is_asked_and_the_queue_takes_only_at_once(
    service: Service, browser: Browser
) -> None:
    mai = browser.ready(service, "mai")
    rings(service, "0987000403", SALES, "--then", "tone")
    answers(mai)

    looks_for(mai, "0900 000 113")
    expect(mai.locator("[data-do=go]")).to_have_text("Hỏi 0900000113 trước")
    mai.fill("[data-part=to]", "cham soc")
    expect(mai.locator("[data-part=queues] .opt")).to_have_count(1)
    expect(mai.locator("[data-do=go]")).to_contain_text("Chuyển cho Chăm sóc")
    expect(mai.locator("[data-do=ask-first]")).to_be_disabled()
    mai.keyboard.press("Escape")
    dock(mai, "talking")
    hangs_up(mai)


def test_the_recording_pauses_visibly(service: Service, browser: Browser) -> None:
    mai = browser.ready(service, "mai")
    rings(service, "0987000404", SALES)
    answers(mai)
    expect(mai.locator("[data-part=recording]")).to_have_text("Đang ghi âm")

    mai.keyboard.press("Alt+KeyR")
    expect(mai.locator("[data-part=recording]")).to_contain_text("Tạm dừng ghi âm")
    mai.wait_for_timeout(1000)  # of what nobody may hear
    mai.keyboard.press("Alt+KeyR")
    expect(mai.locator("[data-part=recording]")).to_have_text("Đang ghi âm")
    mai.wait_for_timeout(1000)  # of conversation
    hangs_up(mai)

    call_id = open_call(mai, service, "0987000404")
    is_recorded(mai, call_id)
    mai.reload()
    expect(mai.locator(".wave__gap")).to_have_attribute("title", re.compile("tạm dừng từ 0:0"))


def test_a_second_call_knocks_is_answered_and_swapped(service: Service, browser: Browser) -> None:
    mai, tuan, extension = first_alone(service, browser, "0987000405")
    tuan.fill(".dock [data-part=dial]", WHISTLES)
    tuan.keyboard.press("Enter")
    dock(tuan, "talking")

    looks_for(mai, extension)
    mai.keyboard.press("Enter")
    second = tuan.locator("[data-part=second]")
    expect(second).to_contain_text("Đồng nghiệp hỏi")
    expect(second).to_contain_text("0987 000 405")
    tuan.keyboard.press("Alt+KeyA")
    expect(tuan.locator(".dock__body [data-part=number]")).to_have_text("0987 000 405")
    expect(second).to_contain_text("0900 000 113")
    expect(mai.locator("[data-part=asked-state]")).to_have_text("Hai bên đang nói")

    tuan.keyboard.press("Alt+KeyW")
    expect(tuan.locator(".dock__body [data-part=number]")).to_have_text("0900 000 113")
    expect(second).to_contain_text("0987 000 405")
    mai.keyboard.press("Alt+KeyB")
    expect(second).to_be_hidden()
    hears(tuan)
    dock(mai, "talking")
    hangs_up(mai)
    hangs_up(tuan)


def test_another_window_takes_the_phone_over_in_the_middle_of_a_call(
    service: Service, browser: Browser
) -> None:
    first = browser.ready(service, "mai")
    rings(service, "0987000406", SALES, "--then", "tone")
    answers(first)
    hears(first)
    second = first.context.new_page()
    second.goto(service.url)
    dock(second, "talking")

    second.click("[data-part=elsewhere] [data-do=take-over]")

    hears(second)
    dock(second, "talking")
    expect(second.locator("[data-part=elsewhere]")).to_be_hidden()
    expect(first.locator("[data-part=elsewhere]")).to_be_visible()
    number = second.locator(".dock__body [data-part=number]")
    expect(number).to_have_text(re.compile("0987 000 406"))
    hangs_up(second)
    dock(first, "taken")


def test_another_browser_takes_the_phone_over_in_the_middle_of_a_call(
    service: Service, browser: Browser
) -> None:
    first = browser.ready(service, "mai")
    rings(service, "0987000407", SALES, "--then", "tone")
    answers(first)
    hears(first)
    call_id = first.evaluate("document.querySelector('phone-dock').call.call_id")

    second = browser.sign_in(service, "mai")  # at another computer

    dock(second, "talking")
    hears(second)
    dock(first, "talking")
    expect(first.locator("[data-part=elsewhere]")).to_be_visible()
    assert second.evaluate("document.querySelector('phone-dock').call.call_id") == call_id
    hangs_up(second)
    dock(first, "taken")
    assert open_call(second, service, "0987000407") == call_id
    assert browser.complaints == []
