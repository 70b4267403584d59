"""The board of the team: who sees what of it, and that it is told as it happens."""

import json
import re

import pytest

from callcenter.agents.comparison import Open
from callcenter.calls.call import Result
from callcenter.live.alarms import Failing
from callcenter.people.models import User
from callcenter.popups.team_news import TeamNews
from callcenter.tasks import running
from tests.live.house import ANH, BINH, CUONG, a_team, looks, rings, visitor, waits
from tests.popups.office import close_code


@pytest.fixture
async def place(sessions, engine):
    async with a_team(sessions, engine) as place:
        yield place


async def test_a_lead_is_told_of_their_own_people_and_queues_only(place):
    waits(place, "care", "c-care")
    waits(place, "sales", "c-sales")

    async with looks(place, "binh") as lead, looks(place, "boss") as boss:
        assert lead.agents.keys() == {ANH, BINH}
        assert lead.queues.keys() == {"sales"}
        assert lead.calls.keys() == {"c-sales"}
        assert boss.agents.keys() == {ANH, BINH, CUONG}
        assert boss.queues.keys() == {"sales", "care"}
        assert boss.calls.keys() == {"c-sales", "c-care"}


async def test_agents_may_not_look(place):
    agent = await visitor(place, "anh")

    for path in ("/live", "/live/events", f"/live/agents/{ANH}", "/live/put-right"):
        assert (await agent.get(path))[0] == 403
    assert (await agent.post(f"/live/agents/{ANH}", want="offline"))[0] == 403


async def test_a_call_is_shown_as_it_waits_rings_talks_and_ends(place):
    await place.presence.want(ANH, "ready")
    async with looks(place, "binh") as lead:
        call = waits(place)
        await lead.until(lambda told: told.calls.get("w1", {}).get("state") == "waiting")
        await lead.until(lambda told: told.queues["sales"].get("waiting") == 1)
        assert lead.queues["sales"]["longest"]

        call = rings(place, call, "201")
        await lead.until(lambda told: told.calls["w1"]["state"] == "ringing")
        await lead.until(lambda told: told.agents[ANH]["state"] == "ringing")
        assert lead.agents[ANH]["calls"] == ["w1"]
        assert lead.calls["w1"]["agents"] == [ANH]

        call = place.calls.answers(call, "201")
        await lead.until(lambda told: told.agents[ANH]["state"] == "talking")
        await lead.until(lambda told: not told.queues["sales"].get("waiting"))
        await lead.until(lambda told: told.calls["w1"].get("name") == "Trần Thị Mỹ Hạnh")

        place.calls.ends(call, result=Result.ANSWERED)
        await lead.until(lambda told: not told.calls)
        await lead.until(lambda told: told.agents[ANH]["state"] == "wrap_up")
        await lead.until(lambda told: told.queues["sales"].get("answered") == 1)


async def test_a_call_that_goes_to_another_department_leaves_the_leads_board(place):
    async with looks(place, "binh") as lead:
        call = waits(place)
        await lead.until(lambda told: "w1" in told.calls)
        rings(place, call, "203")
        await lead.until(lambda told: told.calls["w1"].get("agents") == [CUONG])
        assert CUONG not in lead.agents  # of the colleague elsewhere no more than the name


async def test_a_lead_sets_a_state_and_the_agent_is_told(place):
    lead = await visitor(place, "binh")
    async with place.page("anh") as agent, looks(place, "binh") as board:
        assert (await agent.receive_json(timeout=5))["type"] == "state"
        status, _ = await lead.post(f"/live/agents/{ANH}", json=True, want="break short")
        assert status == 200
        said = [await agent.receive_json(timeout=5) for _ in range(2)]
        await board.until(lambda told: told.agents[ANH]["state"] == "break")

    note = next(each for each in said if each["type"] == "note")
    assert (note["what"], note["state"], note["by"]) == ("state-set", "break", "Lê Thị Bình")
    assert board.agents[ANH]["reason"] == "short"
    assert board.agents[ANH]["cause"] == {
        "text": "set by {name}",
        "values": {"name": "Lê Thị Bình"},
    }
    await place.presence.drain()
    _, diary = await lead.get(f"/live/agents/{ANH}")
    assert "set by Lê Thị Bình" in diary


