"""Who may listen to whom, in which way, and when it ends: the leads Lea (sales) and root (all)."""

import asyncio

import asyncpg
import pytest

from callcenter.calls.events import DialBegan, RecordingPaused, SpyingBegan
from callcenter.errors import Conflict, ExchangeUnavailable, Missing
from callcenter.listening import ends, log
from callcenter.listening import listenings as room
from callcenter.listening.log import Log
from callcenter.people.models import User
from callcenter.tasks import running
from tests.listening.house import ROOT, a_house
from tests.pages.site import IDS


@pytest.fixture
async def house(sessions, monkeypatch):
    monkeypatch.setattr(room, "SETTLED_S", 0.0)
    monkeypatch.setattr(ends, "GRACE_S", 0.0)
    async with a_house(sessions) as house:
        yield house


async def test_a_lead_hears_an_agent_of_the_own_department_and_of_those_below(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)
    assert house.wishes.asked == [("call", "210", agent.name)]
    assert (house.shown("lea")["where"], house.shown("lea")["agent"]) == ("on", "Nguyễn Mara")

    below, _ = house.talk("203", "0987654321")
    await house.listens("root", below)
    assert house.shown("root")["agent"] == "Vũ Tom"


@pytest.mark.parametrize("name", ["lea", "mara"])
async def test_who_may_not_see_the_agent_is_told_that_there_is_no_such_call(house, name):
    customer, _ = house.talk("204")  # Kim works in care

    with pytest.raises(Missing):
        await house.listenings.want(house.who(name), customer.ccid, "listen")

    assert await house.lines() == []


async def test_no_agent_listens_to_themselves_and_no_lead_to_a_call_of_their_own(house):
    leas, _ = house.talk("210")
    maras, _ = house.talk("201", "0987654321")

    for name, call in ("lea", leas), ("mara", maras):
        with pytest.raises(Conflict, match="You are in this call yourself"):
            await house.listenings.want(house.who(name), call.ccid, "listen")


async def test_a_lead_in_a_call_of_their_own_is_refused_in_words_and_nothing_is_written(house):
    customer, _ = house.talk("201")
    house.refused[IDS["lea"]] = Conflict("You are in a call. Hang up first.")

    with pytest.raises(Conflict, match="Hang up first"):
        await house.listenings.want(house.who("lea"), customer.ccid, "listen")

    assert (house.shown("lea"), await house.lines(), house.wishes.asked) == (None, [], [])


async def test_whoever_begins_only_listens(house):
    customer, _ = house.talk("201")
    for way in ("whisper", "join", "take_over"):
        with pytest.raises(Conflict, match="Listen first"):
            await house.listenings.want(house.who("lea"), customer.ccid, way)


async def test_it_is_written_down_before_the_phone_rings_and_closed_when_that_fails(house):
    customer, _ = house.talk("201")
    house.wishes.refuses = True

    with pytest.raises(Conflict):
        await house.listenings.want(house.who("lea"), customer.ccid, "listen")

    assert house.shown("lea") is None
    assert await house.lines() == [("lea", "mara", "listen", True, True)]


async def test_each_way_is_asked_of_the_exchange_and_written_down(house):
    customer, agent = house.talk("201")
    lead = await house.listens("lea", customer)
    lea, call_id = house.who("lea"), customer.ccid

    await house.listenings.want(lea, call_id, "whisper")
    await house.listenings.want(lea, call_id, "join")
    for leg in customer, agent:
        leg.leaves(12)
    house.into_room(12, agent, lead, customer)
    await house.listenings.want(lea, call_id, "listen")
    lead.leaves(14, "room")
    await house.listenings.stop(lea, call_id)

    assert house.wishes.asked[1:] == [
        ("whisper", "210", agent.name),
        ("open", "201"),
        ("join", "210"),
        ("hear", "210", agent.name),
        ("hang up", "210"),
    ]
    ways = [way for _, _, way, _, is_over in await house.lines() if is_over]
    assert ways == ["listen", "whisper", "join", "listen"]
    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "")


