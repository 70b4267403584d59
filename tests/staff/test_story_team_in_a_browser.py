"""Administration in a real Chromium: a newcomer begins, a leaver goes, a password is forgotten."""

import re
from itertools import pairwise

import pytest
from playwright.async_api import async_playwright, expect

from callcenter.people.models import PermissionGroup
from tests.pages.chromium import FLAGS, NOT_HERE
from tests.pages.site import IDS, PASSWORD
from tests.staff.steps import customers_of, user

pytestmark = pytest.mark.browser


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def opens(browser, site):
    """`await opens("lea")`: a page of her own, signed in; no script may complain in it."""
    said = []

    async def open_(username, password=PASSWORD, width=1440):
        context = await browser.new_context(
            base_url=str(site.server.make_url("/")), viewport={"width": width, "height": 900}
        )
        page = await context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto("/sign-in")
        await page.click("footer button[lang=en]")
        await page.fill("#username", username)
        await page.fill("#password", password)
        await page.press("#password", "Enter")
        await page.wait_for_load_state()
        return page

    yield open_
    assert [text for text in said if not NOT_HERE.search(text)] == []


async def test_a_newcomer_is_added_signs_in_and_must_choose_a_password(opens, site):
    lea = await opens("lea")
    await lea.click("nav >> text=Team")
    await lea.click("text=Add account")
    await expect(lea.locator("#name")).to_be_focused()
    await lea.fill("#name", "Đỗ Thị Hoa")
    await lea.fill("#username", "Hoa Đỗ")
    await lea.click("text=Save")
    await expect(lea.locator("#username-error")).to_contain_text("A username is made of")
    await expect(lea.locator("#name")).to_have_value("Đỗ Thị Hoa")
    await lea.fill("#username", "hoa")
    await lea.click("text=Save")
    await expect(lea.locator("h1")).to_have_text("The account has been made.")
    password = await lea.locator(".secret").inner_text()

    hoa = await opens("hoa", password)
    await expect(hoa.locator("h1")).to_have_text("Đặt mật khẩu của bạn")
    await hoa.click("footer button[lang=en]")
    await hoa.goto("/customers")
    await expect(hoa.locator("h1")).to_have_text("Choose your password")
    await hoa.fill("#password", "12345678")
    await hoa.fill("#again", "12345678")
    await hoa.press("#again", "Enter")
    await expect(hoa.locator("#password-error")).to_contain_text("among the first")
    await hoa.fill("#password", "own horse 9")
    await hoa.fill("#again", "own horse 9")
    await hoa.press("#again", "Enter")

    await expect(hoa.locator("h1")).to_have_text("Today")
    await expect(hoa.locator(".toast")).to_contain_text("Your password has been changed.")


@pytest.mark.parametrize("width", [900, 1100, 1440, 1900])
async def test_each_cell_of_the_list_stands_below_its_heading(opens, width):
    root = await opens("root", width=width)
    await root.goto("/team")
    rights = """row => [...document.querySelector(row).cells].filter(e => e.offsetWidth)
        .map(e => Math.round(e.getBoundingClientRect().right))"""

    heads = await root.evaluate(rights, "thead tr")

    assert await root.evaluate(rights, "tbody tr") == heads


async def test_on_a_phone_no_word_of_the_menu_touches_the_next(opens):
    root = await opens("root", width=390)
    await root.evaluate(
        """() => { const vi = document.querySelector('[name=language][value=vi]')
        vi.form.requestSubmit(vi) }"""
    )
    await expect(root.locator("html")).to_have_attribute("lang", "vi")
    await root.evaluate("document.fonts.ready")

    words = await root.evaluate(
        """[...document.querySelectorAll('.nav .nav__item > span:first-of-type')]
        .map(e => e.getBoundingClientRect()).filter(e => e.width).map(e => [e.left, e.right])"""
    )

    assert len(words) > 5
    gaps = [after[0] - before[1] for before, after in pairwise(words)]
    assert min(gaps) >= 4
    await root.click("header summary.ib")
    await expect(root.locator(".menu [href='/settings']")).to_be_visible()


async def test_a_leavers_customers_come_to_the_successor_out_of_the_rows_menu(opens, site):
    await customers_of(site, "mara", 3)
    lea = await opens("lea")
    await lea.click("nav >> text=Team")
    row = lea.locator("tbody tr", has_text="Nguyễn Mara")
    await row.locator("summary").click()
    await row.locator("text=Deactivate").click()
    await expect(lea.locator("h1")).to_have_text("Deactivate Nguyễn Mara")
    await expect(lea.locator("#successor")).to_be_focused()
    await lea.select_option("#successor", str(IDS["jon"]))

    await lea.click("text=Deactivate and hand over")

    await expect(lea.locator(".toast")).to_contain_text("The account is deactivated")
    await expect(lea.locator("tbody tr", has_text="Nguyễn Mara")).to_have_count(0)
    jon = lea.locator("tbody tr", has_text="Trần Jon")
    await expect(jon.locator('a[href^="/customers?owner="]')).to_have_text("3")
    assert not (await user(site, "mara")).active


