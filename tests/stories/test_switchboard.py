"""The switchboard is set in the browser and published, and the next caller goes that way."""

import pytest
from playwright.sync_api import Page, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import answers, hangs_up, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

NUMBER, CALLER = "02873006789", "0987000822"


def saves(page: Page, to: str) -> None:
    page.press("#title", "Enter")
    page.wait_for_url(f"**{to}")


def publishes(page: Page, service: Service, note: str) -> None:
    page.goto(f"{service.url}/switchboard/changes")
    page.fill("#note", note)
    page.press("#note", "Enter")
    page.wait_for_url("**/switchboard")
    expect(page.locator(".sw__bar")).to_have_count(0)


def test_a_menu_made_in_the_browser_is_what_the_next_caller_hears(
    service: Service, browser: Browser
) -> None:
    admin = browser.sign_in(service, "admin")
    admin.goto(f"{service.url}/switchboard/menus/new")
    admin.fill("#title", "Menu thử")
    admin.select_option("#key-1", "queue:sales")
    admin.fill("#wait_s", "10")
    admin.select_option("#otherwise", "queue:care")
    saves(admin, "/switchboard/menus")

    admin.goto(f"{service.url}/switchboard/hours/new")
    admin.fill("#title", "Luôn mở")
    admin.click("week-hours [data-around]")
    expect(admin.locator("week-hours .sw__open")).to_have_count(7)  # as it is typed, in the picture
    admin.select_option("#open", "menu:menu_thu")
    admin.select_option("#closed", "queue:care")
    saves(admin, "/switchboard/hours")

    admin.goto(f"{service.url}/switchboard/numbers/new")
    admin.fill("#number", "028 7300 6789")
    admin.select_option("#way", "hours:luon_mo")
    saves(admin, "/switchboard/numbers")

    admin.goto(f"{service.url}/switchboard")
    admin.select_option("#number", NUMBER)
    admin.fill("#keys", "1")
    admin.press("#keys", "Enter")
    way = ["028 7300 6789", "Luôn mở", "Menu thử"]
    expect(admin.locator(".sw__walk li a").nth(2)).to_have_text(way[2])
    assert admin.locator(".sw__walk li a").all_inner_texts()[:3] == way
    publishes(admin, service, "Menu thử")

    mai = browser.ready(service, "mai")
    rings(service, CALLER, NUMBER, "--then", "keys")
    answers(mai)
    hangs_up(mai)

    admin.goto(f"{service.url}/explain?number={CALLER}")
    for each in way[1:]:
        expect(admin.locator(".why")).to_contain_text(each)


def test_a_version_that_was_live_is_taken_back(service: Service, browser: Browser) -> None:
    admin = browser.sign_in(service, "admin")
    admin.goto(f"{service.url}/switchboard/messages/new")
    admin.fill("#title", "Tạm nghỉ")
    saves(admin, "/switchboard/messages")
    publishes(admin, service, "Có thông báo")
    admin.goto(f"{service.url}/switchboard/messages/tam_nghi/delete")
    admin.click(".btn--bad")
    admin.wait_for_url("**/switchboard/messages")
    publishes(admin, service, "Không thông báo")

    admin.goto(f"{service.url}/switchboard/versions")
    admin.click("tr:has-text('Có thông báo') a")
    admin.click("form[action$='/restore'] button")
    admin.wait_for_url("**/switchboard/changes")

    expect(admin.locator(".sw__changes")).to_contain_text("Tạm nghỉ")
    publishes(admin, service, "Lại có thông báo")
    admin.goto(f"{service.url}/switchboard/messages")
    expect(admin.locator("tbody")).to_contain_text("Tạm nghỉ")
