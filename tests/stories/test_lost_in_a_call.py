"""The page goes in the middle of a call: the customer hears music, and the same call goes on."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from callcenter.carrier.selftest import tones
from tests.stories.conftest import MICROPHONE_HZ, Browser
from tests.stories.service import Service
from tests.stories.steps import (
    SALES,
    answers,
    dock,
    first_alone,
    gives_up,
    hangs_up,
    hears,
    in_calls,
    is_recorded,
    looks_for,
    notes,
    open_call,
    rings,
)
from tests.stories.test_first_call import download

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

WHISTLES = "0900000111"  # answers after a second, 440 Hz


def in_call_id(page: Page) -> str:
    return str(page.evaluate("document.querySelector('phone-dock').call.call_id"))


def test_a_reload_goes_on_with_the_call_under_its_id_and_with_one_recording(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000301", SALES, "--then", "tone")
    answers(page)
    hears(page)
    call_id = in_call_id(page)
    page.wait_for_timeout(1000)  # of conversation

    page.reload()
    dock(page, "talking")
    hears(page)

    assert in_call_id(page) == call_id
    page.wait_for_timeout(1000)  # of conversation
    hangs_up(page)
    expect(in_calls(page, service, "0987000301")).to_contain_text("Đã nghe máy")
    is_recorded(page, call_id)
    left, right = tones(download(page, f"{service.url}/recordings/{call_id}.mp3"))
    assert abs(left - 440) < 15
    assert abs(right - MICROPHONE_HZ) < 15


def test_a_browser_that_is_killed_and_started_again_has_its_outgoing_call_back(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    page = browser.ready(service, "tuan")
    page.fill(".dock [data-part=dial]", WHISTLES)
    page.keyboard.press("Enter")
    dock(page, "talking")
    hears(page)
    call_id = in_call_id(page)

    killed(tmp_path / "profile-0")
    service.has_said(f"call {call_id}: the phone")
    again = browser.sign_in(service, "tuan")
    dock(again, "talking")
    hears(again)

    assert in_call_id(again) == call_id
    hangs_up(again)
    assert open_call(again, service, WHISTLES) == call_id


def test_a_network_that_is_gone_for_a_while_takes_no_call_with_it(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000303", SALES, "--then", "tone")
    answers(page)
    hears(page)
    call_id = in_call_id(page)

    with frozen(tmp_path / "profile-0"):  # nothing comes from it, and nothing is said
        service.has_said(f"call {call_id}: the phone 201 has gone, the customer waits")

    service.has_said(f"call {call_id}: the phone 201 is back")
    dock(page, "talking")
    hears(page)
    assert in_call_id(page) == call_id
    hangs_up(page)


def test_a_customer_whose_agent_does_not_come_back_is_answered_by_a_colleague(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    gone = browser.ready(service, "linh")
    gone.fill(".dock [data-part=dial]", WHISTLES)
    gone.keyboard.press("Enter")
    dock(gone, "talking")
    hears(gone)
    call_id = in_call_id(gone)
    colleague = browser.ready(service, "mai")

    killed(tmp_path / "profile-0")

    expect(colleague.locator(".dock")).to_have_attribute(
        "data-state", "ringing", timeout=60_000
    )  # after the half minute that it was waited for
    assert in_call_id(colleague) == call_id
    answers(colleague)
    hears(colleague)
    hangs_up(colleague)
    back = browser.sign_in(service, "linh")
    service.console_says("exchange", "pjsip show contacts", "203/sip:")  # else nobody is ready
    notes(back)  # of the part that was lost


def killed(profile: Path) -> None:
    """Kill the browser that has this profile, as a crash does."""
    os.kill(browser_of(profile), signal.SIGKILL)


@contextmanager
def frozen(profile: Path) -> Iterator[None]:
    """The browser that has this profile does nothing meanwhile; its connections stay open."""
    processes = family(browser_of(profile))
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def browser_of(profile: Path) -> int:
    """The first process of the browser that has this profile."""
    found = [
        pid
        for pid, line in processes()
        if f"--user-data-dir={profile}" in line and "--type=" not in line
    ]
    return found[0]


def family(pid: int) -> list[int]:
    """That process and all that it has begun, and they: each of its threads may have."""
    found = [pid]
    for each in found:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            found += map(int, children.read_text(encoding="ascii").split())
    return found


def processes() -> Iterator[tuple[int, str]]:
    """Their ids and command lines."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it may have ended since
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
                yield int(folder.name), line


def with_two(service: Service, browser: Browser, number: str, *, ask: bool) -> tuple[Page, Page]:
    """Mai, and Tuấn who talks with her, or her customer, while his own customer is on hold."""
    mai, tuan, extension = first_alone(service, browser, number)
    tuan.fill(".dock [data-part=dial]", WHISTLES)
    tuan.keyboard.press("Enter")
    dock(tuan, "talking")
    looks_for(mai, extension)
    if ask:
        mai.keyboard.press("Enter")
    else:
        mai.click("[data-do=at-once]")
        mai.click("[data-do=go]")
    expect(tuan.locator("[data-part=second]")).to_contain_text("0987 000")
    tuan.keyboard.press("Alt+KeyA")
    expect(tuan.locator("[data-part=second]")).to_contain_text("0900 000 111")
    tuan.wait_for_timeout(1000)  # of conversation
    return mai, tuan


def test_whoever_is_asked_and_reloads_leaves_both_customers_with_somebody(
    service: Service, browser: Browser
) -> None:
    mai, tuan = with_two(service, browser, "0987000305", ask=True)

    tuan.reload()

    dock(mai, "talking")
    hears(mai)
    dock(tuan, "talking")
    expect(tuan.locator(".dock__body [data-part=number]")).to_have_text("0900 000 111")
    hears(tuan)
    hangs_up(tuan)
    hangs_up(mai)


def test_a_page_with_two_calls_that_is_reloaded_has_both_again(
    service: Service, browser: Browser
) -> None:
    mai, tuan = with_two(service, browser, "0987000306", ask=False)
    notes(mai)

    tuan.reload()

    dock(tuan, "talking")
    hears(tuan)
    expect(tuan.locator("[data-part=second]")).to_be_visible()
    tuan.keyboard.press("Alt+KeyW")
    hears(tuan)
    dock(tuan, "talking")
    gives_up(service)
    notes(tuan)
