"""Nobody is forgotten: missed calls, planned callbacks, and callers nobody knew."""

import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import (
    PATIENCE_S,
    SALES,
    answers,
    dock,
    gives_up,
    hangs_up,
    notes,
    open_call,
    rings,
)

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

ANSWERS, ALSO_ANSWERS = "0900000112", "0900000113"  # when they are called
STRANGER = "0987123987"


def database(service: Service, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(service.home / "callcenter.db", timeout=20)) as connection:
        found = connection.execute(statement, values).fetchall()
        connection.commit()
        return found


def in_database(service: Service, statement: str, *values: object) -> None:
    """Wait until that statement finds something."""
    until = time.monotonic() + PATIENCE_S
    while not database(service, statement, *values):
        assert time.monotonic() < until, statement
        time.sleep(0.05)


def is_missed(service: Service, number: str) -> None:
    """Somebody rings, waits in vain, and gives up."""
    rings(service, number, SALES)
    in_database(service, "SELECT 1 FROM calls WHERE number = ? AND state != 'ended'", number)
    gives_up(service)


def line(page: Page, number: str) -> Locator:
    return page.locator(f'tr[data-key="+84{number[1:]}"]')


def test_a_missed_call_waits_in_the_inbox_until_any_agent_reaches_the_number(
    service: Service, browser: Browser
) -> None:
    mai = browser.sign_in(service, "mai")
    mai.goto(f"{service.url}/callbacks")
    expect(line(mai, ANSWERS)).to_have_count(0)
    badge = mai.locator(".nav [data-inbox-count]")
    expect(badge).not_to_be_empty()  # there are others of the demo company's
    before = int(badge.inner_text())

    is_missed(service, ANSWERS)
    expect(line(mai, ANSWERS)).to_contain_text("Nhỡ lúc")
    expect(badge).to_have_text(str(before + 1))
    is_missed(service, ANSWERS)
    expect(line(mai, ANSWERS)).to_contain_text("Nhỡ 2 lần")

    tuan = browser.ready(service, "tuan")
    tuan.fill(".dock [data-part=dial]", ANSWERS)
    tuan.keyboard.press("Enter")
    dock(tuan, "talking")

    expect(line(mai, ANSWERS)).to_have_count(0)
    hangs_up(tuan)
    assert browser.complaints == []


