"""A prompt is recorded in the page, callers hear it and leave a message, an agent hears that."""

import re

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import rings
from tests.stories.test_switchboard import publishes, saves

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

NUMBER, CALLER = "02873006790", "0987000823"


def test_a_caller_leaves_a_message_after_words_that_were_recorded_in_the_page(
    service: Service, browser: Browser
) -> None:
    admin = browser.sign_in(service, "admin")
    admin.goto(f"{service.url}/switchboard/prompts")
    admin.click("[data-start]")
    expect(admin.locator("prompt-recorder [role=timer]")).to_have_text(re.compile("0:0[1-9]"))
    admin.click("prompt-recorder [data-stop]")
    admin.fill("prompt-recorder [data-title]", "Để lại lời nhắn")
    admin.press("prompt-recorder [data-title]", "Enter")
    expect(admin.locator("#prompts tbody")).to_contain_text("Để lại lời nhắn")

    admin.goto(f"{service.url}/switchboard/voicemails/new")
    admin.fill("#title", "Hộp thư bán hàng")
    admin.select_option("#prompt", "de_lai_loi_nhan")
    admin.select_option("#queue", "sales")
    admin.fill("#longest_s", "5")
    saves(admin, "/switchboard/voicemails")
    admin.goto(f"{service.url}/switchboard/numbers/new")
    admin.fill("#number", NUMBER)
    admin.select_option("#way", "voicemail:hop_thu_ban_hang")
    saves(admin, "/switchboard/numbers")
    publishes(admin, service, "Hộp thư")

    mai = browser.sign_in(service, "mai")
    mai.goto(f"{service.url}/callbacks")
    rings(service, CALLER, NUMBER, "--then", "tone")

    line = mai.locator(f'tr[data-key="+84{CALLER[1:]}"]')
    expect(line.locator("sound-play")).to_be_visible(timeout=30_000)
    line.locator("[data-play]").press("Enter")
    expect(line.locator("sound-play[data-playing]")).to_be_visible()
    expect(line.locator("a[href^='/calls/']")).to_have_count(0)  # nobody's call: her leads' to open
    admin.goto(f"{service.url}/callbacks")
    admin.click(f'tr[data-key="+84{CALLER[1:]}"] a[href^="/calls/"]')
    expect(admin.locator("call-player")).to_contain_text("Hộp thư thoại")
