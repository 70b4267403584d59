"""The pages of callbacks: planning, the schedule, the inbox, who may see which."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from callcenter.callbacks import queries
from callcenter.callbacks.kept_paper import Entry
from callcenter.callbacks.models import Callback, State
from callcenter.callbacks.turns import KeptPlace
from callcenter.keys import INBOX, KEPT
from tests.pages.site import IDS

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def moment(**more) -> str:
    """As a browser writes it: so much from now, in the company's zone."""
    return (datetime.now(HANOI) + timedelta(**more)).strftime("%Y-%m-%dT%H:%M")


async def callbacks(site) -> list[Callback]:
    async with site.sessions() as session:
        return list(await session.scalars(select(Callback).order_by(Callback.id)))


async def planned(site, whose="mara", minutes=60, **more) -> Callback:
    now = datetime.now(UTC)
    at = now + timedelta(minutes=minutes)
    values = {
        "number": "0912345678",
        "number_key": "+84912345678",
        "at": at,
        "remind_at": at,
        "purpose": "Chốt báo giá",
        "user_id": IDS[whose] if whose else None,
        "department_id": 1,
        "created_by": IDS["mara"],
        "created_at": now,
    }
    return await site.add(Callback(**values | more))


async def missed(site, number="0912345678", **more):
    await site.call(None, number, result="abandoned", department_id=1, **more)
    await site.app[INBOX].load()


async def test_a_callback_is_planned_on_a_customers_page(site):
    customer = await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    mara = await site.signed_in("mara")
    form = await mara.get(f"/callbacks/new?customer={customer.id}")
    assert "Trần Thị Mỹ Hạnh" in form.text and "0912 345 678" in form.text

    answer = await mara.post(
        "/callbacks/new",
        {
            "customer": str(customer.id),
            "number": "0912 345 678",
            "at": "tomorrow",
            "purpose": " Gửi  báo giá ",
            "whose": "",
            "next": f"/customers/{customer.id}",
        },
    )

    assert (answer.status, answer.headers["Location"]) == (303, f"/customers/{customer.id}")
    [made] = await callbacks(site)
    assert (made.customer_id, made.user_id, made.purpose) == (
        *(customer.id, IDS["mara"], "Gửi báo giá"),
    )
    assert made.at.astimezone(HANOI).hour == 9
    page = (await mara.get(f"/customers/{customer.id}")).text
    assert "Callback planned" in page and "Gửi báo giá" in page
    assert f'data-undo="/callbacks/{made.id}/cancel"' in page


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"own": "2020-01-01T09:00"}, "That time has passed. Choose one that is still to come."),
        ({"own": ""}, "Choose when to call back."),
        ({"own": "soon"}, "“soon” is not a time."),
        ({"number": "12ab"}, "“12ab” is not a phone number."),
        ({"number": ""}, "Enter a phone number."),
        ({"whose": f"user-{IDS['kim']}"}, "Choose who is to call back."),
        ({"whose": "department-2"}, "Choose who is to call back."),
        ({"purpose": "x" * 301}, "Too long: 300 letters at most."),
    ],
)
async def test_what_makes_no_sense_is_said_and_what_was_typed_stays(site, change, sentence):
    mara = await site.signed_in("mara")
    form = {"number": "0912345678", "own": moment(days=1), "purpose": "Giao hàng"} | change

    answer = await mara.post("/callbacks/new", form)

    assert answer.status == 400 and sentence in answer.text
    assert "Giao hàng" in answer.text or "purpose" in change
    assert await callbacks(site) == []


async def test_a_callback_of_a_call_takes_its_number_and_its_customer(site):
    customer = await site.customer("Anh", "0912345678", owner="mara")
    call = await site.call("mara")
    mara = await site.signed_in("mara")

    await mara.post("/callbacks/new", {"call": call.call_id, "at": "hour"})

    [made] = await callbacks(site)
    assert (made.call_id, made.customer_id, made.number) == (
        *(call.call_id, customer.id, "0912345678"),
    )


async def test_a_colleagues_customer_and_call_cannot_be_planned_with(site):
    customer = await site.customer("Anh", "0912345678", owner="kim")
    call = await site.call("kim")
    mara = await site.signed_in("mara")

    for query in (f"customer={customer.id}", f"call={call.call_id}"):
        assert (await mara.get(f"/callbacks/new?{query}")).status == 404


