"""A lead helps in a call from the browser: listens unheard, whispers, joins, takes it over."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, answers, dock, hangs_up, hears, notes, open_call, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

MAI = "Nguyễn Thị Ngọc Mai"
LEAD = "Trần Thị Thu Hường"


def panel(page: Page) -> Locator:
    return page.locator("lead-panel section")


def hears_themselves_muted(page: Page, muted: bool) -> None:
    microphone = page.locator(f"lead-panel[data-muted={'yes' if muted else 'no'}]")
    expect(microphone).to_have_count(1)


def on_the_board(lead: Page, service: Service) -> Locator:
    """The call in progress, its menu open."""
    lead.goto(f"{service.url}/live")
    line = lead.locator(".live__call", has_text=MAI)
    line.locator("summary").click()
    return line


def test_a_lead_listens_whispers_joins_and_goes(service: Service, browser: Browser) -> None:
    agent, lead = browser.ready(service, "mai"), browser.sign_in(service, "huong")
    dock(lead, "ready")
    rings(service, "0987000631", SALES, "--then", "tone")
    answers(agent)
    sign = agent.locator(".dock [data-part=leads]")
    expect(sign).to_be_hidden()

    line = on_the_board(lead, service)
    line.locator("[data-way=listen]").click()

    expect(panel(lead)).to_contain_text(MAI)
    expect(panel(lead).locator("[data-way=listen]")).to_have_attribute("aria-pressed", "true")
    hears(lead)
    hears_themselves_muted(lead, True)
    expect(sign).to_contain_text(f"{LEAD} đang nghe")
    expect(line.locator("[data-part=leads]")).to_contain_text("đang nghe")

    lead.keyboard.press("Alt+KeyW")
    expect(panel(lead).locator("[data-way=whisper]")).to_have_attribute("aria-pressed", "true")
    hears_themselves_muted(lead, False)
    expect(sign).to_contain_text("nhắc riêng bạn")

    panel(lead).locator("[data-way=join]").click()
    dock(agent, "conference")
    expect(sign).to_contain_text("cùng nói")
    lead.locator(".nav__item[href='/calls']").click()  # what is heard goes along
    lead.wait_for_url("**/calls*")
    expect(panel(lead).locator("[data-way=join]")).to_have_attribute("aria-pressed", "true")

    panel(lead).locator("[data-way=stop]").click()
    expect(lead.locator("lead-panel")).to_be_hidden()
    dock(agent, "talking")
    expect(sign).to_be_hidden()
    hangs_up(agent)

    admin = browser.sign_in(service, "admin")
    open_call(admin, service, "0987000631")
    expect(admin.locator("dt:text-is('Chất lượng âm thanh')")).to_have_count(1)  # the agent's
    for way in ("Đã nghe", "Đã nhắc riêng", "Đã cùng nói"):
        written = admin.locator(f"dt:text-is('{way}') + dd").first
        expect(written).to_contain_text(LEAD)
    assert browser.complaints == []


def test_a_lead_takes_a_call_over_and_it_is_theirs(service: Service, browser: Browser) -> None:
    agent, lead = browser.ready(service, "mai"), browser.sign_in(service, "huong")
    dock(lead, "ready")
    rings(service, "0987000632", SALES, "--then", "tone")
    answers(agent)
    on_the_board(lead, service).locator("[data-way=listen]").click()
    hears(lead)

    lead.keyboard.press("Alt+KeyO")

    dock(lead, "talking")
    microphone = lead.locator(".dock [data-do=mute] >> visible=true")
    expect(microphone).to_have_attribute("aria-pressed", "false")
    expect(lead.locator("lead-panel")).to_be_hidden()
    expect(agent.locator("#toasts")).to_contain_text(f"{LEAD} đã nhận cuộc gọi")
    notes(agent)
    hears(lead)
    lead.click(".dock [data-do=hang-up] >> visible=true")
    notes(lead)
    lead.click("agent-state summary")
    lead.click("agent-state [data-want=offline]")  # the next customers are not hers
    expect(lead.locator("agent-state")).to_contain_text("Ngoại tuyến")
    open_call(lead, service, "0987000632")
    expect(lead.locator("dt:text-is('Nhân viên') + dd")).to_have_text(re.compile(LEAD))
    assert browser.complaints == []


def test_a_lead_whose_page_goes_listens_no_more(service: Service, browser: Browser) -> None:
    agent, lead = browser.ready(service, "mai"), browser.sign_in(service, "huong")
    dock(lead, "ready")
    rings(service, "0987000633", SALES, "--then", "tone")
    answers(agent)
    on_the_board(lead, service).locator("[data-way=listen]").click()
    hears(lead)
    sign = agent.locator(".dock [data-part=leads]")
    expect(sign).to_be_visible()

    lead.reload()

    expect(sign).to_be_hidden()
    dock(lead, "ready")
    expect(lead.locator("lead-panel")).to_be_hidden()
    hangs_up(agent)
