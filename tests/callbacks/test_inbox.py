"""The inbox in memory: it hears the journal, the clock and people, and tells open pages."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from callcenter.callbacks import changes, queries
from callcenter.callbacks.inbox import Inbox
from callcenter.callbacks.models import Callback, State
from callcenter.calls.models import CallRecord
from callcenter.calls.rows import NOTHING
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.keys import DIRECTORY, INBOX, KEPT
from callcenter.parts import open_with
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.settings.models import Queue
from tests.callbacks.nobody import keeps_a_place, no_kept_places

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ANH, BINH = "+84912345678", "+84987654321"
LEA, MARA, JON, KIM = 1, 2, 3, 4
SALES, CARE = 1, 2


class House:
    """An inbox with a clock of its own; `heard` is what was told to whose page, in order."""

    def __init__(self, sessions, directory):
        self.sessions, self.directory = sessions, directory
        self.now = NOW
        self.pages = {LEA, MARA, JON, KIM}
        self.ready = {MARA, JON, KIM}
        self.heard = []
        self.inbox = Inbox(
            sessions,
            directory,
            tell=lambda user_id, message: self.heard.append((user_id, message)),
            pages=lambda: self.pages,
            ready=lambda user_id: user_id in self.ready,
            now=lambda: self.now,
        )

    async def call(self, call_id, direction="inbound", result="abandoned", key=ANH, **more):
        """A call is written down, and the journal tells of it."""
        talks = result == "answered"
        values = {
            "call_id": call_id,
            "direction": direction,
            "state": "ended",
            "number": key,
            "number_key": key,
            "queue": "sales" if direction == "inbound" else None,
            "department_id": SALES,
            "started_at": self.now,
            "answered_at": self.now if talks else None,
            "ended_at": self.now + timedelta(seconds=30),
            "result": result,
            **more,
        }
        async with self.sessions.begin() as session:
            await session.merge(CallRecord(**values))
        self.inbox.written([NOTHING._replace(**values)])
        await self.settle()

    async def plan(self, at=timedelta(hours=1), by=MARA, **more):
        plan = changes.Plan(
            **{
                "number": ANH,
                "at": self.now + at,
                "user_id": by,
                "department_id": SALES,
                **more,
            }
        )
        async with self.sessions.begin() as session:
            callback = await changes.make(session, plan, by or MARA, self.now)
        await self.inbox.changed(callback.id)
        return callback.id

    async def settle(self):
        await self.inbox.catch_up()
        await self.inbox.tell()

    async def later(self, by):
        self.now += by
        await self.settle()

    def shows(self, user_id):
        """The ids of the reminders on that user's page."""
        return [each["id"] for each in self.inbox.state(user_id)["reminders"]]

    def missed(self, user_id):
        return self.inbox.state(user_id)["inbox"]["missed"]

    async def state(self, callback_id):
        async with self.sessions() as session:
            return (await session.get(Callback, callback_id)).state

    async def customer(self, name, key=ANH, owner=None):
        async with self.sessions.begin() as session:
            customer = Customer(
                code=name,
                name=name,
                search_key=name.lower(),
                owner_id=owner,
                created_at=NOW,
                updated_at=NOW,
            )
            session.add(customer)
            await session.flush()
            session.add(
                CustomerPhone(
                    customer_id=customer.id, number_key=key, raw=key, reversed_digits=key[::-1]
                )
            )
            return customer.id


@pytest.fixture
async def house(sessions):
    async with sessions.begin() as session:
        session.add_all([Department(id=SALES, name="Sales"), Department(id=CARE, name="Care")])
        await session.flush()
        session.add(Queue(name="sales", title="Bán hàng", department_id=SALES))
        session.add_all(
            User(id=id, username=name, name=name.title(), password="", role=role, department_id=d)
            for id, name, role, d in (
                (LEA, "lea", "team_lead", SALES),
                (MARA, "mara", "agent", SALES),
                (JON, "jon", "agent", SALES),
                (KIM, "kim", "agent", CARE),
            )
        )
    directory = Directory()
    await directory.load(sessions)
    house = House(sessions, directory)
    await house.inbox.load()
    return house


async def test_a_missed_call_is_told_to_the_pages_of_its_queue_and_to_no_other(house):
    await house.inbox.tell()
    house.heard.clear()

    await house.call("1")

    assert {user_id for user_id, _ in house.heard} == {LEA, MARA, JON}
    assert [house.missed(each) for each in (LEA, MARA, JON, KIM)] == [1, 1, 1, 0]


async def test_any_agents_outgoing_call_takes_it_from_all_pages(house):
    await house.call("1")
    house.now += timedelta(minutes=5)

    await house.call("2", "outbound", "no_answer", department_id=CARE)
    assert house.missed(MARA) == 1
    house.now += timedelta(minutes=5)
    await house.call("3", "outbound", "answered", department_id=CARE, user_id=KIM)

    assert [house.missed(each) for each in (LEA, MARA, JON)] == [0, 0, 0]
    assert house.heard[-1][1]["inbox"]["missed"] == 0


