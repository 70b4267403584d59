"""Customers in the API: found, shown, added."""

import pytest

from callcenter.keys import CARDS
from tests.api.house import House, a_call, a_customer


def names(page: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["name"] for item in page["items"]]


async def people(house: House) -> None:
    await house.add(
        *a_customer(1, "Nguyễn Văn Ánh", "0912345678", "mara"),
        *a_customer(2, "Trần Thị Bé", "0987654321", "jon"),
        *a_customer(3, "Đặng Chi", "+44 20 7946 0958", "thao"),
        *a_customer(4, "Công ty Dũng", "19006789"),
    )


async def test_each_role_sees_its_customers(house: House) -> None:
    await people(house)

    assert names(await house.says("mara", "GET", "/customers")) == ["Nguyễn Văn Ánh"]
    assert names(await house.says("lead", "GET", "/customers")) == ["Nguyễn Văn Ánh", "Trần Thị Bé"]
    assert len(names(await house.says("admin", "GET", "/customers"))) == 4


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("nguyen anh", ["Nguyễn Văn Ánh"]),
        ("dang", ["Đặng Chi"]),
        ("5678", ["Nguyễn Văn Ánh"]),
        ("0987 654", ["Trần Thị Bé"]),
        ("kh-000003", ["Đặng Chi"]),
        ("%", []),
        ("", ["Công ty Dũng", "Đặng Chi", "Nguyễn Văn Ánh", "Trần Thị Bé"]),
    ],
)
async def test_customers_are_found(house: House, q: str, expected: list[str]) -> None:
    await people(house)
    address = str(house.client.make_url("/api/v1/customers").with_query(q=q))

    answer = await house.raw("admin", "GET", address.removeprefix(str(house.client.make_url(""))))

    assert names(await answer.json()) == expected


async def test_the_list_has_a_next_page(house: House) -> None:
    await people(house)

    first = await house.says("admin", "GET", "/customers?limit=3")
    second = await house.says("admin", "GET", f"/customers?limit=3&cursor={first['next']}")

    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)


async def test_one_customer_is_told_whole(house: House) -> None:
    await people(house)

    one = await house.says("mara", "GET", "/customers/1")

    assert one["owner"] == {"id": 3, "name": "Mara"}
    assert one["phones"] == [
        {"number": "0912345678", "shown": "0912 345 678", "key": "+84912345678"}
    ]


async def test_a_customer_of_somebody_else_is_not_there_until_one_talks_to_them(
    house: House,
) -> None:
    await people(house)
    for number in ("3", "404", "999999999", "9999999999999999999999"):
        await house.says("mara", "GET", f"/customers/{number}", 404)

    await house.add(a_call("c1", "mara", customer_id=3))

    assert (await house.says("mara", "GET", "/customers/3"))["name"] == "Đặng Chi"


async def test_a_customer_is_added_and_popups_know_it_at_once(house: House) -> None:
    cards = house.app[CARDS]
    assert await cards.find(["0911222333"]) == {"0911222333": None}

    new = await house.says(
        "mara",
        "POST",
        "/customers",
        201,
        json={"name": "  Lê   Hoa ", "phones": ["0911.222.333"], "email": "hoa@example.vn"},
    )

    assert (new["name"], new["owner"]["name"], new["department_id"]) == ("Lê Hoa", "Mara", 1)
    found = (await cards.find(["0911222333"]))["0911222333"]
    assert found is not None and found.name == "Lê Hoa"
    assert await house.says("mara", "GET", f"/customers/{new['id']}") == new


