"""Whoever answers for recordings: holds one, cannot delete it, lets it go, deletes it, finds the
proof; and takes the others away in a zip that opens."""

import re
import zipfile

import pytest
from playwright.async_api import expect

from callcenter.keys import JOBS, LIBRARY
from callcenter.tasks import running
from tests.archive.shelf import a_recording
from tests.pages.chromium import page_of

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(site):
    async with page_of(site, "root") as page:
        page.on("dialog", lambda dialog: dialog.accept())
        yield page


async def recorded(site, number):
    record = await site.call("mara", number)
    await site.add(a_recording(site.app[LIBRARY].folder, record.call_id))
    return record.call_id


async def chooses(page, action):
    await page.click("main summary[aria-label=Actions]")
    await page.click(f"main .menu >> text={action}")


async def test_a_recording_is_held_then_let_go_then_deleted_and_proven(page, site):
    call_id = await recorded(site, "0912345678")
    await page.goto(f"/calls/{call_id}")
    await chooses(page, "Legal hold of the recording")
    await page.fill("#reason", "Vụ kiện 12/2026")
    await page.click("text=Set the hold")
    await expect(page.locator("main")).to_contain_text("Vụ kiện 12/2026")

    await page.goto(f"/calls/{call_id}")
    await expect(page.locator("call-player")).to_contain_text("Legal hold")
    await chooses(page, "Delete the recording")
    await expect(page.locator("main")).to_contain_text("On legal hold: these stay")
    await expect(page.locator("text=Delete for ever")).to_have_count(0)

    await page.goto(f"/recordings/{call_id}/hold")
    await page.click("main button:has-text('Lift')")
    await expect(page.locator("text=The hold has been lifted.")).to_be_visible()
    await page.goto(f"/calls/{call_id}")
    await chooses(page, "Delete the recording")
    await page.fill("#reason", "The customer asked for it")
    await page.click("text=Delete for ever")
    await expect(page.locator("[data-erased]")).to_contain_text("by Root: The customer asked")
    await expect(page.locator("call-player")).to_have_count(0)

    await page.goto("/settings/deleted")
    await expect(page.locator("tbody tr")).to_contain_text("The customer asked for it")


async def test_ticked_recordings_are_taken_away_in_a_zip_that_opens(page, site, tmp_path):
    ids = [await recorded(site, f"091234567{n}") for n in range(3)]
    await page.goto("/calls")
    for call_id in ids[:2]:
        await page.check(f"input[value='{call_id}']")
    await page.click("text=Download recordings")
    await expect(page.locator("h1")).to_have_text("Download recordings")
    await page.click("text=Make the zip")
    await expect(page).to_have_url(re.compile("/recordings/zips/1$"))
    async with running(site.app[JOBS].run(), "long work"):
        await site.app[JOBS].over(1)
    await page.reload()
    async with page.expect_download() as going:
        await page.click("main >> text=Download")
    await (await going.value).save_as(tmp_path / "got.zip")

    with zipfile.ZipFile(tmp_path / "got.zip") as packed:
        assert packed.testzip() is None
        names = packed.namelist()
    assert len(names) == 3 and names[-1] == "contents.csv"
    assert "0912345670 Nguyễn Mara.mp3" in names[0]
