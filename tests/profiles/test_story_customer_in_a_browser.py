"""A customer's file in a real Chromium: edited in place, by two at once, refused while typing."""

import re

import pytest
from playwright.async_api import async_playwright, expect

from callcenter.catalogues.models import Catalogue, CatalogueItem, Level, Place
from tests.pages.chromium import FLAGS
from tests.pages.site import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        await browser.close()


async def opens(browser, site, who):
    context = await browser.new_context(base_url=str(site.server.make_url("/")))
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.click("footer button[lang=en]")
    await page.fill("#username", who)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await expect(page.locator("h1")).to_have_text("Today")
    await page.wait_for_load_state()
    return page


async def test_a_value_is_edited_where_it_stands_with_the_keyboard(browser, site):
    customer = await site.customer("An", "0912345678", owner="mara")
    page = await opens(browser, site, "mara")
    await page.goto(f"/customers/{customer.id}/information")
    company = page.locator("dd[data-field=company]")

    await company.locator("button.value").focus()
    await page.keyboard.press("Enter")
    await expect(company.locator("input[name=company]")).to_be_focused()
    await page.keyboard.type("Not this")
    await page.keyboard.press("Escape")
    await expect(company.locator("button.value")).to_have_text("–")

    await page.keyboard.press("Enter")
    await expect(company.locator("input[name=company]")).to_be_focused()
    await page.keyboard.type("An Phát")
    await page.keyboard.press("Enter")
    await expect(company.locator("button.value")).to_have_text("An Phát")
    await expect(company.locator("button.value")).to_be_focused()


async def test_a_duplicate_is_refused_while_one_types_and_gone_with_another_number(browser, site):
    await site.customer("Lý Quang Vũ", "0912345678", owner="kim")
    page = await opens(browser, site, "mara")
    await page.goto("/customers/new")

    await page.locator("#phone-0").press_sequentially("0912345678")
    refusal = "Phone number already exists in customer Lý Quang Vũ owned by Phạm Kim."
    await expect(page.locator("#phone-0-error")).to_contain_text(refusal)
    await expect(page.locator("#phone-0")).to_have_attribute("aria-invalid", "true")

    await page.fill("#phone-0", "0912345679")
    await expect(page.locator("#phone-0-error")).to_be_hidden()


async def test_the_form_shows_the_fields_of_the_kind(browser, site):
    page = await opens(browser, site, "mara")
    await page.goto("/customers/new")
    await expect(page.locator("#birthday")).to_be_visible()
    await expect(page.locator("#founded_on")).to_be_hidden()

    await page.click("text=Shop")

    await expect(page.locator("#birthday")).to_be_hidden()
    await expect(page.locator("#founded_on")).to_be_visible()
    raised = """[...document.querySelectorAll('form .seg > label')]
        .filter(e => getComputedStyle(e).boxShadow != "none").map(e => e.textContent)"""
    assert await page.evaluate(raised) == ["Shop"]


async def test_a_place_is_typed_without_accents_and_chosen_with_the_arrows(browser, site):
    country = await site.add(Place(level=Level.COUNTRY, name="Việt Nam", search_key="viet nam"))
    below = {"parent_id": country.id, "level": Level.PROVINCE}
    await site.add(Place(**below, name="Cà Mau", search_key="ca mau"))
    chosen = await site.add(Place(**below, name="Cần Thơ", search_key="can tho"))
    customer = await site.customer("An", "0912345678", owner="mara")
    page = await opens(browser, site, "mara")
    await page.goto(f"/customers/{customer.id}/edit")
    picker = page.locator("place-picker")
    typed, kept = picker.locator("[type=search]"), picker.locator("[type=hidden]")

    await typed.press_sequentially("can th")
    await expect(picker.locator("[role=option]")).to_have_count(1)
    await typed.press("Enter")
    await expect(kept).to_have_value(str(chosen.id))

    await typed.fill("nowhere")
    await expect(picker.locator("[role=listbox]")).to_contain_text("There is no such place.")
    await typed.press("Escape")
    await expect(typed).to_have_value(re.compile("Cần Thơ"))
    await expect(kept).to_have_value(str(chosen.id))


async def test_two_in_one_file_lose_nothing_of_what_they_typed(browser, site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, lea = await opens(browser, site, "mara"), await opens(browser, site, "lea")
    for page in mara, lea:
        await page.goto(f"/customers/{customer.id}/edit")

    await lea.fill("#company", "Hers")
    await lea.fill("#email", "an@a.vn")
    await lea.click("text=Save")
    await expect(lea.locator(".toast")).to_contain_text("has been saved")
    await mara.fill("#company", "Mine")
    await mara.fill("#note", "typed by Mara")
    await mara.click(".form__acts >> text=Save")

    clash = mara.locator(".clash")
    await expect(clash).to_contain_text("Lê Thị Lea changed this at")
    await expect(mara.locator("#company")).to_be_focused()
    await expect(mara.locator("#company")).to_have_value("Mine")
    await expect(mara.locator("#email")).to_have_value("an@a.vn")
    await clash.locator("text=Keep theirs").click()
    await mara.click(".form__acts >> text=Save")

    await expect(mara.locator("h1")).to_have_text("An")
    await expect(mara.locator(".kv")).to_have_count(2)
    info = mara.locator("section.card", has_text="Information")
    await expect(info).to_contain_text("Hers")
    await expect(info).to_contain_text("typed by Mara")


async def test_the_status_is_changed_by_its_number(browser, site):
    for place, name in enumerate(["New", "Interested", "Won"]):
        row = CatalogueItem(catalogue=Catalogue.STATUS.value, name=name, position=place)
        await site.add(row)
    customer = await site.customer("An", "0912345678", owner="mara")
    page = await opens(browser, site, "mara")
    await page.goto(f"/customers/{customer.id}")

    await page.click("status-menu summary")
    await page.keyboard.press("2")

    await expect(page.locator("status-menu summary")).to_contain_text("Interested")
    await expect(page.locator(".tl")).to_contain_text("Status changed")


async def test_two_files_are_merged_field_by_field(browser, site):
    keep = await site.customer("An", "0912345678", owner="mara", company="Old Ltd")
    await site.customer("An", "0988777666", owner="mara", company="New Ltd")
    page = await opens(browser, site, "lea")
    await page.goto(f"/customers/{keep.id}")

    await page.click("summary[aria-label=Actions]")
    await page.click("text=Merge with another file")
    await page.click(".list a")
    await expect(page.locator("h1")).to_have_text("Merge two files")
    await page.click("td >> text=New Ltd")
    await page.click(".form__acts >> text=Merge")

    await expect(page.locator(".toast")).to_contain_text("The two files are one now.")
    await expect(page.locator(".head")).to_contain_text("New Ltd")
    await expect(page.locator(".kv").first).to_contain_text("0988 777 666")
