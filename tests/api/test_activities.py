"""Activities in the API: noted on a customer one may see."""

import pytest

from callcenter.catalogues.models import CatalogueItem
from tests.api.house import House, a_customer


async def people(house: House) -> None:
    await house.add(
        *a_customer(1, "Nguyễn Văn Ánh", "0912345678", "mara"),
        *a_customer(2, "Trần Thị Bé", "0987654321", "jon"),
        CatalogueItem(id=7, catalogue="activity_type", name="Gặp mặt", position=0),
        CatalogueItem(id=8, catalogue="status", name="Mới", position=0),
    )


async def test_an_activity_is_noted(house: House) -> None:
    await people(house)

    said = await house.says(
        "mara", "POST", "/customers/1/activities", 201, json={"name": "Ký", "type_id": 7}
    )

    assert (said["name"], said["type"], said["customer_id"]) == ("Ký", "Gặp mặt", 1)
    assert said["at"] == said["created_at"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "type_id": 7},
        {"name": "x", "type_id": 8},
        {"name": "x", "type_id": 7, "at": "2999-01-01T00:00:00Z"},
        {"name": "x", "type_id": 7, "at": "2026-01-01T00:00:00"},
        {"name": "x"},
        {"name": "x", "type_id": 7, "user_id": 1},
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, body: dict[str, object]) -> None:
    await people(house)

    await house.says("mara", "POST", "/customers/1/activities", 400, json=body)


async def test_a_colleagues_customer_is_not_there(house: House) -> None:
    await people(house)

    body = {"name": "Ký", "type_id": 7}
    await house.says("mara", "POST", "/customers/2/activities", 404, json=body)
