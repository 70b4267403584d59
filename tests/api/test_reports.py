"""The call report in the API."""

from datetime import date

import pytest

from callcenter.calls.models import CallDay
from tests.api.house import PEOPLE, House

DAY = date(2026, 11, 20)


def a_sum(who: str, calls: int, talked_s: float, result: str = "answered") -> CallDay:
    user_id, _, department_id, _ = PEOPLE[who]
    return CallDay(
        day=DAY,
        user_id=user_id,
        department_id=department_id,
        queue="sales",
        direction="inbound",
        result=result,
        calls=calls,
        talked_s=talked_s,
        waited_s=calls * 5.0,
    )


async def sums(house: House) -> None:
    await house.add(
        a_sum("mara", 3, 300),
        a_sum("mara", 1, 0, "abandoned"),
        a_sum("jon", 2, 60),
        a_sum("thao", 5, 500),
    )


async def test_each_role_has_its_report(house: House) -> None:
    await sums(house)
    address = "/reports/calls?from=2026-11-19&to=2026-11-20"

    seen = {}
    for who in ("mara", "lead", "admin"):
        report = await house.says(who, "GET", address)
        seen[who] = (report["totals"]["calls"], [agent["name"] for agent in report["agents"]])

    assert seen == {
        "mara": (4, ["Mara"]),
        "lead": (6, ["Mara", "Jon"]),
        "admin": (11, ["Thao", "Mara", "Jon"]),
    }


async def test_days_without_calls_are_days_too(house: House) -> None:
    await sums(house)

    report = await house.says("mara", "GET", "/reports/calls?from=2026-11-19&to=2026-11-20")

    assert [(day["day"], day["calls"]) for day in report["days"]] == [
        ("2026-11-19", 0),
        ("2026-11-20", 4),
    ]
    assert report["days"][1]["results"]["abandoned"] == 1


async def test_without_a_period_it_is_the_last_fourteen_days(house: House) -> None:
    assert len((await house.says("mara", "GET", "/reports/calls"))["days"]) == 14


async def test_one_agent_or_department_is_asked_for(house: House) -> None:
    await sums(house)
    period = "from=2026-11-20&to=2026-11-20"

    jon = await house.says("admin", "GET", f"/reports/calls?{period}&user_id=4")
    care = await house.says("admin", "GET", f"/reports/calls?{period}&department_id=2")

    assert (jon["totals"]["calls"], care["totals"]["calls"]) == (2, 5)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-11-21&to=2026-11-20", "The last day is before the first."),
        ("from=2020-01-01&to=2026-11-20", "A report has 800 days at most."),
        ("from=2026-02-30", "“from” has to be a date like 2026-11-21."),
        ("to=0001-01-01", "“to” is not a day of our time."),
        ("direction=internal", "“direction” cannot be “internal”."),
        ("agent=3", "There is no field “agent” here."),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused(
    house: House, query: str, sentence: str
) -> None:
    assert (await house.says("mara", "GET", f"/reports/calls?{query}", 400))["message"] == sentence
