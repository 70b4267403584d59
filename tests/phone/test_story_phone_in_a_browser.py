"""The phone in a real Chromium, on a real exchange: every state that an agent can be in."""

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from callcenter.keys import BOARD, DESK
from callcenter.people.session import COOKIE
from tests.phone.live import Live, live
from tests.popups.office import HANH, STRANGER
from tests.stage import Stage, stage

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

FLAGS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"),
]
SALES = "02873001234"
LOUDEST = """async () => {
  const audio = document.querySelector("phone-dock audio")
  const context = new AudioContext(), analyser = context.createAnalyser()
  analyser.fftSize = 8192
  context.createMediaStreamSource(audio.srcObject).connect(analyser)
  const heard = new Float32Array(analyser.frequencyBinCount)
  for (let look = 0; look < 50; look++) {
    await new Promise((done) => setTimeout(done, 100))
    analyser.getFloatFrequencyData(heard)
    const best = heard.indexOf(Math.max(...heard))
    if (heard[best] > -60) return Math.round(best * context.sampleRate / analyser.fftSize)
  }
  return 0
}"""


@dataclass
class Office:
    live: Live
    stage: Stage
    browser: Any

    async def page(self, *, permissions: tuple[str, ...] = ("microphone",), **context: Any) -> Page:
        """A page of a browser of its own, signed in as Ánh, in English."""
        url = str(self.live.server.make_url("")).rstrip("/")
        context = await self.browser.new_context(
            base_url=url, permissions=list(permissions), **context
        )
        token = await self.live.sign_in("anh", language="en")
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        page = await context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        await page.goto("/")
        return page


@pytest.fixture
def database_url(sqlite_url):
    """The browser knows no database: one kind is enough."""
    return sqlite_url


@pytest.fixture
async def office(engine, sessions, tmp_path):
    async with (
        stage(tmp_path / "home") as staged,
        live(engine, sessions, staged, tmp_path / "recordings") as service,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        try:
            yield Office(service, staged, browser)
        finally:
            await browser.close()


async def shows(page, view, within=10_000):
    await expect(page.locator(".dock")).to_have_attribute("data-state", view, timeout=within)


async def ready(page):
    await shows(page, "ready")
    await page.click(".dock [data-do=ready]")
    await expect(page.locator("agent-state [data-part=label]")).to_have_text("Ready")


async def test_a_customer_rings_is_known_answered_heard_noted_and_finished(office):
    page = await office.page()
    await ready(page)

    await office.stage.carrier.call(SALES, HANH)
    await shows(page, "ringing")
    await expect(page.locator(".dock [data-part=name]")).to_have_text("Trần Thị Mỹ Hạnh")
    await expect(page.locator(".dock [data-part=number]")).to_have_text("0912 345 678")
    await expect(page.locator(".dock [data-part=queue]")).to_have_text("Sales queue")
    await expect(page.locator(".dock [data-part=did]")).to_have_text("028 7300 1234")
    await expect(page.locator(".dock [data-part=owner]")).to_have_text("Nguyễn Ngọc Ánh (you)")
    await expect(page.locator(".dock [data-part=alert]")).to_contain_text("Trần Thị Mỹ Hạnh")
    await expect(page).to_have_title(re.compile("☎ Trần Thị Mỹ Hạnh"), timeout=3000)

    await page.keyboard.press("Enter")
    await shows(page, "talking")
    assert await page.evaluate(LOUDEST) > 0
    await page.fill("#dock-note", "Two machines, Tuesday")
    await expect(page.locator("[data-part=saved]")).to_contain_text("saved")
    await page.click("nav >> text=Customers")
    await expect(page.locator("h1")).to_have_text("Customers")
    await shows(page, "talking")

    await page.keyboard.press("Alt+KeyH")
    await shows(page, "hold")
    await page.keyboard.press("Alt+KeyH")
    await shows(page, "talking")
    await page.keyboard.press("Alt+KeyX")
    await shows(page, "wrap")
    await page.locator("h1").focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-part=outcome-error]")).to_be_visible()
    await page.keyboard.press("2")
    await page.reload()
    await shows(page, "wrap")
    await expect(page.locator("#dock-note")).to_have_value("Two machines, Tuesday")
    await expect(page.locator(".opt[aria-pressed=true]")).to_have_text("2Bought")
    await page.keyboard.press("Control+Enter")
    await shows(page, "ready")
    await expect(page.locator("[data-part=today-calls]")).to_have_text("1")
    await expect(page.locator("[data-part=recent] [data-part=name]")).to_have_text(
        "Trần Thị Mỹ Hạnh"
    )
    assert [call_id for _, _, call_id in office.live.app[DESK].shown]
    assert page.complaints == []


