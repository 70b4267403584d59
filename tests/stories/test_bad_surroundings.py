"""The disk is full, the exchange's door is locked: the service goes on, and says what is wrong."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Browser
from tests.stories.service import Service, a_service
from tests.stories.steps import SALES, answers, dock, hangs_up, hears, in_calls, open_call, rings

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

OWN_DISKS = ("unshare", "--user", "--map-root-user", "--mount")


def test_a_recording_that_finds_the_disk_full_is_kept_until_there_is_room(
    browser: Browser, tmp_path: Path
) -> None:
    with a_service(tmp_path / "site") as service:
        service.under = OWN_DISKS
        service.start()
        page = browser.ready(service, "mai")

        with full_disk(service, tmp_path / "site/recordings"):
            rings(service, "0987000301", SALES)
            answers(page)
            hears(page)
            hangs_up(page)
            service.has_said("the disk is full")
            call_id = open_call(page, service, "0987000301")
            expect(page.locator("main")).to_contain_text("Đã nghe máy")
            expect(page.locator("main")).to_contain_text("ổ đĩa đã đầy")
        wavs = service.home / "exchange/spool/monitor"
        assert {each.name for each in wavs.iterdir()} >= {f"{call_id}-in.wav", f"{call_id}-out.wav"}
        service.stop()
        service.start()

        page.goto(f"{service.url}/calls?number=0987000301&recorded=1")
        expect(in_calls(page, service, "0987000301").get_by_label("Nghe ghi âm")).to_be_visible()
        assert not [each for each in wavs.iterdir() if each.name.startswith(call_id)]


def test_a_wrong_secret_is_said_on_the_page_in_the_log_and_by_the_doctor(
    service: Service, browser: Browser, tmp_path: Path
) -> None:
    with a_service(
        tmp_path / "site", mode='"external"', port=str(service.ports), secret='"wrong"'
    ) as other:
        other.start()

        page = browser.sign_in(other, "mai")
        dock(page, "offline")
        expect(dock(page)).to_contain_text("Tổng đài không trả lời")
        other.has_said("The exchange refuses the user or the secret.")
        doctor = other.says("doctor")
        assert doctor.returncode == 1
        assert "secret" in doctor.stdout
        assert other.process and other.process.poll() is None
        assert other.stop() == 0


@contextmanager
def full_disk(service: Service, folder: Path) -> Iterator[None]:
    """To the service, and to it alone, `folder` lies on a disk without room for a recording."""
    assert service.process
    inside = ("nsenter", "-t", str(service.process.pid), "-U", "-m", "--preserve-credentials")
    fill = 'mount -t tmpfs -o size=4k full "$0" && head -c 4096 /dev/zero > "$0/ballast"'
    subprocess.run([*inside, "sh", "-c", fill, folder], check=True, timeout=20)
    yield
    subprocess.run([*inside, "umount", folder], check=True, timeout=20)
