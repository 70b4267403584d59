"""The exchange falls while a colleague is asked, or three talk: each is told, nothing is lost."""

import os
import signal

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
from tests.stories.test_bad_luck import taken

pytestmark = [pytest.mark.browser, pytest.mark.exchange]


@pytest.mark.parametrize("wish, number", [("ask", "0987000701"), ("join", "0987000702")])
def test_an_exchange_that_is_killed_with_three_in_a_call_leaves_each_a_sentence_and_a_true_state(
    service: Service, browser: Browser, wish: str, number: str
) -> None:
    mai, tuan, extension = first_alone(service, browser, number)
    looks_for(mai, extension)
    mai.keyboard.press("Enter")
    dock(mai, "consult")
    answers(tuan)
    expect(mai.locator("[data-part=asked-state]")).to_have_text("Hai bên đang nói")
    if wish == "join":
        mai.keyboard.press("Alt+KeyJ")
        dock(mai, "conference")
        hears(tuan)
    mai.wait_for_timeout(1000)  # of conversation

    os.kill(service.pid_of("exchange"), signal.SIGKILL)
    with taken(service.ports):  # so it cannot come back at once
        for page in mai, tuan:
            expect(page.locator(".dock [data-part=away]")).to_contain_text("Tổng đài không trả lời")
    for page in mai, tuan:
        expect(page.locator(".dock [data-part=away]")).to_be_hidden()

    expect(mai.locator(".dock [data-part=broken]")).to_contain_text("Cuộc gọi bị đứt")
    notes(mai)
    if wish == "join":
        expect(tuan.locator(".dock [data-part=broken]")).to_contain_text("Cuộc gọi bị đứt")
        notes(tuan)
    dock(tuan, "ready")
    call_id = open_call(mai, service, number)  # who had it first
    expect(mai.locator("main")).to_contain_text("Đã nghe máy")
    expect(mai.locator("main")).to_contain_text("không rõ ai gác máy")
    is_recorded(mai, call_id)

    if mai.locator(".dock [data-do=ready]").is_visible():
        mai.click(".dock [data-do=ready]")
    tuan.close()
    rings(service, number.replace("7", "8"), SALES)  # and work goes on
    answers(mai)
    hears(mai)
    hangs_up(mai)
