"""What each role may see, asked of the tables themselves."""

from datetime import date

import pytest
from sqlalchemy import select

from callcenter.calls.call import Call, Direction, State
from callcenter.calls.models import CallDay, CallRecord
from callcenter.customers.models import Customer
from callcenter.keys import DIRECTORY
from callcenter.settings.models import Did
from tests.pages.site import CAST, IDS, NOW

SEES = {
    "root": {"mara", "jon", "tom", "kim"},
    "lea": {"mara", "jon", "tom"},
    "mara": {"mara"},
    "jon": {"jon"},
    "kim": {"kim"},
}


def scope_of(site, username):
    directory = site.app[DIRECTORY]
    return directory.scope_of(directory.person(IDS[username]))


async def found(site, statement):
    async with site.sessions() as session:
        return set(await session.scalars(statement))


@pytest.mark.parametrize("who", SEES)
async def test_calls_are_seen_by_their_agent_the_lead_and_the_superadmin(site, who):
    for whose in ("mara", "jon", "tom", "kim"):
        await site.call(whose, call_id=f"of-{whose}")

    seen = await found(site, scope_of(site, who).calls(select(CallRecord.call_id)))

    assert seen == {f"of-{whose}" for whose in SEES[who]}


@pytest.mark.parametrize("who", SEES)
async def test_sums_are_seen_by_whoever_sees_the_calls(site, who):
    for whose in ("mara", "jon", "tom", "kim"):
        await site.day(whose, date(2026, 11, 20))

    seen = await found(site, scope_of(site, who).days(select(CallDay.user_id)))

    assert seen == {IDS[whose] for whose in SEES[who]}


@pytest.mark.parametrize("who", SEES)
async def test_customers_are_seen_by_their_owner_the_lead_and_the_superadmin(site, who):
    for place, whose in enumerate(("mara", "jon", "tom", "kim")):
        await site.customer(f"of {whose}", f"091234567{place}", owner=whose)

    seen = await found(site, scope_of(site, who).customers(select(Customer.name)))

    assert seen == {f"of {whose}" for whose in SEES[who]}


async def test_an_agent_sees_the_customers_they_have_had_a_call_with(site):
    customer = await site.customer("Jon's", "0912345678", owner="jon")
    await site.call("mara", customer_id=customer.id)

    seen = await found(site, scope_of(site, "mara").customers(select(Customer.name)))

    assert seen == {"Jon's"}


async def test_a_caller_who_became_a_customer_later_is_seen_by_who_took_the_call(site):
    await site.call("mara", "0988 111 222")
    await site.customer("Later", "0988111222")

    seen = await found(site, scope_of(site, "mara").customers(select(Customer.name)))

    assert seen == {"Later"}
    assert await found(site, scope_of(site, "kim").customers(select(Customer.name))) == set()


async def test_a_withheld_number_opens_nobodys_file(site):
    await site.call("mara", None)
    await site.customer("Somebody", "0912345678", owner="jon")

    assert await found(site, scope_of(site, "mara").customers(select(Customer.name))) == set()


async def test_one_call_may_be_opened_by_everybody_who_took_part(site):
    await site.call("jon", call_id="handed-on", agents="201,202", rung="201,204,202")
    await site.call("jon", call_id="not-hers", agents="2011", rung="1201")

    async def opens(who, call_id):
        statement = select(CallRecord.call_id).where(CallRecord.call_id == call_id)
        return bool(await found(site, scope_of(site, who).one_call(statement)))

    assert [await opens(who, "handed-on") for who in ("mara", "kim", "tom")] == [True, True, False]
    assert not await opens("mara", "not-hers")


async def test_the_owner_of_a_customer_may_open_the_calls_others_had_with_them(site):
    customer = await site.customer("Mara's", "0912345678", owner="mara")
    await site.call("kim", call_id="kims", customer_id=customer.id)

    statement = scope_of(site, "mara").one_call(select(CallRecord.call_id))

    assert await found(site, statement) == {"kims"}


async def test_a_lead_without_a_department_sees_only_their_own(site):
    directory = site.app[DIRECTORY]
    lea = directory.person(IDS["lea"])
    adrift = type(lea)(lea.id, lea.name, lea.username, None, lea.role, None, "vi")

    assert directory.scope_of(adrift).departments == frozenset()


def call(**values):
    return Call(
        call_id="c", direction=Direction.INBOUND, started_at=NOW, state=State.ENDED, **values
    )


@pytest.mark.parametrize(
    "values, whose",
    [
        ({"agents": ("201", "202"), "rung": ("203",)}, ("jon", 1)),
        ({"placed_by": "204", "rung": ("203",)}, ("kim", 2)),
        ({"rung": ("201", "203"), "queue": "care"}, ("tom", 3)),
        ({"queue": "care"}, (None, 2)),
        ({"queue": "care", "rung": ("999",)}, (None, 2)),
        ({"did": "19006789"}, (None, 2)),  # it was closed, or they hung up in the menu
        ({"queue": "unheard of"}, (None, None)),
        ({}, (None, None)),
    ],
)
async def test_a_call_is_whoever_talked_last_placed_it_or_was_rung_last(site, values, whose):
    name, department = whose
    await site.add(Did(number="19006789", queue="care"))
    await site.app[DIRECTORY].load(site.sessions)

    assert site.app[DIRECTORY].whose(call(**values)) == (IDS[name] if name else None, department)


async def test_the_directory_knows_people_by_extension_and_departments_by_their_parents(site):
    directory = site.app[DIRECTORY]

    assert directory.of_extension("201").username == "mara"
    assert directory.of_extension("999") is None
    assert directory.below(1) == {1, 3}
    assert {person.username for person in directory.people()} == CAST.keys()
