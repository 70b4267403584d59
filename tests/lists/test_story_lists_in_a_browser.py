"""The lists in a real Chromium: rows selected and given away, a status changed, columns chosen."""

import re

import pytest
from playwright.async_api import async_playwright, expect

from callcenter.customers.models import Customer
from tests.lists.company import WAITING, customers, statuses
from tests.pages.chromium import FLAGS, NOT_HERE
from tests.pages.site import IDS, PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser, site):
    context = await browser.new_context(
        base_url=str(site.server.make_url("/")), viewport={"width": 1440, "height": 900}
    )
    yield context
    await context.close()


@pytest.fixture
async def page(context):
    page, said = await context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
    yield page
    assert [text for text in said if not NOT_HERE.search(text)] == []


async def signs_in(page, who):
    await page.goto("/sign-in")
    await page.fill("#username", who)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await expect(page.locator(".page h1")).to_be_visible()
    await page.wait_for_load_state()


async def opens(page, path):
    await page.goto(path)
    await page.wait_for_load_state()


async def owners(site, rows):
    async with site.sessions() as session:
        return [(await session.get(Customer, each.id)).owner_id for each in rows]


async def test_a_range_is_selected_distributed_in_turn_and_taken_back(site, page):
    _, waiting = await customers(site)
    await signs_in(page, "root")
    await opens(page, "/customers?tab=unassigned")
    ticks, bar = page.locator("tbody input[type=checkbox]"), page.locator(".bulk")

    await ticks.nth(1).click()
    await ticks.nth(3).click(modifiers=["Shift"])
    await expect(bar.locator("b")).to_have_text("3 selected")
    await expect(page.locator("tr[aria-selected=true]")).to_have_count(3)
    await bar.locator("text=Distribute").click()
    await expect(page.locator("h1")).to_have_text("Distribute 3 customers")

    for name in ("mara", "jon"):
        await page.check(f"[name=person][value='{IDS[name]}']")
    shares = page.locator("#shares tbody tr")
    await expect(shares).to_have_count(2)
    await expect(shares.nth(0)).to_contain_text("Nguyễn Mara")
    await page.click("text=Do it")

    toast = page.locator(".toast")
    await expect(toast).to_contain_text("3 customers were given out.")
    assert sorted(o for o in await owners(site, waiting) if o) == [IDS["mara"]] * 2 + [IDS["jon"]]
    await toast.locator("text=Undo").click()
    await expect(page.locator(".toast")).to_contain_text("3 customers are where they were before.")
    await expect(page.locator("tbody tr")).to_have_count(len(WAITING))
    assert await owners(site, waiting) == [None] * len(WAITING)


async def test_rows_are_selected_with_keys_alone(site, page):
    await customers(site)
    await signs_in(page, "lea")
    await opens(page, "/customers")
    await page.locator("tbody input[type=checkbox]").first.focus()

    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(page.locator(".bulk b")).to_have_text("3 selected")
    await page.keyboard.press("Escape")

    await expect(page.locator(".bulk")).to_be_hidden()
    await expect(page.locator("tbody input:checked")).to_have_count(0)


async def test_everything_the_list_shows_is_selected_beyond_the_page(site, page):
    for place in range(55):
        await site.customer(f"Hoa {place:02}", f"09123456{place:02}", owner="mara")
    await signs_in(page, "lea")
    await opens(page, "/customers?q=hoa")

    await page.click("thead [data-all]")
    await expect(page.locator(".bulk b")).to_have_text("50 selected")
    await page.click("text=Select all 55")
    await expect(page.locator(".bulk b")).to_have_text("55 selected")
    await page.click(".bulk >> text=Transfer ownership")
    dialog = page.locator("#list-dialog")
    await expect(dialog.locator("h1")).to_have_text("Transfer ownership of 55 customers")
    await dialog.locator("select").select_option(label="Trần Jon · Sales")
    await dialog.locator("button:has-text('Transfer')").click()

    await expect(page.locator(".toast")).to_contain_text("55 customers were given out.")
    await expect(page.locator("tbody tr").first).to_contain_text("Trần Jon")


