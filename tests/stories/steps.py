"""What people do in many stories: ring in, answer, hang up, finish the note."""

import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from tests.stories.service import Service

if TYPE_CHECKING:
    from tests.stories.conftest import Browser

PATIENCE_S = 20.0  # a busy machine is slow, not broken
SALES, CARE = "02873001234", "19006789"  # numbers of the demo company


def dock(page: Page, state: str = "") -> Locator:
    """The phone beside the page, once it is in that state."""
    found = page.locator(".dock")
    if state:
        expect(found).to_have_attribute("data-state", state)
    return found


def rings(service: Service, number: str, to: str, *more: str) -> None:
    """Somebody calls from outside; an empty number is a withheld one."""
    who = ["--number", number] if number else ["--withheld"]
    said = service.says("simulate", *who, "--to", to, *more)
    assert said.returncode == 0, said.stderr


def gives_up(service: Service) -> None:
    """Everybody who is calling from outside hangs up."""
    service.console("carrier", "channel request hangup all")


def answers(page: Page) -> None:
    dock(page, "ringing")
    page.click("[data-do=answer]")
    dock(page, "talking")


def hangs_up(page: Page) -> None:
    page.click(".dock [data-do=hang-up] >> visible=true")
    notes(page)


def notes(page: Page, outcome: int = 1) -> None:
    """Finish the wrap-up."""
    dock(page, "wrap")
    page.locator(".dock [data-part=outcomes] .opt").nth(outcome - 1).click()
    if page.locator(".dock [data-part=outcome-back]").is_visible():  # it has sub-outcomes
        page.locator(".dock [data-part=outcomes] .opt").first.click()
    page.keyboard.press("Control+Enter")
    dock(page, "ready")


def on_a_break(page: Page) -> None:
    page.click("agent-state summary")
    page.click("agent-state [data-reason=lunch]")
    dock(page, "break")


def in_calls(page: Page, service: Service, number: str) -> Locator:
    """The one line of that number in Calls."""
    page.goto(f"{service.url}/calls?number={number}")
    expect(page.locator("tbody tr")).to_have_count(1)
    return page.locator("tbody tr").first


def open_call(page: Page, service: Service, number: str) -> str:
    """The page of the one call with that number; its id."""
    row = in_calls(page, service, number)
    call_id = str(row.get_by_role("link").first.get_attribute("href")).rsplit("/", 1)[1]
    page.goto(f"{service.url}/calls/{call_id}")
    return call_id


def hears(page: Page) -> None:
    """Something other than silence comes out of the page. (An ear of before may have slept.)"""
    page.evaluate("window.ears?.close(); window.ears = null")
    until(
        page,
        """async () => {
             const stream = document.querySelector(".dock audio").srcObject
             if (!stream || !stream.getAudioTracks().length) return false
             const context = window.ears ??= new AudioContext()
             const analyser = context.createAnalyser()
             context.createMediaStreamSource(stream).connect(analyser)
             await new Promise((done) => setTimeout(done, 300))
             const wave = new Float32Array(analyser.fftSize)
             analyser.getFloatTimeDomainData(wave)
             return wave.some((sample) => Math.abs(sample) > 0.01)
           }""",
    )


def words(text: str) -> re.Pattern[str]:
    """That sentence, however its lines are broken."""
    return re.compile(r"\s+".join(map(re.escape, text.split())))


def is_recorded(page: Page, call_id: str) -> None:
    """Wait until the call's recording can be heard."""
    until(
        page,
        "async (id) => (await (await fetch(`/api/v1/calls/${id}`)).json()).recording === 'ready'",
        call_id,
    )


def until(page: Page, asked: str, argument: object = None) -> None:
    """Ask the page until it says yes. (wait_for_function takes a promise itself for a yes.)"""
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(asked, argument):
        assert time.monotonic() < deadline, asked
        page.wait_for_timeout(100)


WATCH = """() => {
  window.rang = []
  const dock = document.querySelector(".dock")
  const look = () => {
    if (dock.dataset.state !== "ringing" || window.rang.length) return
    const words = dock.querySelector("[data-part=elsewhere]")
    const answer = dock.querySelector("[data-do=answer]")
    if (!words.hidden && !answer.checkVisibility()) window.rang.push(words.textContent)
  }
  new MutationObserver(look).observe(dock, {subtree: true, childList: true, attributes: true})
}"""


def watches(page: Page) -> None:
    """From now on the page notes what it says while another phone rings: that is soon over."""
    page.evaluate(WATCH)


def rang_elsewhere(page: Page) -> list[str]:
    """What it has said."""
    said: list[str] = page.evaluate("window.rang")
    return said


def first_alone(service: Service, browser: "Browser", number: str) -> tuple[Page, Page, str]:
    """Mai in a call with that customer, Tuấn who waits, and his extension."""
    mai = browser.ready(service, "mai")
    rings(service, number, SALES, "--then", "tone")
    answers(mai)
    tuan = browser.ready(service, "tuan")
    extension = tuan.inner_text(".dock [data-part=extension]").split()[-1]
    return mai, tuan, extension


def looks_for(page: Page, words: str) -> None:
    page.keyboard.press("Alt+KeyT")
    dock(page, "transfer")
    page.keyboard.type(words)
