"""Prompts in a real Chromium: a file, what is wrong with another, the microphone, listening."""

import re

import pytest
from playwright.async_api import expect

from tests.pages.chromium import page_of
from tests.prompts.sounds import SINE, made
from tests.recordings.sounds import tone

pytestmark = pytest.mark.browser

SOME = re.compile("^0:0[1-9]$")  # seconds
LOUD = re.compile(r"--v: ?[1-9]")
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture
async def page(site, tmp_path):
    voice = tone(tmp_path / "voice.wav", 440, 5)
    async with page_of(
        site, "root", *MICROPHONE, f"--use-file-for-fake-audio-capture={voice}"
    ) as page:
        await page.goto("/switchboard/prompts")
        yield page


async def test_files_are_brought_and_one_that_is_no_sound_says_so_beside_it(page, tmp_path):
    letter = tmp_path / "letter.mp3"
    letter.write_bytes(b"This is a letter.\n" * 99)
    music = made(tmp_path / "Nhạc chờ.mp3", *SINE)

    await page.set_input_files("[data-files]", [letter, music])

    await expect(page.locator(".uploads [data-state=failed]")).to_contain_text("no sound that can")
    await expect(page.locator(".uploads [data-state=done]")).to_contain_text("Nhạc chờ.mp3")
    await expect(page.locator("#prompts tbody tr")).to_have_count(1)
    await expect(page.locator("#prompts tbody tr")).to_contain_text("Nhạc chờ")


async def test_one_is_recorded_heard_recorded_again_and_kept(page, site):
    await page.click("[data-start]")
    await expect(page.locator("prompt-recorder [role=timer]")).to_have_text(SOME)
    await expect(page.locator("prompt-recorder [data-level]")).to_have_attribute("style", LOUD)
    await page.click("prompt-recorder [data-stop]")
    await expect(page.locator("prompt-recorder [data-heard]")).to_be_visible()
    await page.click("prompt-recorder [data-keep]")
    await expect(page.locator("prompt-recorder .err")).to_have_text("Enter what it is called.")

    await page.click("[data-again]")
    await expect(page.locator("prompt-recorder [role=timer]")).to_have_text(SOME)
    await page.click("prompt-recorder [data-stop]")
    await page.fill("prompt-recorder [data-title]", "Hết giờ")
    await page.press("prompt-recorder [data-title]", "Enter")

    await expect(page.locator("#prompts tbody tr")).to_contain_text("Hết giờ")
    await expect(page.locator("[data-start]")).to_be_visible()
    await page.click("#prompts [data-play]")
    await expect(page.locator("#prompts sound-play[data-playing]")).to_be_visible()
    await expect(page.locator("#prompts [data-time]")).to_have_text(SOME)