async def test_a_status_is_changed_in_the_row_with_its_number(site, page):
    await statuses(site)
    owned, _ = await customers(site)
    await signs_in(page, "mara")
    await opens(page, "/customers?q=hanh")
    chip = page.locator("[data-status-of]")
    await expect(chip).to_contain_text("No status yet")

    await chip.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#status-menu")).to_be_visible()
    await page.keyboard.press("3")

    await expect(chip).to_contain_text("Quan tâm")
    await expect(chip).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(chip).to_contain_text("Chờ ký hợp đồng")
    async with site.sessions() as session:
        assert (await session.get(Customer, owned[0].id)).status_id == 4


async def test_the_columns_one_has_chosen_are_there_after_signing_out_and_in(site, context, page):
    await customers(site)
    await signs_in(page, "lea")
    await opens(page, "/customers")
    head = page.locator("thead")
    await expect(head).to_contain_text("Owner")

    await page.click("#columns")
    await page.uncheck("#columns-menu [value=owner]")
    await page.check("#columns-menu [value=department]")
    await page.click("#columns-menu >> text=Show these")
    await expect(head).to_contain_text("Department")
    await page.click("details[data-menu]:has-text('Sign out') > summary")
    await page.click("text=Sign out")
    await expect(page.locator("#username")).to_be_visible()

    await signs_in(page, "lea")
    await opens(page, "/customers")
    await expect(head).to_contain_text("Department")
    await expect(head).not_to_contain_text("Owner")


async def test_filters_in_a_menu_apply_as_it_closes_and_go_one_by_one(site, page):
    await statuses(site)
    owned, _ = await customers(site)
    async with site.sessions.begin() as session:
        (await session.get(Customer, owned[0].id)).status_id = 2
        (await session.get(Customer, owned[1].id)).status_id = 3
    await signs_in(page, "lea")
    await opens(page, "/customers")

    await page.click("#customers-status")
    await page.check("#status-filter [value='2']")
    await page.check("#status-filter [value='3']")
    await page.keyboard.press("Escape")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.click(".chip--x:has-text('Quan tâm')")

    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page).to_have_url(re.compile(r"/customers\?status=2$"))


async def test_the_menu_of_a_row_is_walked_with_arrows(site, page):
    await customers(site)
    await signs_in(page, "lea")
    await opens(page, "/customers?q=hanh")

    await page.focus("[data-menu-of]")
    await page.keyboard.press("Enter")
    await expect(page.locator("#row-menu [role=menuitem]").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page.locator("h1")).to_have_text("Edit customer")


async def test_on_a_phone_a_row_has_its_menu_and_its_quick_activity(site, page):
    await customers(site)
    await page.set_viewport_size({"width": 390, "height": 844})
    await signs_in(page, "mara")
    await opens(page, "/customers")

    await page.locator("[data-menu-of]").first.click()
    menu = page.locator("#row-menu")
    await expect(menu.get_by_role("menuitem").first).to_be_focused()
    box = await menu.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    await page.keyboard.press("Escape")
    await page.locator("[data-quick]").first.click()

    await expect(page.get_by_role("dialog", name="Quick activity")).to_be_visible()


async def test_on_a_phone_all_are_selected_the_list_sorted_and_a_column_added(site, page):
    await statuses(site)
    await customers(site)
    await signs_in(page, "mara")
    await page.set_viewport_size({"width": 390, "height": 844})
    await opens(page, "/customers")
    rows = page.locator("tbody tr")
    count = await rows.count()

    await page.click("text=Select all on this page")
    await expect(page.locator(".bulk b")).to_have_text(f"{count} selected")
    await page.click("text=Select all on this page")
    await expect(page.locator(".bulk")).to_be_hidden()

    await page.select_option("#customers-sort", "-name")
    await page.wait_for_url("**/customers?sort=-name")
    await expect(rows.first).to_contain_text("Trần Thị Mỹ Hạnh")

    await page.click("#columns")
    await page.check("#columns-menu [value=code]")
    await page.click("#columns-menu >> text=Show these")
    code = rows.first.locator("[data-label='Customer code: ']")
    await expect(code).to_be_visible()
    await expect(rows.first).to_contain_text("Trần Thị Mỹ Hạnh")