async def test_an_agent_is_told_or_not_as_the_company_wants_and_of_who_speaks_always(house):
    house.agents_know = False
    customer, _ = house.talk("201")
    await house.listens("lea", customer)
    assert house.news("mara") == {"type": "heard", "heard": []}

    await house.listenings.want(house.who("lea"), customer.ccid, "whisper")
    [heard] = house.news("mara")["heard"]
    assert (heard["by"], heard["way"]) == ("Lê Thị Lea", "whisper")
    assert [told for *_, told, _ in await house.lines()] == [False, True]

    await house.listenings.want(house.who("lea"), customer.ccid, "listen")
    assert house.news("mara")["heard"] == []
    house.agents_know = True
    assert house.listenings.state(IDS["mara"])["heard"][0]["way"] == "listen"


async def test_who_takes_over_talks_and_listens_no_more(house):
    customer, agent = house.talk("201")
    lead = await house.listens("lea", customer)

    await house.listenings.want(house.who("lea"), customer.ccid, "take_over")
    agent.leaves(12).ends(12)
    customer.leaves(12)
    house.into_room(12.2, lead, customer)
    await house.settled()

    assert house.wishes.asked[-1] == ("open", "210")
    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "taken")
    assert [m["what"] for who, m in house.told if who == IDS["mara"] and "what" in m] == [
        "taken-over"
    ]
    assert [way for _, _, way, _, is_over in await house.lines() if is_over] == [
        "listen",
        "take_over",
    ]
    assert house.exchange.call.agents == ("201", "210")


async def test_who_joined_and_stays_with_the_customer_has_taken_the_call_over(house):
    customer, agent = house.talk("201")
    lead = await house.listens("lea", customer)
    await house.listenings.want(house.who("lea"), customer.ccid, "join")
    for leg in customer, agent:
        leg.leaves(12)
    house.into_room(12, agent, lead, customer)

    agent.asks(20).leaves(20, "room").ends(20)
    await house.settled()

    assert house.wishes.asked[-1] == ("give", "210")
    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "taken")


async def test_of_two_leads_who_stay_with_the_customer_the_first_has_the_call(house):
    customer, agent = house.talk("201")
    lea, root = await house.listens("lea", customer), await house.listens("root", customer)
    for name in "lea", "root":
        await house.listenings.want(house.who(name), customer.ccid, "join")
    for leg in customer, agent:
        leg.leaves(12)
    house.into_room(12, agent, lea, root, customer)

    agent.asks(20).leaves(20, "room").ends(20)
    await house.settled()

    assert (house.shown("lea"), house.news("lea", "listening")["why"]) == (None, "taken")
    assert (house.shown("root")["agent"], house.shown("root")["way"]) == ("Lê Thị Lea", "listen")
    assert [heard["by"] for heard in house.news("lea")["heard"]] == ["Root"]
    assert house.wishes.asked[-2:] == [("give", "210"), ("hear", ROOT, lea.name)]
    taken = [who for who, _, way, *_ in await house.lines() if way == "take_over"]
    assert taken == ["lea"]


async def test_whoever_only_listens_hears_the_lead_who_has_stayed_with_the_customer(house):
    customer, agent = house.talk("201")
    lea, _ = await house.listens("lea", customer), await house.listens("root", customer)
    await house.listenings.want(house.who("lea"), customer.ccid, "join")
    for leg in customer, agent:
        leg.leaves(12)
    house.into_room(12, agent, lea, customer)

    agent.asks(20).leaves(20, "room").ends(20)
    await house.settled()

    assert house.wishes.asked[-1] == ("hear", ROOT, lea.name)
    assert (house.shown("root")["where"], house.shown("root")["agent"]) == ("on", "Lê Thị Lea")


