"""The pages in a real Chromium: they change inside the shell, and what is beside them lives on."""

import io
import re
import wave
from datetime import timedelta

import pytest
from playwright.async_api import expect

from callcenter.recordings.models import Recording
from tests.pages.chromium import page_of
from tests.pages.site import NOW

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(site):
    async with page_of(site, "mara") as page:
        yield page


async def marked(page):
    """Whether the shell is still the one that was marked."""
    return await page.evaluate("document.querySelector('.dock').dataset.marked === 'yes'")


async def mark(page):
    await page.evaluate("document.querySelector('.dock').dataset.marked = 'yes'")


async def test_a_change_of_page_leaves_the_phone_alone(page):
    await mark(page)

    await page.click("nav >> text=Customers")
    await expect(page.locator("h1")).to_have_text("Customers")

    assert await marked(page)
    await expect(page).to_have_title(re.compile("^Customers · "))
    await expect(page).to_have_url(re.compile("/customers$"))
    await expect(page.locator(".nav__item[aria-current=page]")).to_have_text("Customers")
    await expect(page.locator("h1")).to_be_focused()


async def test_back_and_forward_work_and_leave_the_phone_alone(page):
    await mark(page)
    await page.click("nav >> text=Calls")
    await expect(page.locator("h1")).to_have_text("Calls")
    await page.click("nav >> text=Reports")
    await expect(page.locator("h1")).to_have_text("Reports")

    await page.go_back()
    await expect(page.locator("h1")).to_have_text("Calls")
    await expect(page.locator(".nav__item[aria-current=page]")).to_have_text("Calls")
    await page.go_forward()
    await expect(page.locator("h1")).to_have_text("Reports")

    assert await marked(page)
    assert await page.evaluate("localStorage.length") == 0  # no customer's name is left behind


async def test_a_filter_applies_while_typing_and_keeps_the_place_one_types_at(page, site):
    await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    await site.customer("Lý Quang Vũ", "0912345679", owner="mara")
    await page.click("nav >> text=Customers")
    await expect(page.locator("tbody tr")).to_have_count(2)

    await page.locator("#customers-q").press_sequentially("hanh")

    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("#customers-q")).to_be_focused()
    await expect(page).to_have_url(re.compile(r"/customers\?q=hanh$"))


async def test_days_are_typed_as_people_write_them(page):
    await page.click("nav >> text=Calls")
    await page.click("#period")
    await expect(page.locator("#period-since")).to_be_focused()

    await page.keyboard.type("31/02/2026")
    await page.keyboard.press("Enter")
    await expect(page.locator("#period-error")).to_have_text(
        "“31/02/2026” is not a day. Write it like 21/11/2026."
    )
    await expect(page).to_have_url(re.compile("/calls$"))

    await page.fill("#period-since", "21.11.2026")
    await page.fill("#period-until", "20/11/2026")
    await page.keyboard.press("Enter")
    await expect(page.locator("#period")).to_contain_text("20 Nov 2026 – 21 Nov 2026")
    await expect(page.locator("#period")).to_be_focused()
    await expect(page).to_have_url(re.compile(r"\?since=2026-11-21&until=2026-11-20$"))


async def test_a_period_is_one_click_away_and_keeps_the_other_filters(page, site):
    await site.call("mara", "0988777666", started_at=NOW - timedelta(days=20))
    await site.call("mara", "0988777666")
    await page.click("nav >> text=Calls")
    await page.fill("#calls-number", "0988")
    await expect(page).to_have_url(re.compile("number=0988"))
    await expect(page.locator("tbody tr")).to_have_count(2)

    await page.click("text=7 days")

    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("#calls-number")).to_have_value("0988")
    await expect(page.locator(".seg [aria-current]")).to_have_text("7 days")
    await expect(page.locator(".seg [aria-current]")).to_be_focused()


async def test_a_note_is_written_in_the_list_without_leaving_it(page, site):
    await site.call("mara")
    await page.click("nav >> text=Calls")
    await page.click("[data-unfold][aria-expanded]")
    await page.fill("tr.open textarea", "Will ring again.")

    await page.click("text=Save note")

    await expect(page.locator(".toast")).to_contain_text("The note has been saved.")
    await expect(page.locator("tr.open textarea")).to_have_value("Will ring again.")
    await expect(page).to_have_url(re.compile("/calls$"))


