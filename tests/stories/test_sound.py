"""Sound that works, and that does not: devices, the check before the shift, a call's quality."""

import json
import re
import struct
import wave
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, answers, dock, hangs_up, hears, open_call, rings
from tests.stories.test_callbacks import database

pytestmark = [pytest.mark.browser, pytest.mark.exchange]


def test_the_check_before_the_shift_passes_and_is_remembered(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    expect(page.locator("[data-part=checked]")).to_contain_text("Kiểm tra âm thanh trước ca")

    page.keyboard.press("Alt+KeyU")
    page.click("[data-check=start]")
    page.click("[data-heard=yes]")

    expect(page.locator("[data-leg=echo]")).to_have_attribute("data-state", re.compile("done|bad"))
    for step in ("microphone", "loudspeaker", "connection", "echo"):
        expect(page.locator(f"sound-dialog [data-leg={step}]")).to_have_attribute(
            "data-state", "done"
        )
    expect(page.locator("[data-part=last]")).to_contain_text("mọi thứ đều tốt")
    page.keyboard.press("Escape")
    page.reload()
    dock(page, "ready")
    expect(page.locator("[data-part=checked]")).to_contain_text("Đã kiểm tra")
    assert browser.complaints == []


def test_a_check_that_nobody_hears_says_what_to_do(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "mai")

    page.keyboard.press("?")
    page.click("#keys [data-do=sound]")
    page.click("[data-check=start]")
    page.click("[data-heard=no]")

    expect(page.locator("[data-part=leg-loudspeaker]")).to_contain_text("tăng âm lượng")
    expect(page.locator("[data-part=last]")).to_contain_text("1 mục cần xem lại")


def test_a_customer_is_more_important_than_the_check(service: Service, browser: Browser) -> None:
    page = browser.ready(service, "mai")
    page.keyboard.press("Alt+KeyU")
    page.click("[data-check=start]")
    expect(page.locator("[data-heard=yes]")).to_be_visible()

    rings(service, "0987000555", SALES)

    dock(page, "ringing")
    expect(page.locator("sound-dialog dialog")).to_be_hidden()
    answers(page)
    hangs_up(page)


def test_devices_are_chosen_apart_and_the_microphone_changes_in_the_call(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000556", SALES)
    answers(page)

    page.keyboard.press("Alt+KeyU")
    others = page.locator("#sound-hear option:not([value=''])")
    expect(others.first).to_be_attached()
    chosen = others.nth(1)
    name = chosen.inner_text()
    page.select_option("#sound-hear", chosen.get_attribute("value"))
    expect(page.locator("[data-part=in-call]")).to_be_visible()
    expect(page.locator("[data-check]")).to_be_disabled()
    page.keyboard.press("Escape")
    hears(page)
    page.keyboard.press("Alt+KeyU")
    expect(page.locator("#sound-hear option:checked")).to_have_text(name)
    expect(page.locator("#sound-talk")).to_have_value("")
    page.keyboard.press("Escape")
    hangs_up(page)

    page.evaluate(
        "localStorage.setItem('sound', JSON.stringify({hear: {id: 'x', label: 'Headset 7'}}))"
    )
    page.reload()
    expect(page.locator("#toasts")).to_contain_text("Không còn “Headset 7”")
    dock(page, "ready")
    assert browser.complaints == []


def test_the_quality_is_shown_in_the_call_and_kept_with_it(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000557", SALES)
    answers(page)
    expect(page.locator("[data-part=quality-text]")).to_have_text("Tốt")
    expect(page.locator("[data-part=quality]")).to_have_attribute(
        "title", re.compile(r"MOS 4\.\d · mất 0\.\d %")
    )
    with page.expect_response(re.compile("/quality$")) as kept:
        hangs_up(page)
    assert kept.value.ok

    open_call(page, service, "0987000557")

    expect(page.locator("dd", has_text="MOS 4.")).to_contain_text("Tốt")
    assert browser.complaints == []


def test_what_was_measured_before_a_reload_counts_for_the_whole_call(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, "0987000558", SALES, "--then", "tone")
    answers(page)
    expect(page.locator("[data-part=quality-text]")).to_have_text("Tốt")
    page.wait_for_timeout(3000)  # of conversation
    call_id = page.evaluate("document.querySelector('phone-dock').call.call_id")

    page.reload()
    dock(page, "talking")
    hears(page)
    expect(page.locator("[data-part=quality-text]")).to_have_text("Tốt")
    with page.expect_response(re.compile("/quality$")):
        hangs_up(page)

    [(parts, seconds)] = database(
        service, "SELECT parts, seconds FROM call_quality WHERE call_id = ?", call_id
    )
    lengths = [each["seconds"] for each in json.loads(str(parts)).values()]
    assert len(lengths) == 2 and min(lengths) > 0
    assert seconds == pytest.approx(sum(lengths), abs=0.2)


@pytest.fixture
def silence_in(tmp_path: Path) -> Path:
    """A microphone that hears nothing at all."""
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(struct.pack("<h", 0) * 48000)
    return path


LOOKED_EARLY = """() => {
  const real = RTCPeerConnection.prototype.getStats
  let early = true
  RTCPeerConnection.prototype.getStats = async function () {
    const stats = new Map(await real.call(this))
    for (const [id, each] of stats) {
      if (each.type !== "media-source" || !early) continue
      early = false
      const { type, kind } = each
      stats.set(id, { type, kind, totalAudioEnergy: 0, totalSamplesDuration: 0.1 })
    }
    return stats
  }
}"""  # before the noise with which every microphone begins


def test_a_microphone_without_a_sound_is_said_in_the_call(
    service: Service, browser: Browser, silence_in: Path
) -> None:
    browser._microphone = silence_in
    page = browser.ready(service, "mai")
    page.evaluate(LOOKED_EARLY)
    rings(service, "0987000558", SALES)
    answers(page)

    expect(page.locator("[data-part=deaf-text]")).to_contain_text("Khách không nghe được bạn")
    page.keyboard.press("Alt+KeyM")
    expect(page.locator("[data-part=deaf]")).to_be_hidden()
    page.keyboard.press("Alt+KeyM")
    hangs_up(page)