async def test_nothing_is_told_when_nothing_changes(house):
    await house.call("1")
    house.heard.clear()

    await house.settle()

    assert house.heard == []


async def test_an_owners_missed_call_is_theirs_first_and_then_everybodys(house):
    await house.customer("Anh", owner=JON)
    await house.call("1")

    assert [house.missed(each) for each in (LEA, MARA, JON)] == [1, 0, 1]
    await house.later(timedelta(minutes=31))
    assert house.missed(MARA) == 1


async def test_a_line_follows_its_number_to_another_customer(house):
    await house.call("1")
    await house.customer("Anh", owner=JON)

    house.inbox.customers_changed([ANH])
    await house.settle()

    [line] = house.inbox.missed(house.directory.scope_of(house.directory.person(JON)))
    assert (line.name, house.missed(MARA)) == ("Anh", 0)


async def test_a_callback_pops_up_at_its_time_and_not_before(house):
    callback = await house.plan()
    assert house.shows(MARA) == []

    await house.later(timedelta(minutes=59))
    assert house.shows(MARA) == []
    await house.later(timedelta(minutes=1))

    assert house.shows(MARA) == [callback]
    assert house.shows(JON) == []
    user_id, message = house.heard[-1]
    assert user_id == MARA and message["reminders"][0]["number"] == "0912345678"


async def test_after_a_restart_what_came_due_meanwhile_pops_up(house):
    callback = await house.plan()
    house.now += timedelta(days=2)
    again = House(house.sessions, house.directory)
    again.now = house.now

    await again.inbox.load()
    await again.inbox.tell()

    assert again.shows(MARA) == [callback]


async def test_later_puts_the_reminder_off_and_leaves_what_was_agreed(house):
    callback = await house.plan()
    await house.later(timedelta(hours=1))
    async with house.sessions.begin() as session:
        row = await session.get(Callback, callback)
        changes.later(session, row, 15, MARA, house.now)
    await house.inbox.changed(callback)

    assert house.shows(MARA) == []
    await house.later(timedelta(minutes=15))
    assert house.shows(MARA) == [callback]
    assert row.at == NOW + timedelta(hours=1)


async def test_a_moved_callback_pops_up_at_its_new_time_only(house):
    callback = await house.plan()
    async with house.sessions.begin() as session:
        row = await session.get(Callback, callback)
        changes.move(session, row, NOW + timedelta(hours=3), MARA, house.now)
    await house.inbox.changed(callback)

    await house.later(timedelta(hours=2))
    assert house.shows(MARA) == []
    await house.later(timedelta(hours=1))
    assert house.shows(MARA) == [callback]


async def test_anyones_is_offered_to_one_ready_agent_at_a_time(house):
    callback = await house.plan(by=None)

    await house.later(timedelta(hours=1))
    assert (house.shows(MARA), house.shows(JON), house.shows(KIM)) == ([callback], [], [])
    await house.later(timedelta(seconds=61))
    assert (house.shows(MARA), house.shows(JON)) == ([], [callback])


async def test_anyones_goes_on_when_the_one_asked_gets_a_call_or_says_no(house):
    callback = await house.plan(by=None)
    await house.later(timedelta(hours=1))

    house.ready.discard(MARA)
    await house.settle()
    assert house.shows(JON) == [callback]
    house.inbox.agenda.pass_on(callback, JON, house.now)
    await house.settle()
    assert house.shows(JON) == house.shows(MARA) == []

    house.ready.add(MARA)
    await house.settle()
    assert house.shows(MARA) == [callback]


async def test_without_anybody_ready_anyones_waits_in_the_inbox_of_all(house):
    house.ready.clear()
    await house.plan(by=None)

    await house.later(timedelta(hours=1))

    assert [house.inbox.state(each)["inbox"]["due"] for each in (LEA, MARA, JON, KIM)] == [
        *(1, 1, 1, 0)
    ]
    assert house.shows(MARA) == []


async def test_of_two_who_take_it_one_gets_it_and_the_one_asked_is_told(house):
    callback = await house.plan(by=None)
    await house.later(timedelta(hours=1))
    jon = house.directory.person(JON)
    async with house.sessions.begin() as session:
        row = await session.get(Callback, callback)
        await changes.claim(session, row, jon, house.directory, house.now)
    await house.inbox.taken(callback, jon)

    assert (house.shows(MARA), house.shows(JON)) == ([], [callback])
    told = [message for user_id, message in house.heard if message["type"] == "note"]
    assert [(m["what"], m["by"]) for m in told] == [("callback-claimed", "Jon")]
    async with house.sessions.begin() as session:
        row = await session.get(Callback, callback)
        with pytest.raises(changes.Conflict) as refused:
            mara = house.directory.person(MARA)
            await changes.claim(session, row, mara, house.directory, house.now)
    assert str(refused.value) == "Jon has taken this callback already."


