"""The team before a lead's eyes: what is said to it, and its wallboard while customers wait."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import SALES, answers, dock, hangs_up, on_a_break, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

TELEVISION = {"width": 1920, "height": 1080}
MAI = "Nguyễn Thị Ngọc Mai"


def number(wall: Page, which: str) -> Locator:
    return wall.locator(f"[data-number={which}] b")


def nobody_ready_for(admin: Page, service: Service, seconds: str) -> None:
    """From when on that is an alert, while somebody waits."""
    admin.goto(f"{service.url}/settings/alerts")
    admin.fill("#nobody_s", seconds)
    with admin.expect_response("**/settings/alerts"):
        admin.get_by_role("button", name="Lưu").click()


def test_what_a_lead_says_stays_until_it_is_read_and_the_lead_sees_by_whom(
    service: Service, browser: Browser
) -> None:
    agent = browser.sign_in(service, "mai")
    lead = browser.sign_in(service, "huong")
    lead.goto(f"{service.url}/live/messages")
    lead.fill("#text", "Họp lúc 17:00 <b>ở phòng lớn</b>")
    lead.get_by_role("button", name="Gửi").click()
    card = agent.locator("team-messages article")
    expect(card).to_contain_text("Họp lúc 17:00 <b>ở phòng lớn</b>")
    expect(card).to_contain_text("Trần Thị Thu Hường")
    agent.reload()
    expect(card).to_be_visible()
    sent = lead.locator("[data-message]").first
    expect(sent.locator("[data-read]")).to_have_text("0")

    card.locator("[data-read]").click()

    expect(card).to_have_count(0)
    expect(sent.locator("[data-read]")).to_have_text("1")  # nobody has touched that page
    sent.locator("summary").click()
    expect(sent.locator("[data-reader][data-at]")).to_contain_text(MAI)
    agent.reload()
    dock(agent)
    expect(card).to_have_count(0)
    assert browser.complaints == []


def test_a_wallboard_follows_the_team_without_a_sign_in_until_its_link_is_revoked(
    service: Service, browser: Browser
) -> None:
    agent = browser.ready(service, "mai")
    on_a_break(agent)
    admin = browser.sign_in(service, "admin")
    nobody_ready_for(admin, service, "1")
    lead = browser.sign_in(service, "huong")
    lead.goto(f"{service.url}/live/walls")
    lead.fill("#name", "Tivi tầng 3")
    lead.click("form[action='/live/walls'] button")
    link = lead.locator("#wall-link").input_value()
    wall = browser.open(viewport=TELEVISION)

    wall.goto(link)
    expect(wall.locator("[data-part=sign]")).to_have_attribute("data-live", "yes")
    before = int(number(wall, "answered").inner_text())
    rings(service, "0987000621", SALES, "--then", "tone")
    expect(number(wall, "waiting")).to_have_text("1")
    alone = wall.locator(".wall__alarm", has_text="sẵn sàng")
    expect(alone).to_contain_text("Bán hàng")
    lead.goto(f"{service.url}/live")
    banner = lead.locator("[data-part=alarms] .banner", has_text="sẵn sàng")
    expect(banner).to_contain_text("Bán hàng")
    nobody_ready_for(admin, service, "15")  # as it was

    agent.click("agent-state summary")
    agent.click("agent-state [data-want=ready]")
    answers(agent)
    person = wall.locator(".wall__person", has_text="Ngọc Mai")
    expect(person).to_have_count(1)
    expect(number(wall, "waiting")).to_have_text("0")
    expect(number(wall, "answered")).to_have_text(str(before + 1))
    expect(alone).to_have_count(0)
    assert "0987" not in wall.content() and "987 000" not in wall.inner_text("body")
    hangs_up(agent)
    lead.goto(f"{service.url}/live/walls")
    lead.on("dialog", lambda dialog: dialog.accept())
    lead.get_by_role("button", name="Thu hồi: Tivi tầng 3").click()

    expect(wall.locator("[data-part=over]")).to_be_visible()
    answer = wall.goto(link)
    assert answer is not None and answer.status == 404
