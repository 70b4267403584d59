"""An agent who takes calls at a mobile phone: the same popup, the same record, both sides heard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import (
    SALES,
    dock,
    in_calls,
    is_recorded,
    notes,
    open_call,
    rang_elsewhere,
    rings,
    watches,
)

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

PRESSES = "0900000115"  # the number of the simulated carrier that takes a call with the key


@pytest.fixture
def page(service: Service, browser: Browser) -> Iterator[Page]:
    """Mai's, whose mobile phone rings; for the next story her page does again."""
    page = browser.ready(service, "mai")
    page.goto(f"{service.url}/me")
    expect(page.locator("#mobile")).to_be_hidden()
    page.check("input[name=rings][value=mobile]")
    page.fill("#mobile", PRESSES)
    chosen(page)
    yield page
    page.goto(f"{service.url}/me")
    page.check("input[name=rings][value=browser]")
    chosen(page)


def chosen(page: Page) -> None:
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.press("input[name=rings]:checked", "Enter")  # a reminder may lie above the button
    assert saved.value.ok or saved.value.status == 303
    dock(page, "ready")


def test_a_customer_pops_up_while_the_mobile_phone_rings_and_the_page_hangs_up(
    service: Service, browser: Browser, page: Page
) -> None:
    browser.is_ready(page)

    watches(page)
    rings(service, "0987000412", SALES, "--then", "tone")
    dock(page, "talking")
    assert rang_elsewhere(page) == ["Hãy nghe điện thoại di động rồi bấm 1."]
    expect(page.locator(".dock .ctl[data-do=transfer]")).to_be_enabled()
    for wish in "mute", "hold", "keypad":  # the page has no sound of this call
        expect(page.locator(f".dock .ctl[data-do={wish}]")).to_be_hidden()
    page.click(".dock [data-do=hang-up] >> visible=true")
    notes(page)

    expect(in_calls(page, service, "0987000412")).to_contain_text("Đã nghe máy")
    is_recorded(page, open_call(page, service, "0987000412"))
    assert browser.complaints == []


def test_a_number_of_the_company_is_refused_and_stays_where_it_was_typed(
    service: Service, browser: Browser, page: Page
) -> None:
    page.goto(f"{service.url}/me")
    page.fill("#mobile", SALES)
    page.press("input[name=rings]:checked", "Enter")  # a reminder may lie above the button

    expect(page.locator("#mobile-error")).to_be_visible()
    expect(page.locator("#mobile")).to_have_value(SALES)
