"""Calls in the API: who sees which, starting, ending, noting."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from callcenter.calls.models import CallNote, UnfinishedCall
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer, CustomerChange
from callcenter.keys import BOARD, LINK, PRESENCE
from callcenter.people.models import User
from callcenter.recordings.models import Recording
from callcenter.settings.models import Setting
from tests.api.house import AT, CARE, House, a_call, a_customer


def ids(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["call_id"] for item in page["items"]]


async def test_the_newest_call_comes_first_and_everything_is_told(house: House) -> None:
    await house.add(
        *a_customer(7, "Nguyễn Văn Ánh", "0912345678", "mara"),
        a_call("c1"),
        a_call(
            "c2", minutes=1, customer_id=7, transfers='[{"kind":"blind","from":"201","to":"202"}]'
        ),
        CallNote(call_id="c2", user_id=3, note="Gọi lại", outcome="later", updated_at=AT),
        Recording(call_id="c2", state="ready", created_at=AT),
    )

    page = await house.says("mara", "GET", "/calls")

    assert ids(page) == ["c2", "c1"] and page["next"] is None
    first = page["items"][0]
    assert first["shown"] == "0912 345 678"
    assert first["queue_title"] == "Bán hàng"
    assert first["user"] == {"id": 3, "name": "Mara"}
    assert first["customer"] == {"id": 7, "code": "KH-000007", "name": "Nguyễn Văn Ánh"}
    assert (first["note"], first["outcome"], first["recording"]) == ("Gọi lại", "later", "ready")
    assert first["started_at"] == "2026-11-20T03:01:00Z"

    one = await house.says("mara", "GET", "/calls/c2")
    assert one["transfers"] == [{"kind": "blind", "from": "201", "to": "202"}]
    assert one["noted_by"] == {"id": 3, "name": "Mara"} and one["rung"] == ["201"]
    assert {name: one[name] for name in first} == first


async def test_a_withheld_number_is_null_and_not_an_empty_call(house: House) -> None:
    await house.add(a_call("c1", number=None, number_key=None, queue=None, who=None))

    [item] = (await house.says("admin", "GET", "/calls"))["items"]

    assert (item["number"], item["shown"], item["user"], item["queue_title"]) == (
        None,
        "",
        None,
        None,
    )


async def test_each_role_sees_its_calls(house: House) -> None:
    for who in ("mara", "jon", "thao", "east"):
        await house.add(a_call(who, who))

    seen = {
        who: set(ids(await house.says(who, "GET", "/calls"))) for who in ("admin", "lead", "mara")
    }

    assert seen == {
        "admin": {"mara", "jon", "thao", "east"},
        "lead": {"mara", "jon", "east"},
        "mara": {"mara"},
    }


async def test_a_call_of_somebody_else_is_not_there(house: House) -> None:
    await house.add(a_call("theirs", "thao"), a_call("helped", "thao", rung="201,203"))

    await house.says("mara", "GET", "/calls/theirs", 404)
    await house.says("mara", "GET", "/calls/helped")  # it rang at hers
    await house.says("lead", "GET", "/calls/theirs", 404)
    await house.says("admin", "GET", "/calls/theirs")
    await house.says("admin", "GET", "/calls/nothing", 404)


async def test_a_list_is_walked_through_by_its_cursor(house: House) -> None:
    await house.add(*(a_call(f"c{n}", minutes=n // 2) for n in range(7)))

    found, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = await house.says("admin", "GET", f"/calls?limit=3&cursor={cursor}")
        found, cursor, pages = found + ids(page), page["next"], pages + 1

    assert pages == 3 and sorted(found) == [f"c{n}" for n in range(7)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("direction=outbound", {"out"}),
        ("result=busy", {"out"}),
        ("result=busy,abandoned", {"out", "missed"}),
        ("result=missed", {"missed"}),
        ("result=current", {"now"}),
        ("result=ended", {"plain", "out", "missed", "old"}),
        ("user_id=4", {"out"}),
        ("queue=care", {"missed"}),
        ("number=345 678", {"plain", "now", "old"}),
        ("number=0987", {"out"}),
        ("customer_id=7", {"out"}),
        ("with_recording=true", {"plain"}),
        ("from=2026-11-20", {"plain", "out", "missed", "now"}),
        ("to=2026-11-19", {"old"}),
        ("from=2026-11-20&to=2026-11-20", {"plain", "out", "missed", "now"}),
        ("from=2026-11-19&to=2026-11-19&with_recording=true", set()),
        ("direction=&result=&cursor=", {"plain", "out", "missed", "now", "old"}),
    ],
)
async def test_calls_are_filtered(house: House, query: str, expected: set[str]) -> None:
    await house.add(
        *a_customer(7, "An", "0987654321"),
        a_call("plain"),
        a_call("old", started_at=AT - timedelta(hours=10, minutes=1)),  # 23:59 in Vietnam
        a_call("now", state="talking", ended_at=None, result=None, ended_by=None),
        a_call(
            "out", "jon", direction="outbound", result="busy", number="0987654321",
            number_key="+84987654321", queue=None,
        ),
        a_call("missed", None, result="abandoned", queue="care", department_id=CARE, number="113",
               number_key="113"),
        Recording(call_id="plain", state="ready", created_at=AT),
        Recording(call_id="old", state="failed", created_at=AT),
    )  # fmt: skip

    assert set(ids(await house.says("admin", "GET", f"/calls?{query}"))) == expected


async def test_the_calls_of_ones_own_customer_are_listed_whoever_had_them(house: House) -> None:
    await house.add(*a_customer(7, "An", "0987654321", "mara"), *a_customer(8, "Bo", "0911", "jon"))
    await house.add(a_call("jons", "jon", customer_id=7), a_call("his", "jon", customer_id=8))

    for customer_id, found in ((7, ["jons"]), (8, [])):
        page = await house.says("mara", "GET", f"/calls?customer_id={customer_id}", 200)
        assert [each["call_id"] for each in page["items"]] == found


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "“limit” is smaller than 1."),
        ("limit=201", "“limit” is larger than 200."),
        ("limit=many", "“limit” has to be a whole number."),
        ("colour=red", "There is no field “colour” here."),
        ("direction=sideways", "“direction” cannot be “sideways”."),
        ("result=happy", "“happy” is not a filter here."),
        ("from=yesterday", "“from” has to be a date like 2026-11-21."),
        ("from=0001-01-01", "“from” is not a day of our time."),
        ("to=9999-12-31", "“to” is not a day of our time."),
        ("user_id=99999999999999999999", "“user_id” is larger than 999999999."),
        ("with_recording=perhaps", "“with_recording” has to be true or false."),
        ("number=abc", "“number” has no digits."),
        ("cursor=x", "This page of the list does not exist."),
        ("limit=1&limit=2", "“limit” stands there twice."),
        ("queue=%00", "“queue” cannot be used as it is."),
        ("queue=" + "x" * 65, "“queue” is longer than 64 letters."),
    ],
)
async def test_a_wrong_filter_is_named(house: House, query: str, sentence: str) -> None:
    answer = await house.says("mara", "GET", f"/calls?{query}", 400)

    assert answer["message"] == sentence


async def test_the_sentences_are_in_the_callers_language(house: House) -> None:
    async with house.sessions() as session:
        user = await session.get_one(User, 3)
        user.language = "vi"
        await session.commit()

    answer = await house.says("mara", "GET", "/calls?limit=0", 400)

    assert answer["message"] == "“limit” nhỏ hơn 1."


# ------------------------------------------------------------------------- starting a call


async def test_a_call_is_started_and_the_board_knows_it_at_once(house: House) -> None:
    started = await house.says("mara", "POST", "/calls", 201, json={"number": "0912 345.678"})

    asked = await house.asterisk.was_asked("Originate")
    assert (asked["Channel"], asked["Exten"]) == ("PJSIP/201", "0912345678")
    assert asked["ChannelId"] == started["call_id"]
    assert "__CCQUEUE=sales" in asked["Variable"]  # who has the customer, should Mara be lost
    assert started["shown"] == "0912 345 678"
    call = house.app[BOARD].call(started["call_id"])
    assert call is not None and (call.placed_by, call.number) == ("201", "0912345678")


async def test_a_customer_is_called_by_their_first_number(house: House) -> None:
    await house.add(*a_customer(7, "An", "+84 987 654 321", "mara"))

    started = await house.says("mara", "POST", "/calls", 201, json={"customer_id": 7})

    assert started["number"] == "0987654321"


async def test_one_of_a_customers_numbers_is_called_when_it_is_said_which(house: House) -> None:
    await house.add(*a_customer(7, "An", "+84 987 654 321", "mara"))

    started = await house.says(
        "mara", "POST", "/calls", 201, json={"number": "19006789", "customer_id": 7}
    )

    assert started["number"] == "19006789"


@pytest.mark.parametrize(
    ("who", "body", "status", "sentence"),
    [
        ("mara", {}, 400, "Say a number or a customer to call."),
        ("mara", {"number": "", "customer_id": None}, 400, "Say a number"),
        ("mara", {"number": "12ab"}, 400, "“12ab” is not a phone number."),
        ("mara", {"number": "0912345678/0987"}, 400, "more than one number"),
        ("mara", {"number": "0912345678\r\nAction: Command"}, 400, "not a phone number"),
        ("mara", {"customer_id": 404}, 404, "There is no such customer."),
        ("mara", {"customer_id": 8}, 404, "There is no such customer."),
        ("mara", {"customer_id": 9}, 409, "This customer has no phone number."),
        ("admin", {"number": "0912345678"}, 409, "You have no extension, so you cannot call."),
        ("lead", {"number": "0912345678"}, 409, "Your phone is not connected."),
    ],
)
async def test_a_call_that_cannot_be_is_not_placed(
    house: House, who: str, body: dict[str, object], status: int, sentence: str
) -> None:
    await house.add(*a_customer(8, "Thảo's", "0987654321", "thao"))
    await house.add(a_customer(9, "Nobody can call", "0987654322", "mara")[0])

    answer = await house.says(who, "POST", "/calls", status, json=body)

    assert sentence in answer["message"]
    assert house.asterisk.count("Originate") == 0


async def test_two_clicks_at_once_are_one_call(house: House) -> None:
    both = await asyncio.gather(
        *(house.raw("mara", "POST", "/api/v1/calls", json={"number": "0912345678"}) for _ in "12")
    )

    assert sorted(answer.status for answer in both) == [201, 409]
    assert house.asterisk.count("Originate") == 1


async def test_whoever_is_in_a_call_cannot_start_another(house: House) -> None:
    await house.says("mara", "POST", "/calls", 201, json={"number": "0912345678"})

    answer = await house.says("mara", "POST", "/calls", 409, json={"number": "0987654321"})

    assert answer == {"error": "conflict", "message": "You are in a call. Hang up first."}


async def test_a_phone_that_went_away_is_told(house: House) -> None:
    house.phones_are("unreachable", "201")

    answer = await house.says("mara", "POST", "/calls", 409, json={"number": "0912345678"})

    assert "Your phone is not connected" in answer["message"]


async def test_what_the_exchange_refuses_is_told_and_the_call_ends(house: House) -> None:
    house.asterisk.refuses["Originate"] = "Extension does not exist."

    answer = await house.says("mara", "POST", "/calls", 409, json={"number": "0912345678"})

    assert "Extension does not exist" in answer["message"]
    assert house.app[BOARD].calls() == []


async def test_without_an_exchange_nobody_calls(house: House) -> None:
    await house.asterisk.stops()
    async with asyncio.timeout(5):
        while house.app[LINK].connected:
            await asyncio.sleep(0.01)

    answer = await house.says("mara", "POST", "/calls", 503, json={"number": "0912345678"})

    assert answer["error"] == "exchange-unavailable"


# --------------------------------------------------------------------------- ending a call


async def test_the_one_who_calls_hangs_up(house: House) -> None:
    started = await house.says("mara", "POST", "/calls", 201, json={"number": "0912345678"})
    house.asterisk.channels = [{"Channel": "PJSIP/201-1", "Uniqueid": started["call_id"]}]

    ended = await house.says("mara", "POST", f"/calls/{started['call_id']}/hangup")

    assert ended == {"call_id": started["call_id"]}
    assert (await house.asterisk.was_asked("Hangup"))["Channel"] == started["call_id"]


async def test_a_team_lead_ends_a_call_of_the_team_and_a_stranger_does_not(house: House) -> None:
    started = await house.says("mara", "POST", "/calls", 201, json={"number": "0912345678"})
    address = f"/calls/{started['call_id']}/hangup"
    house.asterisk.channels = [{"Channel": "PJSIP/201-1", "Uniqueid": started["call_id"]}]

    for stranger in ("jon", "thao"):
        await house.says(stranger, "POST", address, 404)
    assert house.asterisk.count("Hangup") == 0
    await house.says("lead", "POST", address)


def leg(name: str, id: str, call_id: str) -> dict[str, str]:
    return {
        "Channel": name,
        "Uniqueid": id,
        "Linkedid": call_id,
        "ChanVariable": f"CCID={call_id}",
        "ChannelState": "6",
        "ChannelStateDesc": "Up",
        "Context": "from-phones",
        "Exten": "s",
    }


async def three_talk(house: House) -> tuple[str, list[dict[str, str]]]:
    """The call that mara has placed, and the legs: hers, the customer's, jon's."""
    started = await house.says("mara", "POST", "/calls", 201, json={"number": "0912345678"})
    call_id, at = started["call_id"], 1795290318.0
    ids = (("PJSIP/201-1", call_id), ("PJSIP/carrier-2", "pbx-2"), ("PJSIP/202-3", "pbx-3"))
    legs = [leg(name, id, call_id) for name, id in ids]
    for place, each in enumerate(legs):
        bridged = {"Timestamp": str(at + place + 0.5), "BridgeUniqueid": "b1"}
        await house.asterisk.says("Newchannel", each | {"Timestamp": str(at + place)})
        await house.asterisk.says("BridgeEnter", each | bridged)
    house.asterisk.channels = legs
    await has(house, call_id, [call_id, "pbx-2", "pbx-3"])
    return call_id, legs


async def has(house: House, call_id: str, channels: list[str]) -> None:
    async with asyncio.timeout(5):
        while house.app[BOARD].channels_of(call_id) != channels:
            await asyncio.sleep(0.01)


async def test_of_three_who_talk_one_hangs_up_and_the_others_go_on(house: House) -> None:
    call_id, _ = await three_talk(house)

    await house.says("mara", "POST", f"/calls/{call_id}/hangup")

    assert (await house.asterisk.was_asked("Hangup"))["Channel"] == "PJSIP/201-1"
    assert house.asterisk.count("Hangup") == 1


async def test_a_call_that_was_handed_over_by_whoever_began_it_is_ended(house: House) -> None:
    call_id, legs = await three_talk(house)
    await house.asterisk.says("Hangup", legs[0] | {"Timestamp": "1795290327.0", "Cause": "16"})
    house.asterisk.channels = legs[1:]
    await has(house, call_id, ["pbx-2", "pbx-3"])

    await house.says("mara", "POST", f"/calls/{call_id}/hangup", 409)  # it is jon's now
    assert house.asterisk.count("Hangup") == 0
    await house.says("lead", "POST", f"/calls/{call_id}/hangup")

    assert (await house.asterisk.was_asked("Hangup"))["Channel"] == "pbx-2"


async def test_a_call_that_is_over_cannot_be_ended(house: House) -> None:
    await house.add(a_call("over"), a_call("theirs", "thao"))

    answer = await house.says("mara", "POST", "/calls/over/hangup", 409)

    assert answer["message"] == "The call is over already."
    await house.says("mara", "POST", "/calls/theirs/hangup", 404)
    await house.says("mara", "POST", "/calls/nothing/hangup", 404)


# --------------------------------------------------------------------------------- noting


async def test_a_note_is_written_and_written_again(house: House) -> None:
    await house.add(a_call("c1"))

    first = await house.says(
        "mara", "PUT", "/calls/c1/note", json={"note": " Muốn mua ", "outcome": "sold"}
    )
    await house.says("lead", "PUT", "/calls/c1/note", json={"note": "Đã xem"})

    assert (first["note"], first["outcome"]) == ("Muốn mua", "sold")
    one = await house.says("mara", "GET", "/calls/c1")
    assert (one["note"], one["outcome"], one["noted_by"]["name"]) == ("Đã xem", None, "Lead")


async def test_a_note_may_come_before_the_calls_row(house: House) -> None:
    started = await house.says("mara", "POST", "/calls", 201, json={"number": "0912345678"})
    address = f"/calls/{started['call_id']}/note"

    await house.says("mara", "PUT", address, json={"note": "ring ring"})
    await house.says("jon", "PUT", address, 404, json={"note": "not his"})

    async with house.sessions() as session:
        [row] = (await session.scalars(select(CallNote))).all()
    assert (row.note, row.user_id) == ("ring ring", 3)


async def test_a_note_may_come_after_the_board_forgot_the_call_and_before_its_row(
    house: House,
) -> None:
    house.talked("201")

    await house.says("mara", "PUT", "/calls/talk.1/note", json={"note": "quick"})


@pytest.mark.parametrize(
    ("then", "state"),
    [
        ({"next": "ready"}, "ready"),
        ({"next": "break", "reason": "lunch"}, "break"),
        ({}, "ready"),
    ],
)
async def test_saving_ends_the_wrap_up(house: House, then: dict[str, str], state: str) -> None:
    house.talked("201")
    assert (await house.says("mara", "GET", "/me/state"))["wrap_up"] == "talk.1"

    await house.says("mara", "PUT", "/calls/talk.1/note", json={"note": "x", "done": True, **then})

    me = await house.says("mara", "GET", "/me/state")
    assert (me["state"], me["wrap_up"], me["reason"]) == (state, None, then.get("reason", ""))


async def test_saving_without_done_or_another_calls_note_leaves_the_wrap_up(house: House) -> None:
    house.talked("201")
    await house.add(a_call("c1"))

    await house.says("mara", "PUT", "/calls/talk.1/note", json={"note": "still writing"})
    await house.says("mara", "PUT", "/calls/c1/note", json={"note": "an older call", "done": True})

    assert (await house.says("mara", "GET", "/me/state"))["state"] == "wrap_up"


async def test_a_note_is_kept_even_if_the_next_state_cannot_be(house: House) -> None:
    house.talked("201")
    house.phones_are("unreachable", "201")

    answer = await house.says(
        "mara", "PUT", "/calls/talk.1/note", 409, json={"note": "kept", "done": True}
    )

    assert "Your phone is not connected" in answer["message"]
    async with house.sessions() as session:
        assert (await session.get_one(CallNote, "talk.1")).note == "kept"
    assert house.app[PRESENCE].of(3).wrap_up == "talk.1"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"outcome": "rich"}, "There is no such outcome."),
        ({"note": "x" * 10_001}, "“note” is longer than 10000 letters."),
        ({"note": 5}, "“note” has to be text."),
        ({"done": "yes"}, "“done” has to be true or false."),
        ({"next": "holiday"}, "“next” cannot be “holiday”."),
        ({"mood": "good"}, "There is no field “mood” here."),
        ({"note": "a\0b"}, "“note” cannot be used as it is."),
        ([], "The body of the request has to be a JSON object."),
    ],
)
async def test_a_wrong_note_is_refused_in_words(house: House, body: object, sentence: str) -> None:
    await house.add(a_call("c1"))

    answer = await house.says("mara", "PUT", "/calls/c1/note", 400, json=body)

    assert answer["message"] == sentence


async def test_nobody_notes_a_call_that_is_not_theirs(house: House) -> None:
    await house.add(a_call("c1", "thao"))

    await house.says("mara", "PUT", "/calls/c1/note", 404, json={"note": "x"})
    await house.says("admin", "PUT", "/calls/none/note", 404, json={"note": "x"})


async def test_two_notes_in_the_same_moment_are_one_row_and_no_error(house: House) -> None:
    await house.add(a_call("c1"))

    answers = await asyncio.gather(
        *(
            house.raw("mara", "PUT", "/api/v1/calls/c1/note", json={"note": str(n)})
            for n in range(8)
        )
    )

    assert {answer.status for answer in answers} == {200}


async def test_a_note_that_another_window_changed_is_not_overwritten(house: House) -> None:
    await house.add(a_call("c1"))
    note = "/calls/c1/note"
    first = await house.says("mara", "PUT", note, json={"note": "one", "version": 0})
    second = await house.says(
        "mara", "PUT", note, json={"note": "two", "version": first["version"]}
    )

    answer = await house.says(
        "mara", "PUT", note, 409, json={"note": "three", "version": first["version"]}
    )

    assert answer["message"] == "This note has been changed in another window meanwhile."
    one = await house.says("mara", "GET", "/calls/c1")
    assert (one["note"], one["note_version"]) == ("two", second["version"])


async def test_the_same_note_twice_is_no_conflict(house: House) -> None:
    await house.add(a_call("c1"))
    said = {"note": "one", "version": 0}

    first = await house.says("mara", "PUT", "/calls/c1/note", json=said)
    again = await house.says("mara", "PUT", "/calls/c1/note", json=said)

    assert (first["version"], again["version"]) == (1, 1)


async def test_of_two_windows_in_the_same_moment_one_wins_and_the_others_are_told(
    house: House,
) -> None:
    await house.add(a_call("c1"))

    answers = await asyncio.gather(
        *(
            house.raw("mara", "PUT", "/api/v1/calls/c1/note", json={"note": str(n), "version": 0})
            for n in range(8)
        )
    )

    assert sorted(answer.status for answer in answers) == [200] + [409] * 7


async def test_a_call_is_finished_with_an_outcome_and_leaves_the_list(house: House) -> None:
    ended = AT + timedelta(seconds=65)
    await house.add(
        a_call("c1"),
        UnfinishedCall(call_id="c1", user_id=3, department_id=1, ended_at=ended),
    )
    assert (await house.says("mara", "GET", "/to-finish"))["count"] == 1

    half = await house.says("mara", "PUT", "/calls/c1/note", json={"note": "x", "done": True})
    whole = await house.says(
        "mara", "PUT", "/calls/c1/note", json={"outcome": "sold", "done": True}
    )

    assert (half["finished"], whole["finished"]) == (False, True)
    for who, left in (("mara", 0), ("lead", 0), ("admin", 0)):
        assert (await house.says(who, "GET", "/to-finish"))["count"] == left


async def test_a_call_in_wrap_up_does_not_wait_to_be_finished_yet(house: House) -> None:
    house.talked("201", "c1")
    await house.add(
        a_call("c1"), UnfinishedCall(call_id="c1", user_id=3, department_id=1, ended_at=AT)
    )

    assert [
        (await house.says(who, "GET", "/to-finish"))["count"] for who in ("mara", "lead", "thao")
    ] == [0, 0, 0]


async def test_more_time_is_had_where_time_is_running(house: House) -> None:
    answer = await house.says("mara", "POST", "/me/wrap-up/more", 409)
    assert answer["message"] == "No time is running that could be made longer."
    async with house.sessions.begin() as session:
        session.add(Setting(name="wrap_up_s", value="60"))
    await house.app[PRESENCE].load_rules()
    house.talked("201")
    before = await house.says("mara", "GET", "/me/state")

    after = await house.says("mara", "POST", "/me/wrap-up/more")

    assert after["wrap_up_ends"] > before["wrap_up_ends"]
    assert (before["wrap_up_more"], after["wrap_up_more"]) == (120, 90)


async def status_of(house: House) -> tuple[int | None, list[CustomerChange]]:
    """Of the customer 7, and its history."""
    async with house.sessions() as session:
        customer = await session.get_one(Customer, 7)
        return customer.status_id, list(await session.scalars(select(CustomerChange)))


async def has_statuses(house: House, owner: str = "mara", phone: str = "0912345678") -> None:
    new = CatalogueItem(id=8, catalogue="status", name="Mới", position=0)
    won = CatalogueItem(id=9, catalogue="status", name="Đã mua", position=1)
    await house.add(a_call("c1"), new, won, *a_customer(7, "An", phone, owner))


async def test_a_customers_status_is_set_together_with_the_outcome_and_stands_in_the_history(
    house: House,
) -> None:
    await has_statuses(house)
    wish = {"customer_id": 7, "status_id": 9}

    await house.says(
        "mara", "PUT", "/calls/c1/note", json={"note": "ok", "done": True, "customer_status": wish}
    )

    status_id, [change] = await status_of(house)
    assert (status_id, change.field, change.user_id, change.new) == (9, "status", 3, "Đã mua")
    await house.says("mara", "PUT", "/calls/c1/note", json={"note": "typed on"})
    assert (await status_of(house))[0] == 9


@pytest.mark.parametrize("owner, status_id, answer", [("thao", 9, 404), ("mara", 99, 400)])
async def test_a_status_that_cannot_be_set_saves_no_note_either(
    house: House, owner: str, status_id: int, answer: int
) -> None:
    await has_statuses(house, owner, phone="0987654321")
    wish = {"customer_id": 7, "status_id": status_id}

    await house.says(
        "mara", "PUT", "/calls/c1/note", answer, json={"note": "x", "customer_status": wish}
    )

    assert await status_of(house) == (None, [])
    assert (await house.says("mara", "GET", "/calls/c1"))["note"] == ""