async def test_the_search_box_finds_opens_and_calls(page, site):
    customer = await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    await site.customer("Hạnh Nguyễn", "0912345679", owner="mara")
    await page.evaluate(
        "addEventListener('click', e => { const b = e.target.closest('[data-call]');"
        " if (b) document.body.dataset.called = `${b.dataset.call} ${b.dataset.customer}` }, true)"
    )

    await page.keyboard.press("Control+k")
    await page.keyboard.type("hanh")
    await expect(page.locator("#quick-results [role=option]")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Control+Enter")
    called = f"+84912345678 {customer.id}"
    await expect(page.locator("body")).to_have_attribute("data-called", called)
    await page.keyboard.press("Enter")

    await expect(page.locator("h1")).to_have_text("Trần Thị Mỹ Hạnh")
    await expect(page).to_have_url(re.compile(f"/customers/{customer.id}$"))


async def test_the_search_box_finds_digits_anywhere_and_leads_to_all_of_them(page, site):
    await site.customer("Cuối", "0988123456", owner="mara")
    for place in range(8):
        await site.customer(f"Giữa {place}", f"091234567{place}", owner="mara")
    options = page.locator("#quick-results [role=option]")

    await page.keyboard.press("Control+k")
    await page.keyboard.type("3456")
    await expect(options).to_have_count(9)
    await expect(options.first).to_contain_text("Cuối")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await expect(options.last).to_have_attribute("aria-selected", "true")
    await expect(options.last).to_have_text("Show all found for “3456”")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile(r"/customers\?q=3456$"))
    await expect(page.locator("tbody tr")).to_have_count(9)


async def test_a_form_that_fails_keeps_what_was_typed_and_one_that_succeeds_says_so(page):
    await mark(page)
    await page.click("text=Add customer")
    await page.fill("#name", "An")
    await page.fill("#phone-0", "12ab")
    await page.click("text=Save")
    await expect(page.locator("#phone-0-error")).to_have_text("“12ab” is not a phone number.")
    await expect(page.locator("#name")).to_have_value("An")

    await page.fill("#phone-0", "0912345678")
    await page.click("text=One more number")
    await page.keyboard.type("0988777666")
    await page.click("text=Save")

    await expect(page.locator("h1")).to_have_text("An")
    await expect(page.locator(".toast")).to_contain_text("The customer has been added.")
    await expect(page.locator(".kv .tel")).to_have_text(["0912 345 678", "0988 777 666"])
    assert await marked(page)


async def test_escape_leaves_a_form(page):
    await page.click("text=Add customer")
    await expect(page.locator("#name")).to_be_focused()
    await page.keyboard.type("An")

    await page.keyboard.press("Escape")

    await expect(page.locator("h1")).to_have_text("Customers")


@pytest.mark.parametrize("width", [1100, 1280, 1440])
@pytest.mark.parametrize("site", ["demo"], indirect=True)
async def test_the_heading_of_the_home_page_stands_on_one_line_beside_the_demos_button(page, width):
    await page.set_viewport_size({"width": width, "height": 900})
    await page.evaluate("""() => { const vi = document.querySelector('[name=language][value=vi]')
        vi.form.requestSubmit(vi) }""")
    await expect(page.locator("h1")).to_have_text("Hôm nay")
    await page.evaluate("document.fonts.ready")

    words = """[...document.querySelectorAll('.page__head > :is(h1, .link)')].map(e => {
        const range = document.createRange(); range.selectNodeContents(e)
        return new Set([...range.getClientRects()].map(r => r.top)).size })"""
    assert await page.evaluate(words) == [1, 1]
    head = page.locator(".page__head")
    assert await head.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("site", ["demo"], indirect=True)
async def test_the_demos_button_says_what_came_of_it(page):
    answers = [{"status": 204}, {"status": 503, "json": {"error": "x", "message": "It is away."}}]
    asked = []

    async def answer(route):
        asked.append(route.request.post_data)
        await route.fulfill(**answers.pop(0))

    await page.route("**/demo/call", answer)
    await page.reload()
    await mark(page)
    await page.select_option(".page__head [name=known]", "false")

    await page.click(".page__head >> text=Simulate a call")
    await expect(page.locator(".toast").last).to_contain_text("A call is on its way to you.")
    await page.click(".page__head >> text=Simulate a call")
    await expect(page.locator(".toast").last).to_contain_text("It is away.")

    assert await marked(page) and "known=false" in asked[0] and "_csrf=" in asked[0]


async def test_the_theme_changes_at_once_and_stays(page):
    await page.click(".top theme-switch button")
    theme = await page.evaluate("document.documentElement.dataset.theme")

    assert theme == "dark"
    await expect(page.locator("html")).to_have_css("color-scheme", "dark")
    await page.wait_for_load_state("networkidle")
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.theme") == theme


async def test_the_language_changes_on_the_page_one_is_on(page):
    await page.click("nav >> text=Calls")
    await expect(page.locator("h1")).to_have_text("Calls")

    await page.click(".top button[name=language]")

    await expect(page.locator("h1")).to_have_text("Cuộc gọi")
    await expect(page).to_have_url(re.compile("/calls$"))