async def test_an_unknown_caller_has_a_number_and_a_way_to_become_a_customer(office):
    page = await office.page()
    await ready(page)

    await office.stage.carrier.call(SALES, STRANGER)

    await shows(page, "ringing")
    await expect(page.locator(".dock [data-part=name]")).to_have_text("Unknown")
    await expect(page.locator(".dock [data-part=number]")).to_have_text("0978 220 415")
    await page.click(".dock [data-part=new]")
    await expect(page).to_have_url(re.compile(f"/customers/new\\?number={STRANGER}$"))
    await shows(page, "ringing")


@pytest.mark.parametrize("key, view", [("Enter", "talking"), ("Escape", "ready")])
async def test_a_key_pressed_before_the_call_has_come_to_the_phone_counts_as_soon_as_it_has(
    office, key, view
):
    page = await office.page()
    pressed = asyncio.Event()

    async def through(here, message):
        if str(message).startswith("INVITE"):
            await pressed.wait()
        here.send(message)

    def late(here):
        there = here.connect_to_server()
        there.on_message(lambda message: through(here, message))

    await page.route_web_socket("**/phone", late)
    await page.reload()
    await ready(page)

    await office.stage.carrier.call(SALES, HANH)
    await shows(page, "ringing")
    await expect(page.locator(".dock [data-do=answer]")).to_be_visible()
    await expect(page.locator(".dock [data-part=elsewhere]")).to_be_hidden()
    await page.keyboard.press(key)
    await shows(page, "ringing")
    pressed.set()

    await shows(page, view)
    assert page.complaints == []


async def test_a_caller_who_gives_up_leaves_the_screen(office):
    page = await office.page()
    await ready(page)
    call = await office.stage.carrier.call(SALES, None)
    await shows(page, "ringing")
    await expect(page.locator(".dock [data-part=name]")).to_have_text("Number withheld")

    await office.stage.carrier.hang_up(call)

    await shows(page, "ready")


@pytest.mark.parametrize(
    "number, words",
    [
        ("0900000101", "The number is busy."),
        ("0900000103", "The call was rejected."),
        ("0900000107", "This number does not exist."),
        ("0900000108", "The network is congested. Try again in a while."),
    ],
)
async def test_a_call_that_does_not_come_about_says_why(office, number, words):
    page = await office.page()
    await shows(page, "ready")

    await page.fill("[data-part=dial]", number)
    await page.keyboard.press("Enter")

    await shows(page, "failed")
    await expect(page.locator(".dock [data-part=why]")).to_have_text(words)
    await page.keyboard.press("Escape")
    await shows(page, "ready")


async def test_calling_out_answers_its_own_phone_by_itself_and_shows_each_step(office):
    page = await office.page()
    await shows(page, "ready")

    await page.click("nav >> text=Customers")
    await page.evaluate("document.querySelector('#page [data-call]').dataset.call = '0900000102'")
    await page.click("#page [data-call]")
    await shows(page, "calling")
    await expect(page.locator("[data-part=leg-mine]")).to_have_text("Your phone is ready")
    await expect(page.locator("[data-part=leg-theirs]")).to_have_text("Their phone is ringing")
    await page.click(".dock__body [data-do=hang-up]")
    await shows(page, "failed")
    await page.click("[data-do=close]")

    await page.fill("[data-part=dial]", "0900000113")
    await page.keyboard.press("Enter")
    await shows(page, "talking")
    assert abs(await page.evaluate(LOUDEST) - 660) < 20
    await page.keyboard.press("Alt+KeyK")
    await page.click("[data-part=keypad] [data-key='7']")
    await expect(page.locator("[data-part=pressed]")).to_have_text("7")
    await office.stage.heard.event("DTMFEnd", Digit="7")
    assert page.complaints == []


