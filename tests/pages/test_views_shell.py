"""Every page: who may see it, in which language, whole or in part, and what guards it."""

import html
import re
from datetime import datetime, time, timedelta

import pytest

from callcenter.keys import TEMPLATES
from callcenter.pages import formats
from callcenter.pages.language import speak

PAGES = [
    "/",
    "/customers",
    "/customers?tab=unassigned",
    "/customers/new",
    "/calls",
    "/reports/calls",
]


async def filled(site):
    """A customer, a call and a note, so that no page is empty; their addresses."""
    customer = await site.customer("Trần Thị Mỹ Hạnh", "0912345678", "02873001234", owner="mara")
    record = await site.call("mara", customer_id=customer.id)
    return [
        *PAGES,
        f"/customers/{customer.id}",
        f"/customers/{customer.id}/edit",
        f"/calls/{record.call_id}",
    ]


async def test_a_stranger_is_asked_to_sign_in_wherever_they_go(site):
    visitor = await site.visitor()

    for path in await filled(site):
        answer = await visitor.get(path)
        assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, "/sign-in"), path


async def test_htmx_is_sent_to_the_sign_in_page_as_a_whole(site):
    visitor = await site.visitor()

    answer = await visitor.part("/calls")

    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fcalls")


async def test_a_program_without_a_session_gets_json(site):
    answer = await (await site.visitor()).get("/calls", Accept="application/json")

    assert answer.status == 401
    assert answer.text == '{"error":"signed-out","message":"Vui lòng đăng nhập."}'


@pytest.mark.parametrize("who", ["root", "lea", "mara"])
async def test_every_page_opens_in_both_languages(site, who):
    paths = await filled(site)
    headings = {}
    for language in ("en", "vi"):
        visitor = await site.signed_in(who, language)
        for path in paths:
            answer = await visitor.get(path)
            assert answer.status == 200, path
            assert f'<html lang="{language}"' in answer.text
            headings.setdefault(path, []).append(re.search(r"<title>(.*?)</title>", answer.text)[1])

    names = {path: titles for path, titles in headings.items() if "/customers/1" not in path}
    assert all(english != vietnamese for english, vietnamese in names.values()), names


async def test_htmx_gets_the_main_part_with_its_title_and_nothing_around_it(site):
    visitor = await site.signed_in("mara")

    for path in await filled(site):
        part = await visitor.part(path)
        assert part.text.startswith("<title>"), path
        assert "<h1" in part.text and "<html" not in part.text and 'class="dock"' not in part.text
        assert part.headers["Vary"] == "HX-Request, Accept-Encoding"
        assert part.headers["Cache-Control"] == "no-store"


async def test_the_page_one_is_on_is_marked_in_the_menu(site):
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/calls")).text

    assert re.findall(r'data-place="([^"]+)" aria-current="page"', page) == ["/calls /explain"]


@pytest.mark.parametrize("path", ["/customers", "/contacts", "/imports", "/customers/look-up"])
async def test_everything_about_customers_is_below_customers_in_the_menu(site, path):
    visitor = await site.signed_in("root")

    page = (await visitor.get(path)).text

    marked = re.findall(r'href="([^"]+)" data-place="[^"]+" aria-current="page"', page)
    assert marked == ["/customers"]