async def test_two_leads_are_with_one_call_and_only_one_takes_it_over(house):
    customer, agent = house.talk("201")
    lea, root = await house.listens("lea", customer), await house.listens("root", customer)
    assert [heard["by"] for heard in house.news("mara")["heard"]] == ["Lê Thị Lea", "Root"]

    first, second = await asyncio.gather(
        *(house.listenings.want(house.who(n), customer.ccid, "take_over") for n in ("lea", "root")),
        return_exceptions=True,
    )
    assert str(second) == "Lê Thị Lea has just taken this call over."
    agent.leaves(12).ends(12)
    customer.leaves(12)
    house.into_room(12.2, lea, customer)
    await house.settled()

    assert house.wishes.asked[-1] == ("hear", ROOT, lea.name)  # of whoever has the customer now
    assert (house.shown("root")["agent"], house.shown("root")["way"]) == ("Lê Thị Lea", "listen")
    assert first and root


async def test_two_leads_join_one_room(house):
    customer, _ = house.talk("201")
    await house.listens("lea", customer), await house.listens("root", customer)

    await asyncio.gather(
        *(house.listenings.want(house.who(n), customer.ccid, "join") for n in ("lea", "root"))
    )

    assert house.wishes.asked[2:] == [("open", "201"), ("join", "210"), ("join", ROOT)]


async def test_a_lead_goes_on_listening_to_a_colleague_who_gets_the_customer(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)
    await house.listenings.want(house.who("lea"), customer.ccid, "whisper")

    other = house.transferred(customer, agent, "202")
    await house.settled()

    assert house.wishes.asked[-1] == ("hear", "210", other.name)  # and is heard by nobody
    assert (house.shown("lea")["agent"], house.shown("lea")["way"]) == ("Trần Jon", "listen")
    assert house.news("mara") == {"type": "heard", "heard": []}
    assert [(agent, way) for _, agent, way, *_ in await house.lines()] == [
        ("mara", "listen"),
        ("mara", "whisper"),
        ("jon", "listen"),
    ]


async def test_a_transfer_to_somebody_out_of_reach_ends_it_with_a_sentence(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)

    house.transferred(customer, agent, "204")  # Kim works in care
    await house.settled()

    assert house.wishes.asked[-1] == ("hang up", "210")
    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "not-yours")


async def test_rights_are_asked_at_each_switch(house):
    customer, _ = house.talk("201")
    await house.listens("lea", customer)
    async with house.sessions.begin() as session:
        (await session.get_one(User, IDS["lea"])).role = "agent"
    await house.directory.load(house.sessions)

    with pytest.raises(Missing):
        await house.listenings.want(house.who("lea"), customer.ccid, "whisper")


async def test_while_nobody_has_the_customer_a_lead_waits_and_cannot_speak(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)

    agent.leaves(20).ends(20)
    customer.leaves(20)
    ringing = house.exchange.dials(20, "202", customer).rings(20)
    await house.settled()

    assert house.shown("lea")["where"] == "waiting"
    with pytest.raises(Conflict, match="Nobody talks"):
        await house.listenings.want(house.who("lea"), customer.ccid, "join")
    ringing.answers(22)
    house.exchange.talk(22, customer, ringing)
    await house.settled()
    assert (house.shown("lea")["where"], house.shown("lea")["agent"]) == ("on", "Trần Jon")


async def test_nobody_joins_while_the_agent_asks_somebody(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)
    customer.leaves(12)
    agent.leaves(12)
    customer.enters(12.2, "room")
    house.exchange.dials(12.3, "202", agent).rings(13)

    for way in ("join", "take_over"):
        with pytest.raises(Conflict, match="Nguyễn Mara is asking somebody"):
            await house.listenings.want(house.who("lea"), customer.ccid, way)


async def test_nobody_joins_while_the_recording_is_paused(house):
    customer, _ = house.talk("201")
    await house.listens("lea", customer)
    customer.says(RecordingPaused, 12, on=True)

    for way in ("join", "take_over"):
        with pytest.raises(Conflict, match="The recording is paused"):
            await house.listenings.want(house.who("lea"), customer.ccid, way)
    await house.listenings.want(house.who("lea"), customer.ccid, "whisper")