async def test_a_missed_call_of_the_inbox_is_planned_without_a_colleagues_customers_name(
    site,
):
    await site.customer("Anh", "0912345678", owner="jon")
    await missed(site, started_at=datetime.now(UTC) - timedelta(hours=1))
    mara = await site.signed_in("mara")
    [link] = re.findall(r"/callbacks/new\?call=[^\"]+", (await mara.get("/callbacks")).text)

    form = await mara.get(link)
    await mara.post("/callbacks/new", {"call": link.partition("=")[2], "at": "hour"})

    assert form.status == 200 and "0912 345 678" in form.text and "Anh" not in form.text
    [made] = await callbacks(site)
    assert (made.customer_id, made.number) == (None, "0912345678")


async def test_it_is_moved_changed_given_away_and_each_step_is_kept(site):
    callback = await planned(site)
    mara = await site.signed_in("mara")

    await mara.post(f"/callbacks/{callback.id}/move", {"at": "tomorrow"})
    await mara.post(
        f"/callbacks/{callback.id}/edit",
        {"own": moment(days=3), "purpose": "Khác", "whose": f"user-{IDS['jon']}"},
    )

    [now] = await callbacks(site)
    assert (now.user_id, now.purpose) == (IDS["jon"], "Khác")
    assert (await mara.get(f"/callbacks/{callback.id}/edit")).status == 404
    jon = await site.signed_in("jon")
    page = (await jon.get(f"/callbacks/{callback.id}/edit")).text
    steps = ["Callback moved", "Purpose of the callback changed", "Callback given to Trần Jon"]
    assert all(words in page for words in steps)


async def test_done_and_cancelled_can_be_taken_back(site):
    callback = await planned(site)
    mara = await site.signed_in("mara")
    for deed, state in (("done", State.DONE), ("cancel", State.CANCELLED)):
        answer = await mara.post(f"/callbacks/{callback.id}/{deed}", Accept="application/json")
        assert answer.status == 200 and f"/callbacks/{callback.id}/reopen" in answer.text
        assert [each.state for each in await callbacks(site)] == [state]

        await mara.post(f"/callbacks/{callback.id}/reopen")
        assert [each.state for each in await callbacks(site)] == [State.OPEN]


async def test_anyones_is_taken_by_one(site):
    callback = await planned(site, None)
    mara, jon = await site.signed_in("mara"), await site.signed_in("jon")

    assert (await mara.post(f"/callbacks/{callback.id}/claim")).status == 303
    answer = await jon.post(f"/callbacks/{callback.id}/claim", Accept="application/json")

    assert answer.status == 404  # it is Mara's now, and none of his business any more
    assert [each.user_id for each in await callbacks(site)] == [IDS["mara"]]


async def test_the_schedule_shows_mine_and_anyones_and_leads_see_the_teams(site):
    now = datetime.now(HANOI)
    noon = datetime.combine(now.date() + timedelta(days=1), time(12), HANOI)  # all of one week
    minutes, day = (noon - now) // timedelta(minutes=1), noon.date()
    await planned(site, "mara", minutes, purpose="Của Mara")
    await planned(site, "jon", minutes + 1, purpose="Của Jon")
    await planned(site, None, minutes + 2, purpose="Của chung")
    await planned(site, "kim", minutes + 3, purpose="Của Kim", department_id=2)
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")

    def whose(text):
        return set(re.findall(r"· (Của \w+)</span>", text))

    week = f"/callbacks/schedule?view=week&day={day}"
    assert whose((await mara.get(week)).text) == {"Của Mara", "Của chung"}
    assert whose((await mara.get(f"{week}&whose=all")).text) == {"Của Mara", "Của chung"}
    assert whose((await lea.get(f"{week}&whose=all")).text) == {"Của Mara", "Của Jon", "Của chung"}
    assert whose((await lea.get(f"{week}&whose={IDS['jon']}")).text) == {"Của Jon"}
    assert whose((await lea.get(f"{week}&whose=all&q=mara")).text) == {"Của Mara"}


async def test_what_was_not_done_yesterday_stands_above_today(site):
    await planned(site, "mara", -48 * 60)
    mara = await site.signed_in("mara")

    page = (await mara.get("/callbacks/schedule")).text

    assert "From days before" in page and "2 days late" in page


@pytest.mark.parametrize("query", ["day=soon", "day=0001-01-01"])
async def test_a_day_that_is_none_is_refused_in_words(site, query):
    mara = await site.signed_in("mara")

    answer = await mara.get(f"/callbacks/schedule?{query}")

    assert answer.status == 400 and "is not a day." in answer.text


