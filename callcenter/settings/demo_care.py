"""How the demo's agents look after their customers besides calls: new files, visits, quotes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from random import Random
from typing import Final

from callcenter.catalogues.models import Catalogue
from callcenter.customers.search import key_of
from callcenter.settings.demo_catalogues import items

DAYS: Final = 14  # as there are calls of
NEW: Final = 0.04  # of the files with an owner: they came in these days
EACH_DAY: Final = (1, 5)  # activities of an agent, from and to
# Type of activity -> how often, minutes it takes, what it is called.
DONE: Final = {
    "Gặp mặt": (4, (30, 45, 60, 90), ("Gặp tại văn phòng khách", "Mời khách xem mẫu")),
    "Gửi báo giá": (6, (10, 15, 20), ("Gửi báo giá gói A", "Gửi báo giá 3 máy lọc")),
    "Gửi email": (5, (5, 10), ("Gửi tài liệu sản phẩm", "Gửi hướng dẫn sử dụng")),
    "Nhắn Zalo": (7, (None, 2, 5), ("Nhắn hình sản phẩm", "Nhắn lịch giao hàng")),
    "Ký hợp đồng": (1, (45, 60), ("Ký hợp đồng mua máy",)),
    "Chăm sóc sau bán": (4, (None, 10, 15), ("Hỏi thăm sau lắp đặt", "Nhắc thay lõi lọc")),
}
TOLD: Final = ("", "", "Khách hài lòng.", "Khách hẹn tuần sau trả lời.", "Cần gửi lại hóa đơn.")

Row = dict[str, object]


def lately(
    customers: Sequence[Row], chance: Random, now: datetime, zone: tzinfo
) -> list[dict[str, object]]:
    """Let some files come to their owners in the last days; rows of activities, ids from 1 on."""
    _bring(customers, chance, now, zone)
    return list(_activities(customers, chance, now, zone))


def _bring(customers: Sequence[Row], chance: Random, now: datetime, zone: tzinfo) -> None:
    """Let some files come to their owners in the last days: given to them, or made by them."""
    for row in customers:
        row["created_by"] = None
        if row["owner_id"] is None or chance.random() >= NEW:
            continue
        came = _working_time(chance, now - timedelta(days=chance.randrange(DAYS)), now, zone)
        row["assigned_at"] = came
        if chance.random() < 0.4:
            made = {"created_by": row["owner_id"], "created_at": came, "updated_at": came}
            row |= made | {"status_at": came}


def _activities(
    customers: Sequence[Row], chance: Random, now: datetime, zone: tzinfo
) -> Iterator[Row]:
    """Of each agent some a day, with customers who were theirs by then."""
    types = {str(row["name"]): row["id"] for row in _of(Catalogue.ACTIVITY_TYPE)}
    owned: dict[object, list[Row]] = {}
    for row in customers:
        owned.setdefault(row["owner_id"], []).append(row)
    often, number = [many for many, _, _ in DONE.values()], 0
    for owner_id, theirs in owned.items():
        for days in range(DAYS if owner_id else 0):
            day = now - timedelta(days=days)
            free = day.astimezone(zone).weekday() > 5
            for _ in range(0 if free else chance.randint(*EACH_DAY)):
                done = chance.choices(list(DONE), often)[0]
                _, minutes, names = DONE[done]
                at, name = _working_time(chance, day, now, zone), chance.choice(names)
                there = [row for row in theirs if row["assigned_at"] <= at]  # type: ignore[operator]
                if not there:
                    continue
                number += 1
                yield {
                    "id": number,
                    "customer_id": chance.choice(there)["id"],
                    "type_id": types[done],
                    "name": name,
                    "search_key": key_of(name),
                    "description": chance.choice(TOLD),
                    "user_id": owner_id,
                    "at": at,
                    "created_at": at,
                    "minutes": chance.choice(minutes),
                }


def employee_type(place: int) -> object:
    """The id of the type of the employee at that place: most have been there long."""
    types = [row["id"] for row in _of(Catalogue.EMPLOYEE_TYPE)]
    return types[place % 3 % 2] if place > 3 else types[0]


def _of(catalogue: Catalogue) -> list[Row]:
    return [row for row in items(demo=True) if row["catalogue"] == catalogue.value]


def _working_time(chance: Random, day: datetime, now: datetime, zone: tzinfo) -> datetime:
    """Between 8:30 and 17:30 of that day, never in the future."""
    midnight = datetime.combine(day.astimezone(zone).date(), time(), zone)
    at = (midnight + timedelta(minutes=chance.randrange(510, 1050))).astimezone(UTC)
    return min(at, now)