async def test_no_page_has_inline_script_or_style(site):
    visitor = await site.signed_in("mara")

    for path in [*await filled(site), "/sign-in", "/nowhere"]:
        page = (await visitor.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path


async def test_every_answer_carries_the_headers_that_guard_it(site):
    visitor = await site.signed_in("mara")
    asset = re.search(r'href="(/static/[^"]+tokens.css)"', (await visitor.get("/")).text)[1]

    for path in ("/", "/sign-in", "/nowhere", "/customers/search?q=a", "/broken", f"{asset}x"):
        headers = (await visitor.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "style-src 'self';" in policy, path
        assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
        assert headers["Permissions-Policy"].startswith("microphone=(self)")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Server"] == "callcenter"
    part = (await visitor.get(asset)).headers  # a style is no document
    assert part["X-Content-Type-Options"] == "nosniff"
    assert part["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Content-Security-Policy" not in part


async def test_names_are_text_and_never_markup(site):
    evil = "<script>alert(1)</script>"
    customer = await site.customer(evil, "0912345678", owner="mara", company='"><img src=x>')
    await site.call("mara", customer_id=customer.id)
    await site.call("mara", "0988777666", caller_name=evil, result="abandoned")
    visitor = await site.signed_in("mara")

    for path in (
        *PAGES,
        f"/customers/{customer.id}",
        f"/customers/{customer.id}/edit",
        "/calls/call-2",
    ):
        page = (await visitor.get(path)).text
        assert evil not in page and "<img src=x>" not in page, path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (await visitor.get("/calls")).text


async def test_what_is_not_there_is_said_in_a_sentence(site):
    visitor = await site.signed_in("mara")

    for path in ("/nowhere", "/calls/none", "/customers/999", "/static/js/none.js"):
        answer = await visitor.get(path)
        assert answer.status == 404, path
        assert "There is no such" in answer.text


async def test_what_nobody_expected_is_said_in_a_sentence_without_its_trace(site):
    visitor = await site.signed_in("mara", language="vi")

    page = await visitor.get("/broken")
    program = await visitor.get("/broken", Accept="application/json")

    assert page.status == program.status == 500
    assert "Hệ thống gặp lỗi" in page.text
    assert '"error":"internal"' in program.text
    for answer in (page, program):
        assert "secret inside" not in answer.text and "Traceback" not in answer.text


async def test_a_database_that_is_away_is_said_to_be_away(site):
    visitor = await site.signed_in("mara")

    page = await visitor.get("/locked")
    program = await visitor.get("/locked", Accept="application/json")

    assert page.status == program.status == 503
    assert "The database does not answer" in page.text
    assert '"error":"database-unavailable"' in program.text


async def test_a_wrong_method_is_said_in_a_sentence(site):
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/calls")

    assert answer.status == 405
    assert "does not work that way" in answer.text


@pytest.mark.parametrize("path", ["/sign-out", "/me/preferences", "/customers/new"])
async def test_a_form_without_the_sessions_proof_is_refused(site, path):
    visitor = await site.signed_in("mara")
    visitor.csrf = "forged"

    answer = await visitor.post(path, {"theme": "dark"})

    assert answer.status == 403
    assert "out of date" in answer.text
    assert (await visitor.get("/")).status == 200


async def test_the_proof_may_come_in_a_header(site):
    visitor = await site.signed_in("mara")
    proof, visitor.csrf = visitor.csrf, None

    answer = await visitor.post("/me/preferences", {"theme": "dark"}, **{"X-CSRF-Token": proof})

    assert answer.status == 303


async def test_the_proof_of_another_session_is_none(site):
    mara, jon = await site.signed_in("mara"), await site.signed_in("jon")
    mara.csrf = jon.csrf

    assert (await mara.post("/me/preferences", {"theme": "dark"})).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_another_site_is_refused_even_with_the_proof(site, headers):
    visitor = await site.signed_in("mara")

    assert (await visitor.post("/me/preferences", {"theme": "dark"}, **headers)).status == 403


async def test_a_form_from_our_own_pages_is_taken(site):
    visitor = await site.signed_in("mara")
    origin = str(site.server.make_url("/")).rstrip("/")

    answer = await visitor.post(
        "/me/preferences", {"theme": "dark"}, Origin=origin, **{"Sec-Fetch-Site": "same-origin"}
    )

    assert answer.status == 303


async def test_a_websocket_from_another_site_is_refused(site):
    visitor = await site.signed_in("mara")
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "https://evil.example"}

    assert (await visitor.get("/calls", **headers)).status == 403


async def test_style_sheets_and_scripts_may_be_kept_for_ever_under_their_own_address(site):
    visitor = await site.visitor()
    page = (await visitor.get("/sign-in")).text
    address = re.search(r'href="(/static/[^"]+/css/tokens.css)"', page)[1]

    marked = await visitor.get(address)
    plain = await visitor.get("/static/css/tokens.css")
    old = await visitor.get("/static/v-0123456789ab/css/tokens.css")

    assert "immutable" in marked.headers["Cache-Control"]
    assert plain.headers["Cache-Control"] == old.headers["Cache-Control"] == "no-cache"
    assert marked.text == plain.text == old.text
    assert marked.headers["Content-Type"] == "text/css"


@pytest.mark.parametrize(
    "path", ["../templates/pages/shell.html", "%2e%2e/package.json", "css", "v-x/"]
)
async def test_nothing_outside_the_static_folder_is_served(site, path):
    visitor = await site.visitor()

    assert (await visitor.get(f"/static/{path}")).status == 404


async def test_the_words_of_the_scripts_come_as_json(site):
    visitor = await site.visitor()
    address = re.search(r'name="words" content="([^"]+)"', (await visitor.get("/sign-in")).text)[1]

    answer = await visitor.get(address)

    assert '"Pause":"Tạm dừng"' in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await visitor.get("/words/xx.json")).status == 404


async def test_a_note_saved_is_said_once(site):
    record = await site.call("mara")
    visitor = await site.signed_in("mara")

    answer = await visitor.post(f"/calls/{record.call_id}/note", {"note": "rang again"})

    page = await visitor.get(answer.headers["Location"])
    assert "The note has been saved." in page.text and "rang again" in page.text
    assert "The note has been saved." not in (await visitor.get(f"/calls/{record.call_id}")).text


async def test_home_shows_an_agent_their_own_day_and_a_lead_the_teams(site):
    today = site.app[TEMPLATES].formats.today()
    await site.day("mara", today, calls=3, talked_s=200)
    await site.day("jon", today, "abandoned", calls=2, talked_s=0)
    await site.call("jon", "0988777666", result="abandoned")

    agent, lead = await site.signed_in("mara"), await site.signed_in("lea")

    mine, ours = (await agent.get("/")).text, (await lead.get("/")).text
    assert re.findall(r"stat__v[^>]*>([^<]+)<", mine) == ["3", "3", "3:20", "1:06", "0"]
    assert re.findall(r"stat__v[^>]*>([^<]+)<", ours) == ["5", "3", "3:20", "1:06", "2"]
    assert "0988 777 666" not in mine and "0988 777 666" in ours


async def test_home_on_a_quiet_day_shows_yesterday_and_says_so(site):
    visitor = await site.signed_in("mara")
    assert "No calls today or yesterday." in (await visitor.get("/")).text

    at = site.app[TEMPLATES].formats
    noon = datetime.combine(at.today() - timedelta(days=1), time(12), at.zone)
    await site.call("mara", started_at=noon)

    page = (await visitor.get("/")).text
    assert "No calls yet today." in page and "12:00, today 0, yesterday 1" in page


async def test_the_numbers_of_home_open_their_calls(site):
    today = site.app[TEMPLATES].formats.today()
    await site.day("mara", today, "abandoned", calls=1, talked_s=0)
    noon = datetime.combine(today, time(12), site.app[TEMPLATES].formats.zone)
    await site.call("mara", "0988777666", result="abandoned", started_at=noon)
    await site.call("mara", "0912345678", result=None, ended_at=None, started_at=noon)
    visitor = await site.signed_in("mara")

    found = re.findall(r'class="stat" href="(/calls[^"]+)"', (await visitor.get("/")).text)

    for address, number in zip(found, (1, 0, 1), strict=True):
        listed = (await visitor.get(html.unescape(address))).text
        assert listed.count("<tr>\n    <td") == number, address


async def test_no_call_can_be_simulated_where_there_is_no_simulated_carrier(site):
    visitor = await site.signed_in("mara")

    assert "Simulate a call" not in (await visitor.get("/")).text


@pytest.mark.parametrize(
    "seconds, text",
    [(0, "0:00"), (7.9, "0:07"), (187, "3:07"), (3599, "59:59"), (3765, "1:02:45"), (None, "–")],
)
def test_lengths_are_minutes_and_seconds_and_hours_when_there_are_some(seconds, text):
    assert formats.duration(seconds) == text


@pytest.mark.parametrize("language, text", [("vi", "1.250.000 ₫"), ("en", "1,250,000 ₫")])
def test_money_is_written_as_the_language_does(language, text):
    speak(language)

    assert formats.money(1250000) == text


@pytest.mark.parametrize(
    "name, letters", [("Nguyễn Ngọc Ánh", "NÁ"), ("Marcus", "M"), ("", ""), ("  a  b ", "AB")]
)
def test_initials_are_those_of_the_last_two_words(name, letters):
    assert formats.initials(name) == letters


def test_a_count_that_stopped_says_so():
    speak("en")

    assert [formats.counted(n) for n in (7, 10_000, 10_001)] == ["7", "10,000", "10,000+"]
