"""What breaks, breaks before somebody's eyes: they are told in words, and no call is lost."""

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stories.conftest import FLAGS, Browser
from tests.stories.service import Service
from tests.stories.steps import (
    CARE,
    SALES,
    answers,
    dock,
    gives_up,
    hangs_up,
    hears,
    in_calls,
    notes,
    open_call,
    rings,
)

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

LONG_MS = 45_000  # a queue rings one phone for 20 s before it tries the next


def test_a_killed_exchange_comes_back_and_so_do_phones_and_calls(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000201", SALES)
    answers(page)
    hears(page)
    page.fill("#dock-note", "Đang nói thì đứt.")

    os.kill(service.pid_of("exchange"), signal.SIGKILL)
    with taken(service.ports):  # so it cannot come back at once
        away = page.locator(".dock [data-part=away]")
        expect(away).to_contain_text("Tổng đài không trả lời")
        dock(page, "talking")
    expect(away).to_be_hidden()

    expect(page.locator(".dock [data-part=broken]")).to_contain_text("Cuộc gọi bị đứt")
    notes(page)
    rings(service, "0987000202", SALES)
    answers(page)
    hears(page)
    hangs_up(page)
    expect(in_calls(page, service, "0987000201")).to_contain_text("Đã nghe máy")
    open_call(page, service, "0987000201")
    expect(page.locator("main")).to_contain_text("Đang nói thì đứt.")
    expect(page.locator("main")).to_contain_text("không rõ ai gác máy")


def test_a_page_closed_while_it_rings_leaves_the_call_to_the_next_agent(
    service: Service, browser: Browser
) -> None:
    leaves = browser.ready(service, "tuan")
    rings(service, "0987000211", SALES)
    dock(leaves, "ringing")
    leaves.close()

    takes = browser.ready(service, "linh")

    dock(takes).locator("[data-do=answer]").wait_for(timeout=LONG_MS)
    answers(takes)
    hangs_up(takes)
    row = in_calls(takes, service, "0987000211")
    expect(row).to_contain_text("Đã nghe máy")


def test_two_windows_of_one_agent_share_the_phone_without_fighting_over_it(
    service: Service, browser: Browser
) -> None:
    first, second = browser.ready(service, "mai"), browser.open()
    opened = [count_phones(first), count_phones(second)]
    browser.signs_in(second, service, "mai")

    dock(second, "ready")
    dock(first, "taken")
    expect(dock(first)).to_contain_text("Điện thoại đang dùng ở cửa sổ khác")
    rings(service, "0987000221", SALES)
    dock(first, "ringing")
    expect(first.locator("[data-do=answer]")).to_be_hidden()
    answers(second)
    dock(first, "talking")
    hangs_up(second)
    dock(first, "taken")
    first.click("[data-do=take-over]")

    dock(first, "ready")
    dock(second, "taken")
    rings(service, "0987000222", SALES)
    answers(first)
    hangs_up(first)
    dock(second, "taken")
    assert [len(each) for each in opened] == [1, 1]


def test_a_reload_in_the_middle_of_ringing_shows_the_popup_again_and_can_be_answered(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "phuong")
    rings(service, "0987000231", CARE)
    dock(page, "ringing")

    page.reload()

    dock(page, "ringing")
    expect(page.locator(".dock [data-part=number]")).to_have_text("0987 000 231")
    page.locator("[data-do=answer]").wait_for(timeout=LONG_MS)
    answers(page)
    hears(page)
    hangs_up(page)
    expect(in_calls(page, service, "0987000231")).to_contain_text("Đã nghe máy")


def test_without_a_microphone_the_page_says_so_and_nothing_is_dialled(
    service: Service, browser: Browser
) -> None:
    deaf = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    page = browser.open(deaf, permissions=[])
    browser.signs_in(page, service, "nga")
    token = service.says("token", "nga").stdout.strip()

    dock(page, "blocked")
    expect(dock(page)).to_contain_text("Điện thoại cần dùng micro")
    expect(page.locator(".dock [data-part=why]")).to_contain_text("Hãy cho phép")
    calls = f"{service.url}/api/v1/calls"
    before = page.request.get(calls).json()["items"]
    answer = page.request.post(
        calls,
        headers={"Authorization": f"Bearer {token}"},
        data={"number": "0900000111"},
    )

    assert answer.status == 409
    assert "chưa kết nối" in answer.json()["message"]
    assert service.console("exchange", "core show channels count").startswith("0 active channels")
    assert page.request.get(calls).json()["items"] == before


HOSTILE = {  # what the caller sends, and what is shown of it
    "<script>document.title='x'</script>": "<script>document.title='x'</script>",
    "\"Anh\" 'Ba' \\ & <b>Tư</b>": "\"Anh\" 'Ba' \\ & <b>Tư</b>",
    "😀 Nguyễn 🚀": "😀 Nguyễn 🚀",
    "Ấ" * 300: "Ấ" * 20,
    "Anh\r\nX-Call: 1\x07": "AnhX-Call: 1",
    "<img src=x onerror=alert(1)>": "<img src=x onerror=alert(1)>",
}


def test_whatever_a_caller_calls_himself_is_text_and_nothing_else(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "dat")
    page.on("dialog", lambda each: browser.complaints.append(each.message))

    for last, (name, shown) in enumerate(HOSTILE.items()):
        number = f"098700025{last}"
        rings(service, number, CARE, "--name", name)
        dock(page, "ringing")
        expect(page.locator(".dock [data-part=company]")).to_contain_text(shown)
        gives_up(service)
        dock(page, "ready")
        expect(in_calls(page, service, number)).to_contain_text(shown)
        open_call(page, service, number)
        expect(page.locator("main")).to_contain_text(shown)

    assert browser.complaints == []


def test_a_withheld_number_is_said_to_be_withheld(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "dat")

    rings(service, "", CARE)

    dock(page, "ringing")
    expect(page.locator(".dock [data-part=name]")).to_have_text("Số ẩn")
    expect(page.locator(".dock [data-part=new]")).to_be_hidden()
    answers(page)
    hangs_up(page)
    page.goto(f"{service.url}/calls")
    expect(page.locator("tbody tr").first).to_contain_text("Số ẩn")
    assert browser.complaints == []


def test_a_second_window_of_the_same_browser_waits_until_it_is_asked(
    service: Service, browser: Browser
) -> None:
    first = browser.ready(service, "nga")
    second = first.context.new_page()
    opened = count_phones(second)
    second.goto(f"{service.url}/customers")
    dock(second, "taken")
    assert opened == []
    again = count_phones(first)

    second.click("[data-do=take-over]")

    dock(second, "ready")
    dock(first, "taken")
    rings(service, "0987000241", CARE)
    dock(first, "ringing")
    answers(second)
    hangs_up(second)
    assert (again, len(opened)) == ([], 1)
    second.close()
    dock(first, "ready")


def count_phones(page: Page) -> list[str]:
    """Every websocket of a phone that this page opens from now on."""
    opened: list[str] = []
    page.on("websocket", lambda each: opened.append(each.url) if "/phone" in each.url else None)
    return opened


def test_a_locked_database_holds_up_no_call(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "mai")

    with locked(service.home / "callcenter.db"):
        rings(service, "0987000261", SALES)
        answers(page)
        page.fill("#dock-note", "Sổ đang bị khóa.")
        hears(page)
        page.click(".dock [data-do=hang-up] >> visible=true")
        dock(page, "wrap")
        saved = page.locator(".dock [data-part=saved]")
        expect(saved).to_contain_text("chưa lưu được: Cơ sở dữ liệu không trả lời")
    service.has_said("the database is back")

    notes(page)
    expect(in_calls(page, service, "0987000261")).to_contain_text("Đã nghe máy")
    open_call(page, service, "0987000261")
    expect(page.locator("main")).to_contain_text("Sổ đang bị khóa.")


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody else has that port, as soon as it is free."""
    until = time.monotonic() + 10
    while True:
        try:
            other = socket.create_server(("127.0.0.1", port))
            break
        except OSError:
            assert time.monotonic() < until
    with other:
        yield


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Somebody else is writing, and takes their time."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