async def test_what_cannot_be_set_is_refused_in_words_and_whoever_is_not_theirs_is_not_there(place):
    lead = await visitor(place, "binh")

    place.presence.phone_changed("201", "unreachable")
    status, said = await lead.post(f"/live/agents/{ANH}", json=True, want="ready")
    assert status == 409
    assert "The phone of Nguyễn Ngọc Ánh is not connected." in said
    for wrong in ("", "asleep", "break golf"):
        assert (await lead.post(f"/live/agents/{ANH}", want=wrong))[0] == 400
    for path in (f"/live/agents/{CUONG}", "/live/agents/99"):
        assert (await lead.get(path))[0] == 404
        assert (await lead.post(path, want="offline"))[0] == 404
    assert place.presence.of(CUONG).state == "offline"


async def test_whoever_is_no_lead_any_more_is_sent_away(place):
    boss = await visitor(place, "boss")
    async with looks(place, "binh") as lead:
        async with place.sessions.begin() as session:
            (await session.get_one(User, BINH)).role = "agent"
        await place.directory.load(place.sessions)

        assert await close_code(lead.socket) == 4002
    assert (await boss.get("/live"))[0] == 200


async def test_whoever_moves_to_another_department_is_told_the_whole_of_what_they_see_now(place):
    async with looks(place, "boss") as boss, looks(place, "binh") as lead:
        async with place.sessions.begin() as session:
            (await session.get_one(User, BINH)).department_id = 2
        await place.directory.load(place.sessions)

        await lead.until(lambda told: told.agents.keys() == {BINH, CUONG})
        assert lead.queues.keys() == {"care"}
        await boss.until(lambda told: told.agents[BINH]["department"] == 2)


async def test_a_page_is_told_every_second_that_there_is_nothing_new(place):
    async with looks(place, "binh") as lead:
        await lead.until(lambda told: told.told[-1] == {"type": "no news"})


async def test_a_sign_in_that_is_over_closes_its_pages(place):
    async with looks(place, "binh") as lead:
        [session] = place.team.sessions
        async with looks(place, "boss") as boss:
            place.team.sign_out(session)

            assert await close_code(lead.socket) == 4002
            await boss.hears()


async def test_what_was_out_of_step_is_shown_in_words(place):
    place.presence.lines.note("gone", ANH, queue="Sales queue", state="ready")
    place.presence.lines.note("phone", CUONG, was="reachable", now="unreachable")
    place.presence.lines.note("unknown", None, number="0912345678")
    await place.presence.drain()

    _, lead = await (await visitor(place, "binh")).get("/live/put-right")
    _, boss = await (await visitor(place, "boss")).get("/live/put-right")

    assert "missing in Sales queue → stands there again" in lead
    assert "phone not connected" not in lead and "0912345678" not in lead
    assert "shown as: phone connected → shown as: phone not connected" in boss
    assert "a call with 0912345678 was not shown → shown" in boss


async def test_what_is_out_of_step_counts_for_whoever_leads_the_agent(place):
    place.comparison.open = [Open(CUONG, "queues"), Open(None, "call")]

    _, lead = await (await visitor(place, "binh")).get("/live/put-right")
    _, boss = await (await visitor(place, "boss")).get("/live/put-right")

    assert "Out of step: 0" in lead
    assert "Out of step: 2" in boss and "being put right: Phạm Văn Cường" in boss
    async with looks(place, "binh") as board, looks(place, "boss") as all_of_it:
        assert board.house == {"exchange": True}
        assert all_of_it.house == {"exchange": True, "out_of_step": 2}


