"""After a call: an outcome by keys, the time that runs out, and what is finished later."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import CARE, SALES, answers, dock, hangs_up, open_call, rings, until

BUSY = "0900000101"  # what the simulated carrier says of it

pytestmark = [pytest.mark.browser, pytest.mark.exchange]


@pytest.fixture
def times(service: Service, browser: Browser) -> Iterator[Page]:
    """The settings of the time after a call, as they were afterwards."""
    admin = browser.sign_in(service, "admin")
    admin.goto(f"{service.url}/settings/wrap-up")
    before = admin.input_value("[name=own-care]")
    yield admin
    set_care(admin, before)


def set_care(admin: Page, seconds: str) -> None:
    admin.fill("[name=own-care]", seconds)
    admin.click(".form__acts .btn--p")
    expect(admin.locator("#toasts")).to_contain_text("Đã lưu")
    admin.reload()
    expect(admin.locator("[name=own-care]")).to_have_value(seconds)


def chosen(page: Page) -> str:
    return page.locator(".dock .opt[aria-pressed=true] span").inner_text()


def test_a_call_is_finished_while_a_slow_network_still_saves_its_note(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987001002", SALES)
    answers(page)
    on_the_way: list[Route] = []
    quick = threading.Event()
    page.route(
        "**/note", lambda each: each.continue_() if quick.is_set() else on_the_way.append(each)
    )
    with page.expect_request("**/note"):
        page.fill("#dock-note", "Hẹn gọi lại.")
    page.keyboard.press("Alt+x")
    dock(page, "wrap")
    for _ in ("outcome", "sub-outcome"):
        page.locator(".dock [data-part=outcomes] .opt").first.click()
    page.keyboard.press("Control+Enter")

    with page.expect_response("**/note"):
        on_the_way[0].continue_()
    quick.set()
    for route in on_the_way[1:]:
        route.continue_()

    dock(page, "ready")
    open_call(page, service, "0987001002")
    expect(page.locator(".note-form textarea")).to_have_value("Hẹn gọi lại.")


def test_a_call_is_wrapped_up_by_keys_alone(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987001001", SALES)
    dock(page, "ringing")
    page.keyboard.press("Enter")
    dock(page, "talking")
    page.keyboard.press("Alt+x")
    dock(page, "wrap")

    page.keyboard.press("3")
    expect(page.locator("[data-part=outcome-title]")).to_have_text("Từ chối")
    page.keyboard.press("Backspace")
    expect(page.locator("[data-part=outcome-title]")).to_have_text("Kết quả trao đổi")
    page.keyboard.press("1")
    page.keyboard.press("2")
    assert chosen(page) == "Muốn xem mẫu, dùng thử"
    page.keyboard.press("Alt+n")
    page.keyboard.type("Gửi 2 mẫu trong tuần.")
    page.keyboard.press("Control+Enter")

    dock(page, "ready")
    open_call(page, service, "0987001001")
    expect(page.locator(".head .chip").last).to_have_text("Quan tâm › Muốn xem mẫu, dùng thử")
    expect(page.locator(".note-form textarea")).to_have_value("Gửi 2 mẫu trong tuần.")
    page.goto(f"{service.url}/calls?outcome=interested&number=0987001001")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert browser.complaints == []


def test_when_the_time_is_over_the_agent_is_ready_and_the_call_is_finished_later(
    service: Service, browser: Browser, times: Page
) -> None:
    page = browser.ready(service, "phuong")
    set_care(times, "6")
    rings(service, "0987001002", CARE)
    answers(page)
    page.keyboard.press("Alt+x")
    dock(page, "wrap")
    page.keyboard.press("Alt+n")
    page.keyboard.type("Hỏi bảo hành")
    expect(page.locator("[data-part=wrap-words]")).to_contain_text("rồi sẵn sàng")

    dock(page, "ready")

    until(page, "async () => (await (await fetch('/api/v1/me/state')).json()).state === 'ready'")
    page.click("#toasts .toast:has-text('Hết giờ') button:has-text('Mở')")
    expect(page).to_have_url(re.compile("/to-finish/"))
    expect(page.locator("#finish-note")).to_have_value("Hỏi bảo hành")
    waiting = page.locator("[data-to-finish] .count")
    before = int(page.locator("main .card__head .count").inner_text())
    expect(waiting).to_have_text(str(before))
    page.locator("h1").focus()
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Đã hoàn tất cuộc gọi")
    expect(waiting).to_have_text(str(before - 1))
    open_call(page, service, "0987001002")
    expect(page.locator(".head .chip").last).to_have_text("Hỏi thông tin › Về sản phẩm, giá")
    assert browser.complaints == []


def test_a_reload_in_the_middle_goes_on_with_the_same_time(
    service: Service, browser: Browser, times: Page
) -> None:
    ends = "async () => (await (await fetch('/api/v1/me/state')).json()).wrap_up_ends"
    page = browser.ready(service, "phuong")
    set_care(times, "300")
    rings(service, "0987001003", CARE)
    answers(page)
    page.keyboard.press("Alt+x")
    dock(page, "wrap")
    before = page.evaluate(ends)
    page.keyboard.press("2")
    page.keyboard.press("1")
    page.keyboard.press("Alt+n")
    page.keyboard.type("Nước có mùi")
    expect(page.locator(".dock [data-part=saved]")).to_contain_text("đã tự lưu")

    page.reload()

    dock(page, "wrap")
    assert page.evaluate(ends) == before
    expect(page.locator("#dock-note")).to_have_value("Nước có mùi")
    assert chosen(page) == "Chất lượng sản phẩm"
    page.click(".dock [data-do=more]")
    until(page, "async (before) => (await (" + ends + ")()) > before", before)
    page.keyboard.press("Control+Enter")
    dock(page, "ready")
    assert browser.complaints == []


def test_what_is_typed_while_it_rings_is_kept_though_nobody_answers(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987001004", SALES)
    dock(page, "ringing")
    page.keyboard.press("Alt+n")
    page.keyboard.type("Khách quen, gọi lại ngay")
    expect(page.locator(".dock [data-part=saved]")).to_contain_text("đã tự lưu")

    service.console("carrier", "channel request hangup all")

    dock(page, "ready")
    open_call(page, service, "0987001004")
    expect(page.locator(".note-form textarea")).to_have_value("Khách quen, gọi lại ngay")
    assert browser.complaints == []


def test_a_second_window_is_told_what_the_first_one_has_written(
    service: Service, browser: Browser
) -> None:
    first = browser.ready(service, "mai")
    rings(service, "0987001005", SALES)
    answers(first)
    second = browser.sign_in(service, "mai")
    dock(second, "talking")
    first.fill("#dock-note", "Từ cửa sổ một")
    expect(second.locator("#dock-note")).to_have_value("Từ cửa sổ một")  # nothing was typed there

    second.route("**/note", lambda route: route.abort())  # it is slower than the first one
    second.fill("#dock-note", "Từ cửa sổ một và hai")
    first.fill("#dock-note", "Một, sửa lại")

    expect(second.locator("[data-part=clash]")).to_be_visible()
    expect(second.locator("[data-part=clash-text]")).to_have_text("Một, sửa lại")
    second.unroute("**/note")
    second.click("[data-do=note-mine]")
    expect(first.locator("#dock-note")).to_have_value("Từ cửa sổ một và hai")
    hangs_up(second)


def test_a_number_that_is_not_reached_gets_an_outcome_by_one_key(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    page.fill(".dock [data-part=dial]", BUSY)
    page.keyboard.press("Enter")
    dock(page, "failed")

    page.keyboard.press("4")
    expect(page.locator(".dock .opt[aria-pressed=true] span")).to_have_text("Hẹn gọi lại")
    with page.expect_response("**/note"):
        page.keyboard.press("Control+Enter")

    dock(page, "ready")
    page.goto(f"{service.url}/calls?number={BUSY}")
    expect(page.locator("tbody tr").first).to_contain_text("Hẹn gọi lại")
    assert browser.complaints == []


def test_the_customers_status_is_chosen_after_the_call_and_saved_with_its_outcome(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    page.goto(f"{service.url}/customers")
    number = page.locator("tbody tr [data-call]").first.get_attribute("data-call") or ""
    rings(service, number, SALES)
    answers(page)
    page.keyboard.press("Alt+x")
    dock(page, "wrap")
    select = page.locator(".dock [data-part=status]")
    expect(select).to_be_visible()  # once the file's statuses have come
    before = select.evaluate("select => select.value")
    options = select.locator("option").evaluate_all("all => all.map(({ value }) => value)")
    other = next(value for value in options if value not in ("", before))
    name = select.locator(f"option[value='{other}']").inner_text()

    select.select_option(other)
    page.locator("#dock-note").fill("Đổi trạng thái")
    expect(page.locator(".dock [data-part=saved]")).to_contain_text("đã tự lưu")
    address = str(page.locator(".dock [data-part=open]").get_attribute("href"))
    now = page.request.get(f"{service.url}{address}/status").json()
    assert str(now["id"] or "") == before  # not while somebody writes
    hangs_up_is_over(page)

    page.goto(f"{service.url}{address}/history?only=status")
    expect(page.locator("tbody tr").first).to_contain_text(name)
    assert browser.complaints == []


def hangs_up_is_over(page: Page) -> None:
    """The first outcome, and what is below it; saved."""
    page.keyboard.press("Alt+1")
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+Enter")
    dock(page, "ready")