def test_a_callback_planned_after_a_call_pops_up_at_its_time_and_a_call_closes_it(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    rings(service, ALSO_ANSWERS, SALES)
    answers(page)
    page.click(".dock [data-do=hang-up] >> visible=true")
    dock(page, "wrap")
    page.click("[data-part=next-action] .chip[data-name=tomorrow]")
    expect(page.locator("[data-part=next-action] [data-part=said]")).to_contain_text("Đã hẹn")
    page.fill("[data-part=next-action] [data-part=purpose]", "Ký hợp đồng số 77")
    page.locator("[data-part=next-action] [data-part=purpose]").blur()
    in_database(service, "SELECT 1 FROM callbacks WHERE purpose = 'Ký hợp đồng số 77'")
    notes(page)

    service.stop()  # what is planned is read again at the next start
    now = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
    database(
        service,
        "UPDATE callbacks SET at = ?, remind_at = ? WHERE purpose = 'Ký hợp đồng số 77'"
        " AND state = 'open'",
        *(now, now),
    )
    database(
        service, "UPDATE callbacks SET state = 'cancelled' WHERE purpose != 'Ký hợp đồng số 77'"
    )
    service.start()

    reminder = page.locator(".callback-due >> visible=true")
    expect(reminder).to_contain_text("Ký hợp đồng số 77")
    dock(page, "ready")
    reminder.locator("[data-part=call]").click()
    dock(page, "talking")
    expect(page.locator(".callback-due")).to_have_count(0)
    hangs_up(page)
    [(state, call_id)] = database(
        service, "SELECT state, closing_call_id FROM callbacks WHERE purpose = 'Ký hợp đồng số 77'"
    )
    assert state == "done" and call_id


def test_a_caller_nobody_knows_is_joined_to_a_customer_in_two_clicks(
    service: Service, browser: Browser
) -> None:
    page = browser.ready(service, "mai")
    customer = database(
        service,
        "SELECT customers.name FROM customers JOIN users ON users.id = customers.owner_id"
        " WHERE users.username = 'mai' AND customers.deleted_at IS NULL LIMIT 1",
    )[0][0]
    rings(service, STRANGER, SALES)
    answers(page)
    expect(page.locator(".dock [data-part=name]")).to_have_text("Chưa rõ")

    page.click(".dock [data-part=attach]")
    page.keyboard.type("nguyen")
    expect(page.locator("#attach .hint")).to_contain_text("hãy nhập thêm")  # more than are shown
    page.locator("#attach input").fill(str(customer))
    page.locator("#attach [role=option]", has_text=str(customer)).first.click()

    expect(page.locator(".dock [data-part=name]")).to_have_text(str(customer))
    expect(page.locator("#attach")).to_be_hidden()
    dock(page, "talking")
    hangs_up(page)
    open_call(page, service, STRANGER)
    expect(page.locator("h1")).to_have_text(str(customer))
    assert browser.complaints == []


def planned(service: Service, page: Page, who: str, **more: object) -> None:
    """A callback that is due in a few seconds, and none before it: one is shown at a time."""
    admin = {"Authorization": f"Bearer {service.says('token', 'admin').stdout.strip()}"}
    address, until = f"{service.url}/api/v1/callbacks", (datetime.now(UTC) + timedelta(hours=1))
    found = page.request.get(address, headers=admin, params={"to": until.isoformat()})
    for each in found.json()["items"]:
        answer = page.request.put(
            f"{address}/{each['id']}", headers=admin, data={"state": "cancelled"}
        )
        assert answer.ok, answer.text()
    token = service.says("token", who).stdout.strip()
    at = datetime.now(UTC) + timedelta(seconds=3)
    answer = page.request.post(
        address,
        headers={"Authorization": f"Bearer {token}"},
        data={"at": at.isoformat(), "number": ANSWERS, **more},
    )
    assert answer.ok, answer.text()


def due(page: Page, purpose: str) -> Locator:
    return page.locator(".callback-due", has_text=purpose)


def test_what_anyone_is_to_call_back_is_taken_by_a_colleague_and_closed_by_reaching_the_customer(
    service: Service, browser: Browser
) -> None:
    mai = browser.ready(service, "mai")
    rings(service, ANSWERS, SALES)
    answers(mai)
    mai.click(".dock [data-do=hang-up] >> visible=true")
    dock(mai, "wrap")
    mai.click("[data-part=next-action] .chip[data-name=tomorrow]")
    mai.fill("[data-part=next-action] [data-part=purpose]", "Báo giá cho ai rảnh")
    mai.select_option("[data-part=next-action] [data-part=whose]", "anyone")
    open_one = "SELECT 1 FROM callbacks WHERE purpose = ? AND user_id IS NULL AND state = ?"
    in_database(service, open_one, "Báo giá cho ai rảnh", "open")
    mai.click(".dock [data-do=later]")
    tuan = browser.ready(service, "tuan")
    mai.close()  # for today
    planned(service, tuan, "mai", purpose="Việc của cả nhóm", anyone=True)

    card = due(tuan, "Việc của cả nhóm")
    expect(card).to_contain_text("Cần người gọi lại")
    card.locator("[data-part=call]").click()
    dock(tuan, "talking")

    expect(card).to_have_count(0)
    in_database(
        service,
        "SELECT 1 FROM callbacks JOIN users ON users.id = callbacks.user_id"
        " WHERE purpose = ? AND state = 'done' AND closing_call_id IS NOT NULL"
        " AND users.username = 'tuan'",
        "Việc của cả nhóm",
    )
    in_database(service, open_one, "Báo giá cho ai rảnh", "open")  # which is for tomorrow
    hangs_up(tuan)


def test_a_reminder_waits_for_the_end_of_the_call_and_of_its_note(
    service: Service, browser: Browser
) -> None:
    mai = browser.ready(service, "mai")
    rings(service, "0987000881", SALES)
    answers(mai)

    planned(service, mai, "mai", purpose="Nhắc sau cuộc gọi")

    card = due(mai, "Nhắc sau cuộc gọi")
    expect(card).to_have_count(1)
    expect(card).to_be_hidden()
    mai.click(".dock [data-do=hang-up] >> visible=true")
    dock(mai, "wrap")
    expect(card).to_be_hidden()
    notes(mai)
    expect(card).to_be_visible()
    card.locator("[data-done]").click()
    expect(card).to_have_count(0)


def test_a_popup_says_that_they_were_missed_and_asked_to_be_called_back(
    service: Service, browser: Browser
) -> None:
    number = "0987000882"
    is_missed(service, number)
    is_missed(service, number)
    mai = browser.ready(service, "mai")
    token = service.says("token", "mai").stdout.strip()
    answer = mai.request.post(
        f"{service.url}/api/v1/callbacks",
        headers={"Authorization": f"Bearer {token}"},
        data={
            "at": (datetime.now(UTC) + timedelta(hours=30)).isoformat(),
            "number": number,
            "purpose": "hỏi hợp đồng",
        },
    )
    assert answer.ok, answer.text()

    rings(service, number, SALES)
    dock(mai, "ringing")

    box = mai.locator(".dock [data-part=open-box]")
    expect(box).to_contain_text(re.compile(r"Đã hẹn .* gọi lại lúc .*: hỏi hợp đồng"))
    expect(box).to_contain_text("2 cuộc gọi nhỡ chưa được gọi lại.")
    answers(mai)
    hangs_up(mai)
    rings(service, number, SALES)
    dock(mai, "ringing")
    expect(box).not_to_contain_text("nhỡ")
    answers(mai)
    hangs_up(mai)