async def test_it_ends_with_the_call(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)

    agent.asks(20).ends(20)
    customer.ends(20)
    await house.settled()

    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "over")
    assert house.wishes.asked[-1] == ("hang up", "210")
    assert [is_over for *_, is_over in await house.lines()] == [True]


async def test_a_phone_that_still_rings_when_the_call_is_over_rings_no_more(house):
    customer, agent = house.talk("201")
    await house.listenings.want(house.who("lea"), customer.ccid, "listen")

    await house.ends(customer, agent)

    assert house.wishes.asked[-1] == ("hang up", "210")
    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "over")


async def test_a_lead_who_stops_before_the_exchange_has_called_them_is_hung_up_on(house):
    customer, _ = house.talk("201")
    lea = house.who("lea")
    house.wishes.meanwhile = lambda: house.listenings.stop(lea, customer.ccid)

    await house.listenings.want(lea, customer.ccid, "listen")
    [channel_id] = house.wishes.calling
    house.listenings.answered(channel_id, True)
    await house.settled()

    assert house.wishes.asked[-1] == ("hang up", "210")
    assert house.shown("lea") is None
    assert await house.lines() == [("lea", "mara", "listen", True, True)]


async def test_nobody_is_called_for_a_call_that_ends_while_it_is_written_down(house):
    customer, agent = house.talk("201")

    class Slow(Log):
        async def begin(self, visit, told):
            agent.asks(20).ends(20)
            customer.ends(20)
            await super().begin(visit, told)

    house.listenings.log = slow = Slow(house.sessions)
    async with running(slow.write(), "who listened"):
        await house.listenings.want(house.who("lea"), customer.ccid, "listen")
        await house.settled()

        assert not house.wishes.calling
        assert (house.shown("lea"), house.news("lea")["why"]) == (None, "over")
        assert await house.lines() == [("lea", "mara", "listen", True, True)]


async def test_a_call_that_ends_while_a_lead_goes_on_in_another_way_leaves_nothing_open(house):
    customer, agent = house.talk("201")
    await house.listens("lea", customer)

    async def both_hang_up():
        agent.asks(20).ends(20)
        customer.ends(20)

    house.wishes.meanwhile = both_hang_up
    await house.listenings.want(house.who("lea"), customer.ccid, "whisper")
    await house.settled()

    assert house.shown("lea") is None
    assert all(is_over for *_, is_over in await house.lines())


async def test_a_lead_who_hangs_up_as_soon_as_they_have_answered_listens_no_more(house):
    customer, _ = house.talk("201")
    await house.listenings.want(house.who("lea"), customer.ccid, "listen")
    [channel_id] = house.wishes.calling
    lead = house.exchange.originates(10, "210", channel_id, ccid=customer.ccid)

    lead.answers(11).says(SpyingBegan, 11).asks(11).ends(11)
    await house.settled()

    assert house.shown("lea") is None
    assert [is_over for *_, is_over in await house.lines()] == [True]


async def test_nobody_goes_on_listening_when_the_service_ends(house):
    customer, _ = house.talk("201")
    await house.listens("lea", customer)

    await house.listenings.ends.all_leave()

    assert house.wishes.asked[-1] == ("hang up", "210")
    assert [is_over for *_, is_over in await house.lines()] == [True]


async def test_a_lead_who_hangs_up_or_whose_page_goes_listens_no_more(house):
    customer, _ = house.talk("201")
    lead = await house.listens("lea", customer)
    lead.asks(20).ends(20)
    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "")

    await house.listens("root", customer)
    house.listenings.ends.lost(ROOT, False, lambda: True)
    await house.settled()
    assert house.shown("root")
    house.listenings.ends.lost(ROOT, False, lambda: False)
    await house.settled()
    assert (house.shown("root"), house.news("root")["why"]) == (None, "page-lost")
    assert house.wishes.asked[-1] == ("hang up", ROOT)


