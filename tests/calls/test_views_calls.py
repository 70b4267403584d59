"""The list of all calls, the page of one, and the note."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calls import queries
from callcenter.calls.models import CallRecord
from callcenter.recordings.models import Finding, Recording
from tests.pages.site import NOW


def calls_in(page):
    return re.findall(r'<a class="name" href="/calls/([^"]+)"', page)


async def test_all_calls_are_listed_newest_first_also_those_nobody_answered(site):
    await site.call("mara", call_id="talked")
    await site.call(None, call_id="lost", result="abandoned", department_id=1)
    await site.call("mara", call_id="now", ended_at=None, result=None, state="talking")
    visitor = await site.signed_in("root")

    page = (await visitor.get("/calls")).text

    assert calls_in(page) == ["now", "lost", "talked"]
    assert all(word in page for word in ("Talking", "Missed", "Answered"))


@pytest.mark.parametrize(
    "result, words",
    [
        ("busy", "Busy"),
        ("no_answer", "No answer"),
        ("rejected", "Declined"),
        ("unreachable", "Not reachable"),
        ("cancelled", "Cancelled"),
        ("failed", "Own phone did not answer"),
    ],
)
async def test_what_became_of_an_outgoing_call_is_said_in_words(site, result, words):
    await site.call("mara", direction="outbound", queue=None, result=result)
    visitor = await site.signed_in("mara")

    assert re.search(
        rf'class="chip[^"]*"><svg[^>]*><use[^>]*/></svg>{words}</span>',
        (await visitor.get("/calls")).text,
    )


FILTERS = {
    "direction=outbound": {"out"},
    "direction=inbound,outbound": {"in", "out", "lost"},
    "result=missed": {"lost"},
    "result=answered": {"in"},
    "result=busy,no_answer": {"out"},
    "result=current": {"alive"},
    "queue=care": {"lost"},
    "number=0912+345": {"in"},
    "number=5678": {"in"},
    "recorded=1": {"in"},
    "agent=4": {"out"},
    "department=2": {"lost"},
    "department=1": {"in", "out", "alive"},
    "since=2026-11-02&until=2026-11-02": {"out"},
    "until=2026-11-01": {"in"},
    "since=2026-11-03": {"lost", "alive"},
    "agent=4,6": {"out", "lost"},
    "department=1,2&result=ended": {"in", "out", "lost"},
    "department=1&alone=1": {"in", "out", "alive"},
    "queue=sales,care": {"in", "lost"},
    "queue=-": {"out", "alive"},
    "did=-&direction=outbound": {"out"},
    "queue=*": {"in", "lost"},
    "wait=long&queue=sales": {"in"},
    "wait=short": set(),
    "wait=6-": set(),
    "wait=late": {"in", "out", "lost", "alive"},
    "wait=in-time": set(),
    "clock=08:00-09:00": {"lost"},
    "clock=08:00-09:30&weekday=1": {"lost", "alive"},
    "weekday=6": {"in"},
}


async def test_calls_are_found_by_a_name_without_its_accents(site):
    customer = await site.customer("Trần Thị Mỹ Hạnh", "0912345678", company="Cơ khí Đặng Gia")
    await site.call("mara", customer_id=customer.id, call_id="hers")
    await site.call("mara", "0912345678", call_id="before-she-was-a-customer")
    await site.call("mara", "0988777666", caller_name="Hanh Phuc Cafe", call_id="shown-as")
    await site.call("mara", "0977000111", call_id="another")
    visitor = await site.signed_in("mara")

    async def found(text):
        return set(calls_in((await visitor.get(f"/calls?number={text}")).text))

    assert await found("my hanh") == {"hers", "before-she-was-a-customer"}
    assert await found("Đặng Gia") == {"hers", "before-she-was-a-customer"}
    assert await found("hanh phuc") == {"shown-as"}
    assert await found("nobody") == set()


@pytest.mark.parametrize("cause, words", [(17, "The line was busy"), (99, "Another reason")])
async def test_a_cause_is_told_in_words(site, cause, words):
    await site.call("mara", result="busy", direction="outbound", cause=cause, call_id="it")
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/calls/it")).text

    assert f"<dd>{words} <span" in page and f"({cause})" in page


async def four_calls(site):
    def on(day, hour):  # the company's day begins at 17:00 UTC
        return datetime(2026, 11, day, hour, tzinfo=UTC)

    await site.call("mara", "0912345678", call_id="in", started_at=on(1, 16))
    await site.call(
        "jon",
        "0988777666",
        call_id="out",
        direction="outbound",
        queue=None,
        result="busy",
        started_at=on(1, 17),
    )
    await site.call(
        "kim", "0977", call_id="lost", queue="care", result="abandoned", started_at=on(3, 1)
    )
    await site.call(
        "mara",
        "201",
        call_id="alive",
        direction="internal",
        queue=None,
        result=None,
        ended_at=None,
        state="talking",
        started_at=on(3, 2),
    )
    await site.add(
        Recording(call_id="in", state="ready", duration_s=45, created_at=NOW),
        Recording(call_id="out", state="failed", problem="x", created_at=NOW),
    )


@pytest.mark.parametrize("query, found", FILTERS.items())
async def test_a_filter_is_an_address(site, query, found):
    await four_calls(site)
    visitor = await site.signed_in("root")

    assert set(calls_in((await visitor.get(f"/calls?{query}")).text)) == found


@pytest.mark.parametrize(
    "query",
    [
        "direction=sideways",
        "result=maybe",
        "agent=x",
        "agent=99999999999999999999",
        "since=tomorrow",
        "until=9999-12-31",
        "since=0001-01-01",
        "cursor=nonsense",
        "clock=9-10",
        "clock=10:00-09:00",
        "clock=09:75-10:00",
        "weekday=7",
        "wait=for-ever",
        "agent=" + ",".join(map(str, range(1001))),
    ],
)
async def test_a_filter_that_is_none_is_refused_in_words(site, query):
    visitor = await site.signed_in("root")

    answer = await visitor.get(f"/calls?{query}")

    assert answer.status == 400
    words = ("is not a", "does not exist", "at once")
    assert any(each in answer.text for each in words)


@pytest.mark.parametrize(
    "who, count", [("root", 4), ("lea", 3), ("mara", 2), ("jon", 1), ("kim", 1)]
)
async def test_each_sees_the_calls_of_their_own_scope(site, who, count):
    await four_calls(site)
    visitor = await site.signed_in(who)

    assert len(calls_in((await visitor.get("/calls")).text)) == count
    # nobody gets round it by asking for somebody else's
    assert len(calls_in((await visitor.get("/calls?agent=6")).text)) == (who in ("root", "kim"))


async def test_an_agent_is_not_offered_a_choice_of_employees(site):
    assert 'name="agent"' not in (await (await site.signed_in("mara")).get("/calls")).text
    assert 'name="agent"' in (await (await site.signed_in("lea")).get("/calls")).text


async def test_the_list_goes_on_from_the_last_call_even_at_the_same_second(site):
    for place in range(55):
        await site.call("mara", call_id=f"c{place:02}", started_at=NOW)
    visitor = await site.signed_in("mara")

    first = (await visitor.get("/calls")).text
    link = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = (await visitor.get(link)).text

    assert calls_in(first) + calls_in(second) == [f"c{place:02}" for place in range(54, -1, -1)]


@pytest.mark.parametrize(
    "who, status", [("root", 200), ("lea", 200), ("mara", 200), ("jon", 404), ("kim", 404)]
)
async def test_one_call_is_opened_by_those_who_may(site, who, status):
    await site.call("mara", call_id="hers")
    visitor = await site.signed_in(who)

    for path in ("/calls/hers", "/calls/hers/detail"):
        assert (await visitor.get(path)).status == status
    noted = await visitor.post("/calls/hers/note", {"note": "mine now"})
    assert noted.status == (303 if status == 200 else 404)


async def test_a_calls_page_tells_its_way(site):
    await site.call("mara", call_id="way", rung="202,201", did="02873001234", ended_by="customer")
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/calls/way")).text

    stations = re.findall(r"<li[^>]*><b>([^<]+)</b>", page)
    assert stations == ["Incoming", "Queue Bán hàng", "Trần Jon", "Nguyễn Mara", "End"]
    assert "did not answer" in page and "the customer hung up" in page and "028 7300 1234" in page


async def test_a_transfer_is_told(site):
    transfers = '[{"kind": "blind", "from": "201", "to": "202"}]'
    await site.call("jon", call_id="way", agents="201,202", rung="201,202", transfers=transfers)
    visitor = await site.signed_in("jon")

    assert "took over without asking" in (await visitor.get("/calls/way")).text


async def test_a_note_and_its_outcome_are_kept_and_shown_with_who_wrote_them(site):
    await site.call("mara", call_id="c")
    visitor = await site.signed_in("mara")

    await visitor.post("/calls/c/note", {"note": "  Hẹn thứ Ba \r\n", "outcome": "agreed"})

    page = (await visitor.get("/calls/c")).text
    assert ">Hẹn thứ Ba</textarea>" in page
    assert '<option value="agreed" selected>' in page
    assert "Nguyễn Mara, " in page


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"note": "x" * 10_001}, "The note is too long: 10000 letters at most."),
        ({"note": "kept", "outcome": "invented"}, "There is no such outcome."),
    ],
)
async def test_a_note_that_cannot_be_saved_stays_in_the_form(site, form, sentence):
    await site.call("mara", call_id="c")
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/calls/c/note", form)

    assert answer.status == 400
    assert sentence in answer.text and f">{form['note']}</textarea>" in answer.text


@pytest.mark.parametrize(
    "recording, sentence",
    [
        ({"state": "ready", "duration_s": 45.0}, "<call-player"),
        (
            {"state": "ready", "duration_s": 45.0, "silent": "customer"},
            "customer is not to be heard",
        ),
        ({"state": "waiting"}, "The recording is being prepared."),
        (
            {"state": "failed", "problem": "The recording holds no sound."},
            "failed: The recording holds",
        ),
        (None, "There is no recording of this call."),
    ],
)
async def test_the_recording_is_there_or_its_absence_is_explained(site, recording, sentence):
    await site.call("mara", call_id="c", answered_at=NOW - timedelta(minutes=59))
    if recording:
        await site.add(Recording(call_id="c", created_at=NOW, **recording))
    visitor = await site.signed_in("mara")

    assert sentence in (await visitor.get("/calls/c")).text


async def test_a_withheld_number_is_a_value_and_nobody_can_call_it(site):
    await site.call("mara", None, call_id="c")
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/calls")).text

    assert "Withheld number" in page and 'data-call="None"' not in page


async def test_the_same_questions_are_answered_by_each_database(sessions):
    async with sessions() as session:
        for place in range(5):
            started_at = NOW + timedelta(minutes=place // 2)
            session.add(
                CallRecord(
                    call_id=f"c{place}",
                    direction="inbound",
                    state="ended",
                    number="0912345678",
                    number_key="+84912345678",
                    started_at=started_at,
                    ended_at=started_at,
                    result="abandoned",
                )
            )
        await session.commit()
        filters = queries.CallFilters(digits="0912345", result="missed", since=NOW)

        def all_of_them(statement):
            return statement

        found, cursor = [], ""
        while True:
            cut = await queries.calls_cut(session, all_of_them, filters, cursor=cursor, limit=2)
            found += [record.call_id for record, _ in cut.rows]
            cursor = cut.after
            if not cursor:
                break

        assert found == ["c4", "c3", "c2", "c1", "c0"]
        assert await queries.calls_count(session, all_of_them, filters) == 5
        hours = await queries.by_hour(session, all_of_them, filters, lambda at: at.minute)
        assert sum(hours.values()) == 5


async def test_a_recording_whose_file_is_not_as_it_was_kept_says_so_beside_the_player(site):
    for call_id, kind in {"cut": "broken", "odd": "no_call", "whole": ""}.items():
        await site.call("mara", call_id=call_id)
        await site.add(Recording(call_id=call_id, state="ready", duration_s=45, created_at=NOW))
        key, reason = f"call/{call_id}", "The file is no longer where it was put."
        if kind:
            await site.add(
                Finding(key=key, kind=kind, call_id=call_id, reason=reason, found_at=NOW)
            )
    visitor = await site.signed_in("mara")

    said = {each: (await visitor.get(f"/calls/{each}")).text for each in ("cut", "odd", "whole")}

    assert [each for each, text in said.items() if "no longer where it was put" in text] == ["cut"]
