"""Long work in a real Chromium: the bar moves, work is found again, its end is told everywhere."""

import re

import pytest
from playwright.async_api import async_playwright, expect
from sqlalchemy import update

from callcenter.db import database
from callcenter.jobs import views as jobs_views
from callcenter.jobs.runner import Jobs
from callcenter.keys import DESK, JOBS
from callcenter.people.models import User
from callcenter.people.session import COOKIE
from callcenter.tasks import running
from tests.jobs.house import KINDS, TITLE
from tests.pages.chromium import FLAGS
from tests.popups.office import office

pytestmark = pytest.mark.browser
NOT_HERE = re.compile("/phone|/api/v1/|Failed to load resource")  # other rooms' addresses


class Desk:
    """Anh's desk: her page, and the long work she starts."""

    def __init__(self, page, jobs, house):
        self.page, self.jobs, self.house = page, jobs, house

    async def start(self, kind, **params):
        async with self.house.sessions.begin() as session:
            me = self.house.person("anh").id
            return await self.jobs.start(session, kind, me, TITLE, params, file="customers.xlsx")


@pytest.fixture
async def desk(sqlite_url, tmp_path):
    async with database(sqlite_url) as (engine, sessions):
        made = []

        def extend(app):
            app[JOBS] = Jobs(
                sessions, sqlite_url, tmp_path / "jobs", tell=app[DESK].tell, app=app, kinds=KINDS
            )
            app[DESK].also.append(lambda user_id: {"jobs": app[JOBS].of(user_id)})
            app.add_routes(jobs_views.routes)
            made.append(app[JOBS])

        async with (
            office(sessions, engine, extend=extend) as house,
            running(made[0].run(), "long work"),
            async_playwright() as playwright,
        ):
            page, said, browser = await a_page(playwright, house)
            yield Desk(page, made[0], house)
            await browser.close()
            assert [text for text in said if not NOT_HERE.search(text)] == []


async def a_page(playwright, house):
    browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    url = str(house.server.make_url("/"))
    context = await browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    async with house.sessions.begin() as session:
        await session.execute(update(User).values(language="en"))
    cookie = {"name": COOKIE, "value": await house.sign_in("anh"), "url": url}
    await context.add_cookies([cookie])
    page, said = await context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    await page.goto("/jobs")
    return page, said, browser


async def test_the_bar_moves_and_the_list_renews_itself_at_the_end(desk):
    job_id = await desk.start("wait")
    await expect(desk.page.locator("jobs-now")).to_contain_text("10%")

    await desk.page.click("jobs-now a")

    bar = desk.page.locator("job-progress")
    await expect(bar.locator("[role=progressbar]")).to_have_attribute("aria-valuenow", "10")
    await expect(bar).to_contain_text("1 of 10 · 0 even")
    await desk.jobs.cancel(job_id)
    await expect(bar).to_have_count(0)
    await expect(desk.page.locator("tbody")).to_contain_text("Import of customers.xlsx: cancelled.")
    await expect(desk.page.locator("jobs-now")).to_be_hidden()


async def test_the_list_says_when_work_that_waited_goes_on(desk):
    waiting = [await desk.start("wait") for _ in range(3)]
    await desk.page.goto("/jobs")
    states = desk.page.locator("tbody td .chip")
    await expect(states.filter(has_text="Waiting for its turn")).not_to_have_count(0)
    await desk.page.evaluate("window.same = true")

    for job_id in waiting[:2]:
        await desk.jobs.cancel(job_id)

    await expect(states.filter(has_text="In progress")).to_have_count(1)


async def test_who_is_given_customers_is_told_on_whatever_page(desk):
    await desk.page.goto("/me")
    await expect(desk.page.locator("agent-state summary")).to_be_visible()

    desk.house.desk.tell(desk.house.person("anh").id, {"type": "given", "count": 1})

    toast = desk.page.locator(".toast")
    await expect(toast).to_contain_text("1 customer was given to you.")
    await expect(toast.locator("a")).to_have_attribute("href", "/customers")


async def test_the_end_is_told_with_a_link_on_whatever_page(desk):
    job_id = await desk.start("count", to=1500)

    toast = desk.page.locator(".toast")
    await expect(toast).to_contain_text("Import of customers.xlsx: 1,500 of 1,500, 750 odd.")
    await expect(toast.locator("a")).to_have_attribute("href", f"/x/{job_id}")


async def test_work_is_stopped_where_it_is_seen(desk):
    await desk.start("wait")
    await desk.page.click("jobs-now a")
    await expect(desk.page.locator("job-progress")).to_contain_text("1 of 10")

    await desk.page.click("job-progress button")

    await expect(desk.page.locator("tbody")).to_contain_text("cancelled")
    await expect(desk.page.locator(".toast")).to_contain_text(
        "Import of customers.xlsx: cancelled."
    )


async def test_on_a_phone_what_it_says_takes_several_lines_so_that_it_can_be_stopped(desk):
    await desk.page.set_viewport_size({"width": 390, "height": 844})
    await desk.start("wait")
    await desk.page.click("jobs-now a")
    words = desk.page.locator("job-progress [data-part=words]")
    await expect(words).to_contain_text("1 of 10")

    lines = """said => { said.textContent = "12,757 of 100,000 ".repeat(6)
        const range = document.createRange(); range.selectNodeContents(said)
        return new Set([...range.getClientRects()].map(line => line.top)).size }"""
    assert await words.evaluate(lines) > 1
    within = "e => e.getBoundingClientRect().right <= innerWidth"
    assert await desk.page.locator("job-progress button").evaluate(within)


async def test_work_is_found_again_after_a_reload(desk):
    await desk.start("wait")
    await expect(desk.page.locator("jobs-now")).to_be_visible()

    await desk.page.reload()

    await expect(desk.page.locator("jobs-now")).to_contain_text("1 in the background · 10%")
    await expect(desk.page.locator("job-progress")).to_contain_text("1 of 10")


async def test_without_events_the_page_asks(desk):
    await desk.page.route_web_socket(re.compile("/events"), lambda socket: socket.close())
    await desk.page.reload()
    job_id = await desk.start("wait")
    await desk.page.reload()
    bar = desk.page.locator("job-progress")
    await expect(bar).to_contain_text("1 of 10")

    await desk.jobs.cancel(job_id)

    await expect(desk.page.locator("tbody")).to_contain_text("cancelled.")


async def test_an_end_that_a_lost_connection_hid_is_told_when_it_is_back(desk):
    job_id = await desk.start("wait")
    await expect(desk.page.locator("jobs-now")).to_contain_text("10%")
    desk.jobs._tell = lambda *_: None  # as if it were cut off just now

    await desk.jobs.cancel(job_id)
    await desk.jobs.over(job_id)
    for seat in desk.house.desk._all():
        seat.leave(1013)

    await expect(desk.page.locator(".toast")).to_contain_text("cancelled")
    await expect(desk.page.locator("jobs-now")).to_be_hidden()
