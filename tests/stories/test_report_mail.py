"""A superadmin sets the mail server, plans a report, sends it now: a letter that can be read."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.mail.smtp import PASSWORD, USER, MailHouse
from tests.stories.conftest import Browser
from tests.stories.service import Service

pytestmark = pytest.mark.browser

FILE_MS = 90_000  # a process of its own makes the file


def test_a_report_is_planned_sent_now_and_arrives_with_a_file_that_can_be_read(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    page = browser.sign_in(service, "admin")
    with MailHouse(tmp_path, way="starttls", auth=True) as house:
        page.goto(f"{service.url}/settings/mail")
        page.fill("#host", "127.0.0.1")
        page.fill("#port", str(house.port))
        page.uncheck("[name=verify]")  # nobody has signed its certificate
        page.fill("#username", USER)
        page.fill("#password", PASSWORD)
        page.fill("#sender", "baocao@example.vn")
        page.click("form button:has-text('Lưu')")
        page.fill("#to", "lan@example.vn")
        page.click("text=Gửi thư thử")
        expect(page.locator(".mail__said")).to_contain_text("đã nhận thư: 250 OK")

        page.goto(f"{service.url}/reports/calls?since=2026-01-01&until=2026-01-31")
        page.click("#keep-view")
        page.fill("#view-name", "Tháng Giêng")
        page.press("#view-name", "Enter")
        expect(page.locator(".views a.chip[aria-pressed=true]")).to_have_text("Tháng Giêng")
        page.goto(f"{service.url}/reports")
        page.click("[aria-label='Gửi Tháng Giêng qua email']")
        expect(page.locator("#view option:checked")).to_contain_text("Tháng Giêng")
        page.select_option("#every", "week")
        page.check("[name=weekday][value='4']")
        page.fill("#addresses", "giam.doc@example.vn")
        page.click("form[data-back] button:has-text('Lưu')")
        page.click("text=Gửi ngay")
        for to in "giam.doc@example.vn", "admin@anphat.example":  # whoever plans it gets it too
            copy = page.locator(".mails__copy", has_text=to)
            expect(copy.locator(".chip")).to_have_text("Đã gửi", timeout=FILE_MS)

        letters = dict(house.box.letters)

    letter = letters["giam.doc@example.vn"]
    assert "Tháng Giêng" in letter["subject"]
    assert letter["subject"] == letters["admin@anphat.example"]["subject"]
    [file] = letter.iter_attachments()
    assert re.fullmatch(r"Báo cáo cuộc gọi 2026-01-01 2026-01-31\.xlsx", file.get_filename())
    sheet = openpyxl.load_workbook(io.BytesIO(file.get_content())).worksheets[0]
    assert "Báo cáo cuộc gọi" in {str(cell.value) for row in sheet.iter_rows() for cell in row}