async def test_missed_calls_and_callbacks_of_one_customer_are_one_line(site):
    customer = await site.customer("Trần Thị Mỹ Hạnh", "0912345678", owner="mara")
    await planned(site, "mara", -10, customer_id=customer.id)
    await missed(site)
    await missed(site)
    mara = await site.signed_in("mara")

    page = (await mara.get("/callbacks")).text

    assert page.count("<tr data-key=") == 1
    assert "Missed 2 times" in page and "Chốt báo giá" in page and "10 min late" in page
    kim = await site.signed_in("kim")
    assert "Nobody waits for a call." in (await kim.get("/callbacks")).text


async def test_the_owners_line_is_first_for_them_and_not_for_others(site):
    await site.customer("Của Jon", "0987654321", owner="jon")
    await missed(site, "0912345678")
    await missed(site, "0987654321", started_at=datetime.now(UTC) - timedelta(minutes=2))
    jon, mara = await site.signed_in("jon"), await site.signed_in("mara")

    keys = re.findall(r'<tr data-key="\+(\d+)"', (await jon.get("/callbacks")).text)
    assert keys == ["84987654321", "84912345678"]
    keys = re.findall(r'<tr data-key="\+(\d+)"', (await mara.get("/callbacks")).text)
    assert keys == ["84912345678"]
    assert "Của Jon" in (await mara.get("/callbacks?tab=all")).text


async def test_a_line_is_put_aside_with_a_reason_and_brought_back(site):
    await missed(site)
    mara = await site.signed_in("mara")
    path = "/callbacks/missed/+84912345678"
    refused = await mara.post(f"{path}/dismiss", {"reason": " "}, Accept="application/json")
    assert refused.status == 400 and "Say why" in refused.text

    await mara.post(f"{path}/dismiss", {"reason": "Sai số"})

    assert "Nobody waits for a call." in (await mara.get("/callbacks")).text
    assert "Sai số" in (await mara.get("/callbacks?tab=dismissed")).text
    await mara.post(f"{path}/bring-back")
    assert "<tr data-key=" in (await mara.get("/callbacks")).text


async def test_whoever_takes_a_line_has_it_alone(site):
    await missed(site)
    mara, jon = await site.signed_in("mara"), await site.signed_in("jon")
    path = "/callbacks/missed/+84912345678"

    assert (await mara.post(f"{path}/claim")).status == 303
    refused = await jon.post(f"{path}/claim", Accept="application/json")

    assert refused.status == 409 and "Nguyễn Mara has taken it already." in refused.text
    assert "<tr data-key=" not in (await jon.get("/callbacks")).text
    assert "Nguyễn Mara" in (await jon.get("/callbacks?tab=all")).text


async def test_who_keeps_a_place_in_a_queue_is_marked_in_the_inbox(site):
    await missed(site)
    mara = await site.signed_in("mara")
    chip = "Keeps a place in the queue"
    assert chip not in (await mara.get("/callbacks?tab=all")).text

    now = datetime.now(UTC)
    for each, number in enumerate(("+84987654321", "+84912345678")):
        place = KeptPlace(now - timedelta(minutes=5 - each), f"call-{each}", "sales", now)
        site.app[KEPT]._open[place.id] = Entry(place, number, number, now)
    page = (await mara.get("/callbacks?tab=all")).text

    assert chip in page and "1 before them" in page


async def test_a_missed_call_leads_to_its_page_for_whoever_may_see_that(site):
    await missed(site)
    for name, leads in ("mara", False), ("lea", True):
        page = (await (await site.signed_in(name)).get("/callbacks?tab=all")).text
        assert "Missed at" in page
        assert ('href="/calls/' in page.partition("Missed at")[0]) is leads, name


@pytest.mark.parametrize("path", ["/", "/callbacks", "/callbacks/schedule"])
async def test_what_comes_while_a_page_is_drawn_is_news_to_it(site, monkeypatch, path):
    drawn = queries.lines

    async def lines(*asked):
        found = await drawn(*asked)
        monkeypatch.setattr(queries, "lines", drawn)
        await missed(site)
        return found

    lea = await site.signed_in("lea")
    monkeypatch.setattr(queries, "lines", lines)

    page = await lea.get(path)

    assert queries.lines is drawn
    [shown] = re.findall(r'data-inbox="([^"]+)"', page.text)
    assert shown != site.app[INBOX].picture(IDS["lea"])
