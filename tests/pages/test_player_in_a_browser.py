"""A real recording in a real Chromium: heard from any second, noted at one, linked to one."""

import json
import re
import wave
from datetime import timedelta

import numpy as np
import pytest
from playwright.async_api import async_playwright, expect
from sqlalchemy import select

from callcenter.keys import LIBRARY
from callcenter.recordings.audio import encode
from callcenter.recordings.models import Listening, Recording, RecordingNote
from tests.pages.chromium import FLAGS, NOT_HERE
from tests.pages.site import IDS, NOW, PASSWORD

pytestmark = pytest.mark.browser

RATE = 8000


def spoken(path, *stretches, seconds=20):
    """A wav with a tone in each stretch (from, to), and a hum that nobody hears besides."""
    samples = np.tile(np.array([30, -30], "<i2"), RATE * seconds // 2)
    time = np.arange(len(samples)) / RATE
    for start, end in stretches:
        part = (time >= start) & (time < end)
        samples[part] = np.sin(2 * np.pi * 440 * time[part]) * 9000
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


async def recorded(site, tmp_path, call_id="c1", **values):
    """A call of Mara's, 20 seconds long: nobody says anything from the 5th second to the 15th."""
    record = await site.call("mara", call_id=call_id, answered_at=NOW, **values)
    sides = (
        spoken(tmp_path / f"{call_id}-in.wav", (0, 2), (15, 20)),
        spoken(tmp_path / f"{call_id}-out.wav", (2, 5)),
    )
    audio = await encode(*sides, tmp_path / "recordings" / f"{call_id}.mp3", bitrate=32)
    await site.add(
        Recording(
            call_id=call_id,
            state="ready",
            path=f"{call_id}.mp3",
            duration_s=audio.duration_s,
            size=audio.size,
            peaks=audio.peaks,
            created_at=NOW,
        )
    )
    return record


@pytest.fixture
async def browser(site):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        await browser.close()


async def visits(browser, site, who, path):
    context = await browser.new_context(
        base_url=str(site.server.make_url("/")), permissions=["clipboard-read", "clipboard-write"]
    )
    page = await context.new_page()
    page.said = []
    page.on("pageerror", lambda error: page.said.append(str(error)))
    await page.goto("/sign-in")
    await page.click("footer button[lang=en]")
    await page.fill("#username", who)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await expect(page.locator(".dock")).to_be_visible()
    await page.goto(path)
    await listens(page)
    return page


async def listens(page):
    """Until the players of the page hear keys and presses: their code comes by itself."""
    await expect(page.locator("call-player:not(:defined)")).to_have_count(0)


def nothing_wrong(page):
    return [each for each in page.said if not NOT_HERE.search(each)] == []


async def test_a_link_opens_the_call_at_its_second_and_plays_nothing_by_itself(
    site, browser, tmp_path
):
    await recorded(site, tmp_path, pauses="[[6, 8]]")
    page = await visits(browser, site, "lea", "/calls/c1?t=13")
    player, slider = page.locator("call-player"), page.locator("call-player .wave")

    await expect(player.locator(".wave__a")).to_have_attribute("d", re.compile("^M2 "))
    await expect(slider).to_have_attribute("aria-valuetext", "0:13 of 0:20")
    gap = player.locator(".wave__gap")
    await expect(gap).to_have_attribute("title", "The recording was paused from 0:06 to 0:08.")
    async with site.sessions() as session:
        assert (await session.scalars(select(Listening))).all() == []

    await slider.focus()
    for key, there in [
        ("ArrowLeft", "0:08"),
        ("Shift+ArrowRight", "0:20"),
        ("j", "0:10"),
        ("Home", "0:00"),
        ("l", "0:10"),
    ]:
        await page.keyboard.press(key)
        await expect(slider).to_have_attribute("aria-valuetext", f"{there} of 0:20")
    await page.keyboard.press("c")
    await expect(page.locator("#toasts")).to_contain_text("The link to 0:10 has been copied.")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == str(site.server.make_url("/calls/c1?t=10"))
    assert nothing_wrong(page)


async def test_silence_is_skipped_and_what_was_heard_is_told(site, browser, tmp_path):
    await recorded(site, tmp_path)
    page = await visits(browser, site, "lea", "/calls/c1?t=4")
    player = page.locator("call-player")

    await expect(player.locator("[data-skip]")).to_contain_text("0:09")
    await player.locator("[data-skip]").click()
    await player.locator("[data-speed]").select_option("2")
    await player.locator("[data-mute=customer]").click()
    await player.locator("[data-play]").click()
    await expect(player.locator(".player")).to_have_attribute("data-playing", "")
    await expect(player.locator("[data-time]")).to_have_text(re.compile(r"^0:1[5-9] "))
    await page.keyboard.press("k")
    await expect(player.locator(".player")).not_to_have_attribute("data-playing", "")

    await page.reload()  # what one has chosen is still chosen; a party is not muted for ever
    await expect(player.locator("[data-skip]")).to_have_attribute("aria-pressed", "true")
    await expect(player.locator("[data-speed]")).to_have_value("2")
    await expect(player.locator("[data-mute=customer]")).to_have_attribute("aria-pressed", "false")
    root = await visits(browser, site, "root", "/settings/log/heard")
    await expect(root.locator("tbody tr")).to_have_count(1)
    await expect(root.locator("tbody tr")).to_contain_text(re.compile(r"0:0\d of 0:20"))
    assert nothing_wrong(page)


async def test_a_note_is_written_at_a_second_and_read_by_all_who_may_hear_it(
    site, browser, tmp_path
):
    await recorded(site, tmp_path)
    await site.add(
        RecordingNote(call_id="c1", user_id=IDS["mara"], at_s=15, text="End", created_at=NOW)
    )
    page = await visits(browser, site, "lea", "/calls/c1?t=5")
    player = page.locator("call-player")
    lines, field = player.locator("[data-notes] li"), player.locator("[data-note-form] textarea")

    await player.locator(".wave").focus()
    await page.keyboard.press("n")
    await field.fill("Greets <b>well</b>")
    await field.press("Enter")
    await expect(lines).to_have_count(2)
    await expect(lines.first).to_contain_text("0:05")
    await expect(lines.first).to_contain_text("Greets <b>well</b>")
    await expect(player.locator(".wave__note")).to_have_count(2)
    await expect(lines.nth(1).locator("[data-delete]")).to_have_count(0)  # it is Mara's
    await lines.nth(1).locator("[data-seek]").click()
    await expect(player.locator(".wave")).to_have_attribute("aria-valuenow", "15")

    await player.locator(".wave").focus()
    await page.keyboard.press("n")  # at 0:15
    await field.fill("Half a thought")
    await lines.first.locator("[data-edit]").click()
    await field.fill("Greets")
    await field.press("Enter")
    await expect(lines.first.locator("[data-text]")).to_have_text("Greets")
    await expect(field).to_have_value("Half a thought")  # it goes on, at its second
    await expect(player.locator("[data-note-form] [data-at]")).to_have_text("0:15")
    await field.press("Escape")
    await lines.first.locator("[data-edit]").click()
    await field.press("Escape")
    await expect(field).to_be_hidden()
    await page.reload()
    await listens(page)
    await expect(lines.first.locator("[data-text]")).to_have_text("Greets")
    await lines.first.locator("[data-delete]").click()
    await expect(lines).to_have_count(1)
    await page.locator("#toasts").get_by_role("button", name="Undo").click()
    await expect(lines.first.locator("[data-text]")).to_have_text("Greets")
    assert nothing_wrong(page)


async def test_one_recording_after_the_other_is_heard_without_leaving_the_list(
    site, browser, tmp_path
):
    for number in range(3):
        await recorded(
            site, tmp_path, f"c{number}", started_at=NOW - timedelta(hours=1, minutes=number)
        )
    await site.call("mara", result="no_answer", started_at=NOW - timedelta(hours=1, seconds=30))
    page = await visits(browser, site, "lea", "/calls")
    playing = page.locator("tr.open:not([hidden]) call-player:has([data-playing])")

    await page.locator("[data-then=play]").first.click()
    await expect(playing).to_have_attribute("call", "c0")
    await page.keyboard.press("Alt+ArrowDown")
    await expect(playing).to_have_attribute("call", "c1")
    await expect(playing).to_have_count(1)
    await playing.locator("[data-onward]").click()
    await playing.locator(".wave").press("End")
    await expect(playing).to_have_attribute("call", "c2")
    await page.keyboard.press("Alt+ArrowUp")
    await expect(playing).to_have_attribute("call", "c1")
    assert page.url.endswith("/calls")
    assert nothing_wrong(page)


async def test_a_recording_appears_by_itself_when_it_is_ready(site, browser, tmp_path):
    await recorded(site, tmp_path)
    async with site.sessions() as session:
        row = await session.get(Recording, "c1")
        row.state = "waiting"
        await session.commit()
    page = await visits(browser, site, "lea", "/calls/c1")
    await expect(page.locator("recording-wait")).to_contain_text("It appears here by itself.")

    async with site.sessions() as session:
        row = await session.get(Recording, "c1")
        row.state = "ready"
        await session.commit()

    await expect(page.locator("call-player .wave__a")).to_have_attribute("d", re.compile("^M2 "))
    assert site.app[LIBRARY].file_of(row).is_file() and nothing_wrong(page)


async def test_a_call_that_rings_comes_before_a_recording(site, browser, tmp_path):
    await recorded(site, tmp_path)
    page, calls = await visits(browser, site, "lea", "/calls/c1"), []
    await page.route_web_socket(re.compile("/events"), lambda socket: calls.append(socket))
    await page.reload()
    playing = page.locator("call-player .player[data-playing]")

    await page.locator("call-player [data-play]").click()
    await expect(playing).to_have_count(1)
    calls[-1].send(
        json.dumps(
            {"type": "call", "call": {"call_id": "new", "mine": "ringing", "state": "ringing"}}
        )
    )

    await expect(playing).to_have_count(0)


SUMS = """async () => {
  const { apart, beyond, chosen, clock, lane, silences } = await import("/static/js/player-sums.js")
  const peaks = (...loud) => Array.from({ length: 40 }, (_, each) => (loud.includes(each) ? 90 : 2))
  const silent = silences({ customer: peaks(0, 1), agent: peaks(30), duration_s: 40 })
  const hours = Array(1000).fill(200)
  return {
    silent,
    beyond: [beyond(silent, 1), beyond(silent, 10), beyond(silent, 29.69), beyond(silent, 39)],
    breath: silences({ customer: peaks(0, 3, 5), agent: peaks(), duration_s: 20 }).length,
    nobody: silences({ customer: [], agent: [], duration_s: 5 }),
    apart: apart([[1, 2], [5, 6]], [[1.5, 3]]),
    clock: [clock(83.9), clock(3765), clock(NaN)],
    strokes: lane(hours, 14).match(/M/g).length,
    garbage: chosen('{"speed": 9, "volume": {"agent": "loud", "customer": 0.5}}', [1, 2]),
    none: chosen("}", [1]).skip,
  }
}"""


async def test_the_players_sums(site, browser):
    page = await visits(browser, site, "lea", "/")

    told = await page.evaluate(SUMS)

    assert told["silent"] == [[2.3, 29.7], [31.3, 40]]
    assert told["beyond"] == [1, 29.7, 29.69, 40]
    assert told["breath"] == 1 and told["nobody"] == []  # the rest of it, not what is between
    assert told["apart"] == [[5, 6]]
    assert told["clock"] == ["1:23", "1:02:45", "0:00"]
    assert told["strokes"] == 170
    assert (told["garbage"]["speed"], told["garbage"]["volume"]) == (
        1,
        {"customer": 0.5, "agent": 1},
    )
    assert told["none"] is False
