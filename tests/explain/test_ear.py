"""What is noted of a call while it happens."""

from datetime import UTC, datetime

import pytest

from callcenter.agents.presence import Presence
from callcenter.calls.board import Change
from callcenter.calls.call import Call, Direction, State
from callcenter.explain import kinds
from callcenter.explain.ear import Ear
from callcenter.people.directory import Directory
from callcenter.people.models import Department, User
from callcenter.settings.models import Queue

MARA, JON = 1, 2


class Hops:
    """A log that keeps what it is told."""

    def __init__(self):
        self.noted = []

    def note(self, kind, call_id="", user_id=None, what="", more=""):
        hop = type("Hop", (), {})()
        hop.kind, hop.call_id, hop.user_id, hop.what, hop.more = kind, call_id, user_id, what, more
        hop.is_open = True
        self.noted.append(hop)
        return hop

    def kinds(self):
        return [(hop.kind, hop.user_id) for hop in self.noted]


@pytest.fixture
async def ear(sessions):
    async with sessions.begin() as session:
        session.add(Department(id=1, name="Sales"))
        await session.flush()
        session.add(Queue(name="sales", title="Sales", department_id=1))
        for id, name in (MARA, "mara"), (JON, "jon"):
            session.add(
                User(
                    id=id,
                    username=name,
                    name=name,
                    password="!",
                    role="agent",
                    department_id=1,
                    extension=f"20{id}",
                    language="vi",
                )
            )
    directory = Directory()
    await directory.load(sessions)
    pages = {MARA}
    found = Ear(Hops(), directory, Presence(directory, sessions), lambda user_id: user_id in pages)
    found.pages = pages
    return found


def call(state=State.WAITING, **values):
    return Call(
        call_id="c1",
        direction=Direction.INBOUND,
        started_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        state=state,
        queue="sales",
        **values,
    )


def rings(*extensions, **values):
    return call(State.RINGING, ringing=frozenset(extensions), **values)


def tells(ear, *calls):
    before = None
    for each in calls:
        ear.push(Change(before, each))
        before = each


async def test_one_offer_is_one_picture_however_its_phones_begin_to_ring(ear):
    tells(ear, call(), rings("201"), rings("201", "202"))

    [asked] = [hop for hop in ear.log.noted if hop.kind == kinds.ASKED]
    assert asked.what == "sales"
    assert sorted(asked.more.told().asked) == [MARA, JON]


async def test_the_next_offer_is_another_picture(ear):
    tells(ear, call(), rings("201"), call(missed=("201",)), rings("202", missed=("201",)))

    pictures = [hop.more.told() for hop in ear.log.noted if hop.kind == kinds.ASKED]
    assert [picture.asked for picture in pictures] == [[MARA], [JON]]
    assert pictures[1].because["missed"] == [MARA]


async def test_a_phone_that_rings_without_a_page_is_noted_once(ear):
    tells(ear, call(), rings("202"), rings("202", caller_name="Mai"))

    assert ear.log.kinds().count((kinds.NO_PAGE, JON)) == 1


async def test_a_page_shows_only_what_it_was_told_of(ear):
    person = ear._directory.person(MARA)

    ear.acknowledged(MARA, "c1")
    ear.sent(person, call())  # it does not ring at hers
    ear.sent(person, rings("201"))
    ear.sent(person, rings("201"))
    ear.acknowledged(MARA, "c1")
    ear.acknowledged(MARA, "c1")
    ear.acknowledged(JON, "c1")

    assert ear.log.kinds() == [(kinds.TOLD, MARA), (kinds.SHOWN, MARA)]


async def test_a_phone_that_rings_is_no_news_but_one_that_goes_is(ear):
    for state in ("reachable", "ringing", "in_use", "unreachable", "unreachable", "reachable"):
        ear.phone_changed("201", state)
    ear.phone_changed("carrier", "unreachable")

    assert [hop.what for hop in ear.log.noted] == ["reachable", "unreachable", "reachable"]


async def test_whose_customer_calls_is_noted_with_why_they_are_not_asked(ear):
    ear.routed("c1", ear._directory.person(MARA), False, [JON])

    [hop] = ear.log.noted
    assert (hop.kind, hop.user_id, hop.what, hop.more) == ("route", MARA, "signed_out", "[2]")
