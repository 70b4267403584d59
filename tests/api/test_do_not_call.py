"""The do-not-call list in the API."""

from datetime import UTC, datetime, timedelta

from tests.api.house import House

ANH = "0912345678"


async def test_a_number_is_put_on_the_list_found_and_taken_off(house: House) -> None:
    until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    new = {"number": "0912 345 678", "reason": "asked us", "until": until}

    made = await house.says("admin", "POST", "/do-not-call", 201, json=new)
    (found,) = (await house.says("admin", "GET", "/do-not-call?q=345678"))["items"]

    assert made == found
    assert (made["list"], made["until"], made["shown"]) == ("own", until, "0912 345 678")
    assert made["added_by"]["id"] == 1
    freed = {"number": ANH, "reason": "asked for a call"}
    await house.says("admin", "POST", "/do-not-call/remove", json=freed)
    assert (await house.says("admin", "GET", "/do-not-call"))["items"] == []
    await house.says("admin", "POST", "/do-not-call/remove", 404, json=freed)


async def test_what_is_on_the_list_is_not_called_through_the_api(house: House) -> None:
    new = {"number": ANH, "reason": "asked us"}
    await house.says("admin", "POST", "/do-not-call", 201, json=new)
    house.phones_are("reachable", "201")

    refused = await house.says("mara", "POST", "/calls", 403, json={"number": ANH})

    assert "asked us" in refused["message"]


async def test_what_cannot_be_listed_is_refused_in_words(house: House) -> None:
    for wrong in (
        {"number": "12", "reason": "short"},
        {"number": ANH, "reason": " "},
        {"number": ANH, "reason": "past", "until": "2020-01-01"},
        {"number": "113", "reason": "police"},
    ):
        await house.says("admin", "POST", "/do-not-call", 400, json=wrong)
    await house.says("lead", "GET", "/do-not-call", 403)
    await house.says("mara", "POST", "/do-not-call", 403, json={"number": ANH, "reason": "no"})