async def test_signing_out_leaves_nothing_to_go_back_to(page):
    await page.click("details[data-menu]:has(.avatar) summary")
    await page.click("text=Sign out")
    await expect(page.locator("h1")).to_have_text("Sign in")

    await page.go_back()

    await expect(page.locator("h1")).to_have_text("Sign in")


def silence(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0" * 8000 * 4 * seconds)
    return file.getvalue()


def _range_of(sound, asked):
    """As a server answers that knows Range, without which no browser can seek."""
    first, last = re.fullmatch(r"(?:bytes=(\d+)-(\d*))?", asked).groups()
    first, last = int(first or 0), int(last or len(sound) - 1)
    return {
        "status": 206 if asked else 200,
        "body": sound[first : last + 1],
        "headers": {
            "Content-Type": "audio/wav",
            "Accept-Ranges": "bytes",
            "Content-Range": f"bytes {first}-{last}/{len(sound)}",
        },
    }


@pytest.fixture
async def heard(page, site):
    """A recorded call; the recording is answered in place of the recordings' room."""
    await site.call("mara", call_id="c", answered_at=NOW)
    await site.add(Recording(call_id="c", state="ready", duration_s=20, created_at=NOW))

    async def answer(route):
        if route.request.url.endswith("/peaks"):
            peaks = {"duration_s": 20, "customer": [0, 255] * 50, "agent": [128] * 100}
            await route.fulfill(json=peaks)
        else:
            await route.fulfill(**_range_of(silence(20), route.request.headers.get("range", "")))

    await page.route("**/recordings/**", answer)
    await page.click("nav >> text=Calls")
    await page.click("[data-unfold][aria-expanded]")
    await expect(page.locator("call-player .wave__a")).to_have_attribute("d", re.compile("^M2 "))
    return page.locator("call-player")


async def test_a_call_unfolds_and_its_recording_is_drawn_as_two_lanes(page, heard):
    agent = await heard.locator(".wave__a").get_attribute("d")
    customer = await heard.locator(".wave__c").get_attribute("d")

    assert agent != customer and agent.count("M") == customer.count("M") == 170
    await page.click("[data-unfold][aria-expanded]")
    await expect(heard).to_be_hidden()


async def test_the_player_plays_from_where_one_clicks_and_by_keys(page, heard):
    slider = heard.locator(".wave")
    box = await slider.bounding_box()

    await slider.click(position={"x": box["width"] * 0.51, "y": 10})
    await expect(slider).to_have_attribute("aria-valuenow", "10")
    await expect(heard.locator("[data-time]")).to_have_text("0:10 / 0:20")

    await slider.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(slider).to_have_attribute("aria-valuetext", "0:05 of 0:20")
    await page.keyboard.press("End")
    await expect(slider).to_have_attribute("aria-valuenow", "20")
    await page.keyboard.press("Home")
    await page.keyboard.press("Space")
    await expect(heard.locator(".player")).to_have_attribute("data-playing", "")
    await page.keyboard.press(">")
    await expect(heard.locator("select")).to_have_value("1.25")
    await page.keyboard.press("Space")
    await expect(heard.locator(".player")).not_to_have_attribute("data-playing", "")


async def test_a_recording_that_cannot_be_played_says_so(page, heard):
    await page.route("**/recordings/c.mp3", lambda route: route.fulfill(status=404))

    await heard.locator("[data-play]").click()

    await expect(heard.locator("[data-problem]")).to_have_text("The recording cannot be played.")


@pytest.mark.parametrize("text", ["1,127:35:17", "in 10+ years"])
async def test_a_long_figure_stays_on_one_line_and_clear_of_the_edge_of_its_tile(page, text):
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.goto("/reports/calls")

    room, lines = (
        await page.locator(".stat__v")
        .nth(3)
        .evaluate(
            """(value, text) => {
            value.textContent = text
            const range = document.createRange()
            range.selectNodeContents(value)
            const tile = value.closest(".stat").getBoundingClientRect()
            return [tile.right - range.getBoundingClientRect().right, range.getClientRects().length]
        }""",
            text,
        )
    )
    assert (room >= 12, lines) == (True, 1)


@pytest.mark.parametrize("width", [390, 1280])
async def test_no_page_is_wider_than_the_screen(page, site, width):
    customer = await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    await site.call("mara", customer_id=customer.id)
    await page.set_viewport_size({"width": width, "height": 800})

    for path in (
        "/",
        "/customers",
        f"/customers/{customer.id}",
        "/calls",
        "/calls/call-1",
        "/reports/calls",
    ):
        await page.goto(path)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(overflow) <= 0, path