async def test_a_talk_closes_what_was_due_and_leaves_what_is_for_another_day(house):
    due, other_day = await house.plan(), await house.plan(timedelta(days=1))
    await house.later(timedelta(hours=1))

    await house.call("1", "outbound", "answered", user_id=JON)

    assert await house.state(due) == State.DONE
    assert await house.state(other_day) == State.OPEN
    assert house.shows(MARA) == []
    async with house.sessions() as session:
        [*_, last] = await queries.changes_of(session, due)
        row = await session.get(Callback, due)
    assert (last.what, last.user_id, row.closing_call_id) == ("done", None, "1")


async def test_a_call_that_reaches_nobody_leaves_the_callback(house):
    callback = await house.plan()
    await house.later(timedelta(hours=1))

    await house.call("1", "outbound", "no_answer")

    assert await house.state(callback) == State.OPEN
    assert house.shows(MARA) == [callback]


async def test_the_call_in_which_it_was_agreed_does_not_close_it(house):
    begun = house.now
    callback = await house.plan(timedelta(minutes=5))
    house.now += timedelta(minutes=1)

    await house.call(
        "1", result="answered", started_at=begun, answered_at=begun - timedelta(minutes=3)
    )

    assert await house.state(callback) == State.OPEN


async def test_a_call_begun_from_a_callback_closes_it_also_before_its_time(house):
    callback = await house.plan(timedelta(days=1))
    house.now += timedelta(minutes=5)
    house.inbox.started("1", callback)

    await house.call("1", "outbound", "answered")

    assert await house.state(callback) == State.DONE


async def test_a_customers_other_number_closes_it_too(house):
    customer_id = await house.customer("Anh", BINH)
    callback = await house.plan(customer_id=customer_id)
    await house.later(timedelta(hours=1))

    await house.call("1", result="answered", key=BINH, customer_id=customer_id)

    assert await house.state(callback) == State.DONE


async def test_in_the_past_is_refused_and_a_closed_one_stays_closed(house):
    with pytest.raises(changes.Invalid):
        await house.plan(timedelta(seconds=-1))
    callback = await house.plan()
    async with house.sessions.begin() as session:
        row = await session.get(Callback, callback)
        changes.close(session, row, State.CANCELLED, MARA, house.now)
        with pytest.raises(changes.Conflict):
            changes.move(session, row, NOW + timedelta(hours=3), MARA, house.now)
        changes.reopen(session, row, MARA, house.now)
        changes.move(session, row, NOW + timedelta(hours=3), MARA, house.now)
    async with house.sessions() as session:
        told = [each.what for each in await queries.changes_of(session, callback)]
    assert told == ["made", "cancelled", "reopened", "moved"]


def popup(house, number=ANH, customer_id=None):
    """What the popup of a call with that number says is open."""
    app = web.Application()
    app[INBOX], app[DIRECTORY] = house.inbox, house.directory
    app[KEPT] = no_kept_places(house.sessions, house.directory)
    found = open_with(app, number, customer_id)
    return found and (found.missed, found.at, found.purpose, found.by)


async def test_a_popup_knows_what_is_open_with_a_number_and_what_is_not_any_more(house):
    calls, plans = [], []  # whose numbers were told to have changed
    house.inbox.lines.listeners.append(calls.append)
    house.inbox.agenda.listeners.append(plans.append)
    assert popup(house) is None

    await house.call("1")
    await house.call("2")
    assert popup(house, "0912345678") == (2, None, "", "")
    assert (calls, plans) == ([{ANH}, {ANH}], [])
    await house.plan(timedelta(hours=2), by=None, purpose="Báo giá")
    later = NOW + timedelta(hours=2)
    assert popup(house) == (2, later, "Báo giá", "")
    await house.plan(timedelta(minutes=30), by=MARA)
    assert popup(house) == (2, NOW + timedelta(minutes=30), "", "Mara")
    assert popup(house, BINH) is None
    assert plans == [{ANH}, {ANH}]
    house.now += timedelta(minutes=40)
    await house.call("3", "outbound", "answered")

    assert popup(house) == (0, later, "Báo giá", "")
    assert (calls[-1], plans[-1]) == ({ANH}, {ANH})
    assert len(calls) == 3


async def test_a_popup_says_which_place_its_number_keeps(house):
    app = web.Application()
    app[INBOX], app[DIRECTORY] = house.inbox, house.directory
    app[KEPT] = no_kept_places(house.sessions, house.directory)
    keeps_a_place(app[KEPT], "0912 345 678", "sales", NOW)

    found = open_with(app, ANH, None)

    assert (found.waits_since, found.queue) == (NOW, house.directory.title_of("sales"))
    assert open_with(app, BINH, None) is None


async def test_a_popup_of_a_customers_other_number_says_the_same(house):
    customer_id = await house.customer("Anh")
    await house.plan(customer_id=customer_id)

    assert popup(house, BINH, customer_id) is not None
    assert popup(house, BINH, customer_id + 1) is None