async def test_a_number_that_somebody_has_is_refused_with_their_name_and_owner(
    house: House,
) -> None:
    await people(house)

    answer = await house.says(
        "mara", "POST", "/customers", 409, json={"name": "X", "phones": ["+84 987 654 321"]}
    )

    assert answer == {
        "error": "conflict",
        "message": "Phone number already exists in customer Trần Thị Bé owned by Jon.",
    }
    assert len((await house.says("admin", "GET", "/customers"))["items"]) == 4


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"phones": ["0911222333"]}, "The field “name” is missing."),
        ({"name": "X"}, "The field “phones” is missing."),
        ({"name": "X", "phones": []}, "“phones” is empty."),
        ({"name": " ", "phones": ["0911222333"]}, "Enter a name."),
        ({"name": "X", "phones": ["x"]}, "“x” is not a phone number."),
        ({"name": "X", "phones": [911222333]}, "“phones[0]” has to be text."),
        ({"name": "X", "phones": ["0911222333", "+84911222333"]}, "This number stands here twice."),
        ({"name": "X", "phones": ["0911222333"], "email": "hoa"}, "This is not an email address."),
        ({"name": "x" * 201, "phones": ["0911222333"]}, "“name” is longer than 200 letters."),
        ({"name": "X", "phones": ["1"] * 11}, "“phones” has more than 10 parts."),
        ({"name": "X", "phones": ["0911222333"], "owner_id": 5}, "There is no such person among"),
        ({"name": "X", "phones": ["0911222333"], "id": 5}, "There is no field “id” here."),
        ({"name": "X\0", "phones": ["0911222333"]}, "“name” cannot be used as it is."),
    ],
)
async def test_what_is_wrong_with_a_new_customer_is_said(
    house: House, body: dict[str, object], sentence: str
) -> None:
    answer = await house.says("mara", "POST", "/customers", 400, json=body)

    assert answer["message"].startswith(sentence)


async def test_a_team_lead_gives_a_customer_to_somebody_of_the_team(house: House) -> None:
    new = {"name": "X", "phones": ["0911222333"]}

    given = await house.says("lead", "POST", "/customers", 201, json={**new, "owner_id": 6})
    free = await house.says(
        "lead", "POST", "/customers", 201, json={**new, "phones": ["0911222334"]}
    )

    assert (given["owner"]["name"], given["department_id"]) == ("East", 3)
    assert free["owner"] is None


async def test_all_fields_of_a_customer_go_in_and_come_out(house: House) -> None:
    new = await house.says(
        "mara",
        "POST",
        "/customers",
        201,
        json={
            "name": "Cơ khí Đặng Gia",
            "phones": ["0911222333"],
            "kind": "organisation",
            "code": "dg-1",
            "tax_code": "0301234567",
            "registered_address": "1 Lê Lợi",
            "founded_on": "2010-09-02",
        },
    )

    assert (new["kind"], new["code"], new["founded_on"]) == ("organisation", "DG-1", "2010-09-02")
    assert (new["tax_code"], new["birthday"], new["group_ids"]) == ("0301234567", None, [])


async def test_a_customer_is_changed_and_what_is_left_out_stays(house: House) -> None:
    await people(house)
    one = await house.says("mara", "GET", "/customers/1")

    changed = await house.says(
        "mara", "PUT", "/customers/1", json={"version": one["version"], "note": "VIP"}
    )

    assert changed["note"] == "VIP" and changed["version"] > one["version"]
    assert changed["phones"][0]["key"] == "+84912345678" and changed["name"] == one["name"]


async def test_a_program_that_is_late_is_told_what_has_become_of_the_field(house: House) -> None:
    await people(house)
    seen = (await house.says("mara", "GET", "/customers/1"))["version"]
    await house.says("lead", "PUT", "/customers/1", json={"version": seen, "company": "Theirs"})

    other = await house.says("mara", "PUT", "/customers/1", json={"version": seen, "note": "x"})
    same = await house.says(
        "mara", "PUT", "/customers/1", 409, json={"version": seen, "company": "Mine"}
    )

    assert (other["company"], other["note"]) == ("Theirs", "x")
    assert same["message"] == "Company has been changed meanwhile: it is “Theirs” now."


async def test_an_agent_gives_no_customer_away_by_program(house: House) -> None:
    await people(house)

    await house.says("mara", "PUT", "/customers/1", 403, json={"version": 1, "owner_id": 4})
    await house.says("jon", "PUT", "/customers/1", 404, json={"version": 1})
    lead = await house.says("lead", "PUT", "/customers/1", json={"version": 1, "owner_id": 4})

    assert lead["owner"]["name"] == "Jon"