async def test_who_has_taken_the_call_over_keeps_it_whatever_ends_a_listening(house):
    customer, agent = house.talk("201")
    lead = await house.listens("lea", customer)
    house.listenings.ends.page_moved(IDS["lea"], 0)  # it will be looked at in a moment

    await house.listenings.want(house.who("lea"), customer.ccid, "take_over")
    agent.leaves(12).ends(12)
    customer.leaves(12)
    house.into_room(12.2, lead, customer)
    await house.settled()

    assert ("hang up", "210") not in house.wishes.asked


async def test_a_lead_at_a_desk_phone_listens_as_long_as_one_of_their_pages_is_open(house):
    customer, _ = house.talk("201")
    await house.listens("lea", customer)
    ends, open_pages = house.listenings.ends, {IDS["lea"]}
    ends.has_page = open_pages.__contains__

    ends.page_moved(IDS["lea"], 0)  # it is loaded again
    await house.settled()
    assert house.shown("lea")
    open_pages.clear()
    ends.page_moved(IDS["lea"], 0)
    await house.settled()

    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "page-lost")


async def test_a_lead_who_may_no_more_hears_no_more(house):
    customer, _ = house.talk("201")
    await house.listens("lea", customer)
    house.listenings.ends.people_changed()
    await house.settled()
    assert house.shown("lea")

    async with house.sessions.begin() as session:
        (await session.get_one(User, IDS["mara"])).department_id = 2  # she works in care now
    await house.directory.load(house.sessions)
    house.listenings.ends.people_changed()
    await house.settled()

    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "not-yours")


async def test_a_phone_that_is_not_answered_ends_it_in_words(house):
    customer, _ = house.talk("201")
    await house.listenings.want(house.who("lea"), customer.ccid, "listen")
    [channel_id] = house.wishes.calling
    with pytest.raises(Conflict, match="not answered yet"):
        await house.listenings.want(house.who("lea"), customer.ccid, "whisper")

    house.listenings.answered(channel_id, False)
    await house.settled()

    assert (house.shown("lea"), house.news("lea")["why"]) == (None, "no-answer")


async def test_one_call_at_a_time(house):
    customer, _ = house.talk("201")
    other, _ = house.talk("202", "0987654321")
    await house.listens("lea", customer)

    with pytest.raises(Conflict, match="another call"):
        await house.listenings.want(house.who("lea"), other.ccid, "listen")
    with pytest.raises(Missing):
        await house.listenings.stop(house.who("lea"), other.ccid)


class Away:
    """Sessions of a database that is starting when it is asked for the next one."""

    def __init__(self, sessions):
        self._sessions, self.times = sessions, 0

    def begin(self):
        if self.times:
            self.times -= 1
            raise asyncpg.CannotConnectNowError("the database system is starting up")
        return self._sessions.begin()


async def test_what_a_database_that_is_away_misses_is_written_once_it_is_there(house, monkeypatch):
    monkeypatch.setattr(log, "PATIENCE", 0.0)
    away = Away(house.sessions)
    house.listenings.log = patient = Log(away)
    async with running(patient.write(), "who listened"):
        customer, agent = house.talk("201")
        await house.listens("lea", customer)
        away.times = 1

        await house.ends(customer, agent)

        assert [is_over for *_, is_over in await house.lines()] == [True]
    assert away.times == 0


async def test_without_an_exchange_nobody_listens(house):
    customer, _ = house.talk("201")
    house.listenings.at.exchange = None

    with pytest.raises(ExchangeUnavailable):
        await house.listenings.want(house.who("lea"), customer.ccid, "listen")


async def test_a_phone_that_nobody_knows_of_after_a_restart_is_hung_up(house):
    customer, _ = house.talk("201")
    leg = house.exchange.originates(8, "210", "listen-old", ccid=customer.ccid).answers(9)
    leg.says(DialBegan, 9)

    await house.listenings.ends.after_login()

    assert house.wishes.asked == [("hang up", leg.name)]
