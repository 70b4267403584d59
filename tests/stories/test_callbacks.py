"""Nobody is forgotten: missed calls, planned callbacks, and callers nobody knew."""

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
    page.keyboard.type(str(customer))
    page.locator("#attach [role=option]", has_text=str(customer)).first.click()

    expect(page.locator(".dock [data-part=name]")).to_have_text(str(customer))
    expect(page.locator("#attach")).to_be_hidden()
    dock(page, "talking")
    hangs_up(page)
    open_call(page, service, STRANGER)
    expect(page.locator("h1")).to_have_text(str(customer))
    assert browser.complaints == []
