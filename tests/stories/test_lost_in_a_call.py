"""The page goes in the middle of a call: the customer hears music, and the same call goes on."""

import os
import signal
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
    hangs_up,
    hears,
    in_calls,
    is_recorded,
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


def test_a_customer_whose_agent_does_not_come_back_is_answered_by_a_colleague(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    gone, colleague = browser.ready(service, "linh"), browser.ready(service, "mai")
    rings(service, "0987000302", SALES, "--then", "tone")
    first, second = who_rings(gone, colleague)
    answers(first)
    hears(first)
    call_id = in_call_id(first)

    which = [gone, colleague].index(first)
    killed(tmp_path / f"profile-{which}")

    expect(second.locator(".dock")).to_have_attribute(
        "data-state", "ringing", timeout=60_000
    )  # after the half minute that it was waited for
    assert in_call_id(second) == call_id
    answers(second)
    hears(second)
    hangs_up(second)
    notes(browser.sign_in(service, ["linh", "mai"][which]))  # of the part that was lost


def who_rings(one: Page, other: Page) -> tuple[Page, Page]:
    """Whose phone the call rings at first, and the other one."""
    for _ in range(200):
        for page, second in (one, other), (other, one):
            if page.locator(".dock[data-state=ringing]").count():
                return page, second
        one.wait_for_timeout(50)
    raise AssertionError("it rings at nobody's phone")


def killed(profile: Path) -> None:
    """Kill the browser that has this profile, as a crash does."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"--user-data-dir={profile}" in line and "--type=" not in line:
                os.kill(int(folder.name), signal.SIGKILL)
                return
    raise AssertionError("there is no such browser")