@pytest.mark.parametrize("width", [1100, 1280])
async def test_signing_out_other_devices_stays_in_its_card_in_vietnamese(opens, width):
    await opens("lea")
    lea = await opens("lea", width=width)
    await lea.goto("/me")
    await lea.evaluate(
        """() => { const vi = document.querySelector('[name=language][value=vi]')
        vi.form.requestSubmit(vi) }"""
    )
    head = lea.locator(".card__head", has_text="Đăng xuất các thiết bị khác")
    await expect(head).to_be_visible()

    assert await head.evaluate("e => e.scrollWidth <= e.clientWidth")


async def test_the_list_is_searched_while_typing_and_sorted_by_a_click(opens, site):
    lea = await opens("lea")
    await lea.click("nav >> text=Team")
    await lea.locator("#team-q").press_sequentially("tran")
    await expect(lea.locator("tbody tr")).to_have_count(1)
    await expect(lea).to_have_url(re.compile(r"/team\?q=tran$"))
    await expect(lea.locator("#team-q")).to_be_focused()

    await lea.fill("#team-q", "")
    await expect(lea.locator("tbody tr")).to_have_count(4)
    await lea.click("th >> text=Extension")

    await expect(lea.locator("th[aria-sort=ascending]")).to_contain_text("Extension")
    await expect(lea.locator("tbody tr").first).to_contain_text("Nguyễn Mara")


async def test_a_department_begins_with_making_its_lead(opens, site):
    root = await opens("root")
    await root.click("nav >> text=Team")
    await root.click(".tabs >> text=Departments")
    await root.click("text=Add department")
    await root.fill("#name", "Western")
    await root.click("text=Save")
    await expect(root.locator("#leader-error")).to_contain_text("Choose the team lead first.")
    await root.click("#leader-hint >> text=Add team lead")
    await expect(root.locator("#role")).to_have_value("team_lead")
    await root.fill("#name", "Hoàng Hai")
    await root.fill("#username", "hai")
    await root.click("text=Save")
    await expect(root.locator(".secret")).to_be_visible()

    await root.goto("/team/departments/new")
    await root.fill("#name", "Western")
    await root.select_option("#parent", label="Care")
    await root.select_option("#leader", label="Hoàng Hai")
    await root.press("#name", "Enter")

    await expect(root.locator(".toast")).to_contain_text("The department has been added.")
    await expect(root.locator("tbody tr", has_text="Western")).to_contain_text("Hoàng Hai")


async def test_a_group_is_picked_in_the_matrix(opens, site):
    root = await opens("root")
    await root.goto("/team/groups/new")
    await root.fill("#name", "Exporters")
    await root.check('input[name=export][value="3"]')
    await root.click("text=Save")

    await expect(root.locator(".toast")).to_contain_text("The permission group has been saved.")
    await expect(root.locator("tbody tr")).to_contain_text("Export customers (everything)")


PAGES = [
    "/team",
    "/team/new",
    f"/team/{IDS['mara']}",
    f"/team/{IDS['mara']}/leave",
    f"/team/{IDS['mara']}/password",
    "/team/departments",
    "/team/departments/new",
    "/team/departments/1/delete",
    "/team/groups",
    "/team/groups/1",
    "/team/groups/1/delete",
    "/me",
]


@pytest.mark.parametrize("width", [390, 1280])
async def test_no_page_of_administration_is_wider_than_the_screen(opens, site, width):
    await customers_of(site, "mara", 3)
    await site.add(PermissionGroup(id=1, name="Exporters"))
    root = await opens("root", width=width)

    for path in PAGES:
        await root.goto(path)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await root.evaluate(overflow) <= 0, path


async def test_the_list_of_outcomes_stays_in_its_card_also_with_long_names(opens, site):
    root = await opens("root", width=1440)
    await root.goto("/settings/outcomes")

    beyond = await root.evaluate(
        """() => {
            const names = document.querySelectorAll(".item__queues summary > span")
            for (const name of names) name.textContent = "Chăm sóc khách hàng, Outgoing calls"
            const table = document.querySelector(".items")
            return [names.length > 1, table.scrollWidth - table.clientWidth]
        }"""
    )
    assert beyond == [True, 0]