async def test_a_pasted_pin_is_sent_digit_by_digit(office):
    page = await office.page(permissions=("microphone", "clipboard-read", "clipboard-write"))
    await shows(page, "ready")
    await page.fill("[data-part=dial]", "0900000113")
    await page.keyboard.press("Enter")
    await shows(page, "talking")
    await page.evaluate("navigator.clipboard.writeText('PIN: 40-71 #')")

    await page.keyboard.press("Alt+KeyK")
    await page.keyboard.press("Control+V")
    await expect(page.locator("[data-part=pressed]")).to_have_text("4071#", timeout=10_000)
    await page.keyboard.press("9")

    await office.stage.heard.event("DTMFEnd", Digit="9", Direction="Received")
    heard = office.stage.heard.found("DTMFEnd", Direction="Received")
    assert "".join(each["Digit"] for each in heard) == "4071#9"
    await expect(page.locator("[data-part=sending]")).to_be_hidden()
    assert page.complaints == []


async def test_a_number_that_is_none_is_refused_in_words_and_kept(office):
    page = await office.page()
    await shows(page, "ready")

    await page.fill("[data-part=dial]", "12")
    await page.keyboard.press("Enter")

    await expect(page.locator("[data-part=problem]")).to_be_visible()
    await expect(page.locator("[data-part=dial]")).to_have_value("12")
    assert office.live.app[BOARD].calls() == []


async def test_pasted_numbers_are_made_clean(office):
    page = await office.page(permissions=("microphone", "clipboard-read", "clipboard-write"))
    await shows(page, "ready")
    await page.evaluate("navigator.clipboard.writeText('Tel. +84 (0) 912-345.678\\n')")

    await page.focus("[data-part=dial]")
    await page.keyboard.press("Control+V")

    await expect(page.locator("[data-part=dial]")).to_have_value("+84912345678")


async def test_without_the_microphone_the_phone_says_what_to_do(office):
    page = await office.page(permissions=())

    await shows(page, "blocked")
    await expect(page.locator(".dock [data-part=why]")).to_contain_text("microphone")
    assert office.live.presence.of(1).phone == "unreachable"


async def test_a_second_window_leaves_the_phone_where_it_is_until_asked(office):
    first = await office.page()
    await shows(first, "ready")
    second = await first.context.new_page()
    await second.goto("/")
    await shows(second, "taken")

    await second.click("[data-do=take-over]")
    await shows(second, "ready")
    await shows(first, "taken")

    await second.close()
    await shows(first, "ready")


async def test_another_browser_takes_the_phone_over_and_it_can_be_taken_back(office):
    first = await office.page()
    await shows(first, "ready")
    second = await office.page()
    await shows(second, "ready")
    await shows(first, "taken")

    await first.click("[data-do=take-over]")
    await shows(first, "ready")
    await shows(second, "taken")


async def test_an_exchange_that_falls_is_said_and_the_phone_comes_back_by_itself(office):
    page = await office.page()
    await ready(page)

    await office.stage.exchange.cli("core stop now")
    await shows(page, "offline")
    await shows(page, "ready", within=40_000)
    await office.stage.carrier.call(SALES, HANH)
    await shows(page, "ringing", within=20_000)


async def test_a_break_has_a_reason_and_a_clock_and_one_can_still_call(office):
    page = await office.page()
    await ready(page)

    await page.click("agent-state summary")
    await page.click("agent-state [data-reason=lunch]")

    await shows(page, "break")
    await expect(page.locator(".dock [data-part=title]")).to_have_text("Break: Lunch")
    await expect(page.locator(".dock [data-part=timer]")).to_have_text("0:01", timeout=3000)
    await page.fill(".dock [data-part=dial]", "0900000101")
    await page.keyboard.press("Enter")
    await shows(page, "failed")
    await page.keyboard.press("Escape")
    await shows(page, "break")
    await page.keyboard.press("Alt+Digit1")
    await shows(page, "ready")
