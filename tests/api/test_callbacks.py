"""Callbacks, missed calls and new numbers in the API."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from callcenter.callbacks.models import Callback
from callcenter.calls.models import CallRecord
from callcenter.customers.models import CustomerChange
from callcenter.keys import CARDS, INBOX, KEPT, LINK
from tests.api.house import House, a_call, a_customer
from tests.callbacks.nobody import keeps_a_place

ANH, BINH = "0912345678", "0987654321"
SOON = (datetime.now(UTC) + timedelta(hours=5)).isoformat()


async def planned(house: House, who: str = "mara", **more: object) -> dict[str, object]:
    body = {"number": ANH, "at": SOON, **more}
    said: dict[str, object] = await house.says(who, "POST", "/callbacks", 201, json=body)
    return said


async def test_a_callback_is_planned_moved_and_done(house: House) -> None:
    await house.add(*a_customer(1, "Nguyễn Văn Ánh", ANH, "mara"))

    made = await planned(house, purpose="Chốt giá")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    moved = await house.says("mara", "PUT", f"/callbacks/{made['id']}", json={"at": later})
    done = await house.says("mara", "PUT", f"/callbacks/{made['id']}", json={"state": "done"})

    assert made["customer"]["name"] == "Nguyễn Văn Ánh"  # type: ignore[index]
    assert (made["shown"], made["purpose"], made["state"]) == ("0912 345 678", "Chốt giá", "open")
    assert moved["at"] > made["at"]
    assert done["state"] == "done" and done["closed_at"]
    assert (await house.says("mara", "GET", "/callbacks"))["items"] == []
    everything = await house.says("mara", "GET", "/callbacks?state=all")
    assert [each["id"] for each in everything["items"]] == [made["id"]]


async def test_anyones_belongs_to_the_own_department(house: House) -> None:
    made = await planned(house, anyone=True)

    assert made["user"] is None
    jons = await house.says("jon", "GET", "/callbacks")
    assert [each["id"] for each in jons["items"]] == [made["id"]]
    assert (await house.says("thao", "GET", "/callbacks"))["items"] == []
    await house.says(
        "admin",
        "POST",
        "/callbacks",
        400,
        json={"number": ANH, "at": SOON, "anyone": True, "department_id": 99},
    )


@pytest.mark.parametrize(
    "body",
    [
        {"number": ANH},
        {"number": ANH, "at": "2020-01-01T00:00:00Z"},
        {"number": ANH, "local": "soon"},
        {"number": "12ab", "at": SOON},
        {"at": SOON},
        {"number": ANH, "at": SOON, "user_id": 5},
        {"number": ANH, "at": SOON, "purpose": "x" * 301},
        {"number": ANH, "at": SOON, "state": "done"},
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, body: dict[str, object]) -> None:
    await house.says("mara", "POST", "/callbacks", 400, json=body)


async def test_a_colleagues_callback_customer_and_call_are_not_there(house: House) -> None:
    await house.add(*a_customer(2, "Trần Thị Bé", BINH, "thao"), a_call("1", "thao"))
    made = await planned(house, "thao")

    await house.says("mara", "PUT", f"/callbacks/{made['id']}", 404, json={"state": "done"})
    for about in ({"customer_id": 2}, {"call_id": "1"}):
        await house.says("mara", "POST", "/callbacks", 404, json={"at": SOON, **about})


async def test_the_times_on_offer_are_all_still_to_come(house: House) -> None:
    offered = await house.says("mara", "GET", "/callbacks/presets")

    assert offered[0]["name"] == "hour"
    assert all(datetime.fromisoformat(each["at"]) > datetime.now(UTC) for each in offered)


async def test_after_a_call_that_has_no_row_yet_it_is_planned_all_the_same(house: House) -> None:
    house.talked("201", "young.1")

    made = await planned(house, call_id="young.1")

    found = await house.says("mara", "GET", "/callbacks?call_id=young.1")
    assert [each["id"] for each in found["items"]] == [made["id"]]
    await house.says(
        "jon", "POST", "/callbacks", 404, json={"number": ANH, "at": SOON, "call_id": "young.1"}
    )


async def test_who_was_missed_is_listed_until_somebody_reaches_them(house: House) -> None:
    await house.add(
        a_call("1", None, result="abandoned", answered_at=None, started_at=_ago(50)),
        a_call("2", None, result="abandoned", answered_at=None, started_at=_ago(40)),
    )
    await house.app[INBOX].load()

    [line] = (await house.says("mara", "GET", "/missed"))["items"]
    assert (line["calls"], line["shown"], line["customer"]) == (2, "0912 345 678", None)
    assert line["ahead"] is None
    assert (await house.says("thao", "GET", "/missed"))["items"] == []

    keeps_a_place(house.app[KEPT], BINH, "sales", _ago(60), "0")
    keeps_a_place(house.app[KEPT], ANH, "sales", _ago(40), "2")
    [line] = (await house.says("mara", "GET", "/missed"))["items"]
    assert line["ahead"] == 1
    places = (await house.says("mara", "GET", "/kept-places"))["items"]
    assert [(each["number"], each["queue_title"], each["ahead"]) for each in places] == [
        (BINH, "Bán hàng", 0),
        (ANH, "Bán hàng", 1),
    ]
    assert (await house.says("thao", "GET", "/kept-places"))["items"] == []

    await house.add(
        a_call("3", "east", direction="outbound", started_at=_ago(30), answered_at=_ago(29))
    )
    await house.app[INBOX].load()
    assert (await house.says("mara", "GET", "/missed"))["items"] == []


def _ago(minutes: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def test_calling_from_anyones_callback_takes_it(house: House) -> None:
    made = await planned(house, anyone=True)
    house.phones_are("reachable", "201")

    body = {"number": ANH, "callback_id": made["id"]}
    started = await house.says("mara", "POST", "/calls", 201, json=body)

    async with house.sessions() as session:
        [callback] = await session.scalars(select(Callback))
    assert callback.user_id == 3
    assert started["call_id"] in house.app[INBOX]._started
    assert house.app[LINK]


async def test_an_unknown_caller_becomes_a_number_of_a_customer_and_names_all_calls(
    house: House,
) -> None:
    await house.add(
        *a_customer(1, "Nguyễn Văn Ánh", ANH, "mara"),
        a_call("1", "mara", number=BINH, number_key="+84987654321"),
        a_call("2", "jon", number=BINH, number_key="+84987654321"),
    )
    assert (await house.app[CARDS].find([BINH]))[BINH] is None
    redrawn: list[object] = []
    house.app[CARDS].listeners.append(redrawn.append)

    said = await house.says("mara", "POST", "/customers/1/numbers", json={"number": BINH})

    assert [phone["shown"] for phone in said["phones"]] == ["0912 345 678", "0987 654 321"]
    card = (await house.app[CARDS].find([BINH]))[BINH]
    assert card is not None and card.name == "Nguyễn Văn Ánh"
    assert "+84987654321" in redrawn[0]  # type: ignore[operator]
    async with house.sessions() as session:
        assert set(await session.scalars(select(CallRecord.customer_id))) == {1}
        [change] = await session.scalars(select(CustomerChange))
    assert (change.field, change.user_id) == ("phone", 3)
    assert (change.old, change.new) == ("0912 345 678", "0912 345 678, 0987 654 321")

    await house.says("mara", "POST", "/customers/1/numbers", json={"number": BINH})
    async with house.sessions() as session:
        assert len(list(await session.scalars(select(CustomerChange)))) == 1


async def test_a_number_is_not_taken_from_another_customer(house: House) -> None:
    await house.add(
        *a_customer(1, "Nguyễn Văn Ánh", ANH, "mara"), *a_customer(2, "Trần Thị Bé", BINH, "jon")
    )

    said = await house.says("mara", "POST", "/customers/1/numbers", 409, json={"number": BINH})

    assert "0987 654 321 is a number of Trần Thị Bé already" in said["message"]
    await house.says("mara", "POST", "/customers/2/numbers", 404, json={"number": ANH})
    await house.says("mara", "POST", "/customers/1/numbers", 400, json={"number": "anonymous"})