async def test_an_exchange_that_is_away_is_said(place):
    place.exchange.connected = False

    _, page = await (await visitor(place, "boss")).get("/live/put-right")

    assert "Out of step" not in page
    assert "The exchange does not answer." in page
    async with looks(place, "boss") as board:
        assert board.house == {"exchange": False}
        place.exchange.connected = True
        await board.until(lambda told: told.house["exchange"])


async def test_every_change_is_kept_with_its_cause_in_words(place):
    await place.presence.want(ANH, "ready")
    call = place.calls.answers(place.calls.rings("201"), "201")
    await place.presence.want(ANH, "break", "lunch")
    place.calls.ends(call)
    await place.presence.drain()

    _, page = await (await visitor(place, "binh")).get(f"/live/agents/{ANH}")

    words = re.sub(r"<[^>]+>|\s+", " ", page)
    for each in ("Ready", "Ringing", "In a call", "After the call", "by a call"):
        assert each in words
    assert "Lunch, after this call" in words


async def test_pages_of_leads_are_told_that_something_was_put_right(place):
    news = TeamNews(place.directory, place.desk, place.presence.lines, place.comparison)
    async with running(news.run(), "news"), place.page("binh") as lead, place.page("anh") as anh:
        await lead.receive_json(timeout=5)
        await anh.receive_json(timeout=5)
        place.presence.lines.note("gone", ANH, queue="Sales queue", state="ready")
        assert (await lead.receive_json(timeout=5))["type"] == "put-right"

        place.desk.tell(ANH, {"type": "the next"})
        assert (await anh.receive_json(timeout=5))["type"] == "the next"


async def test_an_alert_is_shown_told_to_leads_and_silenced(place):
    binh, anh = await visitor(place, "binh"), await visitor(place, "anh")
    async with (
        place.page("binh") as lead,
        place.page("anh") as agent,
        looks(place, "binh") as board,
    ):
        assert (await lead.receive_json(timeout=5))["alarms"] == []
        assert (await agent.receive_json(timeout=5))["alarms"] == []
        waits(place, ago_s=61)
        told = await lead.receive_json(timeout=5)
        await board.until(lambda told: told.alarms)
        [alarm] = board.alarms
        assert told["type"] == "alarms" and told["alarms"] == [alarm]
        assert (alarm["queue"], alarm["kind"], alarm["limit"]) == ("sales", "wait", 60)

        assert (await binh.post("/live/alerts/sales/wait", json=True))[0] == 200
        await board.until(lambda told: told.alarms[0].get("silenced") == "Lê Thị Bình")
        assert (await lead.receive_json(timeout=5))["alarms"][0]["silenced"] == "Lê Thị Bình"
        assert (await anh.post("/live/alerts/sales/wait"))[0] == 403
        for gone in "care/wait", "sales/abandoned":
            assert (await binh.post(f"/live/alerts/{gone}"))[0] == 404

        place.desk.tell(ANH, {"type": "the next"})
        assert (await agent.receive_json(timeout=5))["type"] == "the next"


async def test_programs_are_told_what_the_board_of_their_lead_shows_now(place):
    waits(place, "care", "c-care")
    waits(place, "sales", "c-sales", ago_s=120)
    place.team.failing = lambda: [Failing("viettel", "Viettel", "refused")]
    place.team.publish()
    lead, agent = await visitor(place, "binh"), await visitor(place, "anh")

    status, text = await lead.get("/api/v1/live")
    told = json.loads(text)

    assert status == 200
    assert [each["call_id"] for each in told["calls"]] == ["c-sales"]
    assert [each["name"] for each in told["queues"]] == ["sales"]
    assert {(each["kind"], each["title"]) for each in told["alarms"]} >= {("trunk", "Viettel")}
    assert told["past"] == []
    assert (await agent.get("/api/v1/live"))[0] == 403
