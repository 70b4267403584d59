"""A few callbacks of the demo company: some late, some today, some on the next days."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo
from random import Random

from callcenter.calls.rows import Row
from callcenter.customers.numbers import key_of
from callcenter.settings.demo_calls import Desk, Known

PURPOSES = (
    "Chốt báo giá",
    "Hẹn khảo sát lắp đặt",
    "Xác nhận địa chỉ giao hàng",
    "Gửi lại hợp đồng bảo trì",
    "Hỏi khách về mẫu dùng thử",
    "Thu hồi công nợ tháng trước",
    "Tư vấn gói bảo hành",
)
MINUTES = (-95, -20, 25, 110, 260)  # from now, of each agent's
DAYS = (1, 1, 2, 4)
FRESH = timedelta(hours=20)  # missed calls that still wait
ANYONES = 2  # of each department


def callbacks(
    chance: Random,
    desks: Sequence[Desk],
    customers: Sequence[Known],
    now: datetime,
    zone: tzinfo,
) -> Iterator[dict[str, object]]:
    """Rows of callbacks: each agent's own, and some that are anyone's."""
    departments: set[int] = set()
    for desk in desks:
        own = [each for each in customers if each.owner_id == desk.user_id][:60]
        if not own:
            continue
        times = [now + timedelta(minutes=each) for each in MINUTES]
        times += [_morning(chance, now, days, zone) for days in DAYS]
        for at in times:
            yield _row(chance, desk, chance.choice(own), at, now, desk.user_id)
        if desk.department_id not in departments:
            departments.add(desk.department_id)
            for n in range(ANYONES):
                at = now + timedelta(minutes=40 + 90 * n)
                yield _row(chance, desk, chance.choice(own), at, now, None)


def _morning(chance: Random, now: datetime, days: int, zone: tzinfo) -> datetime:
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(chance.randrange(8, 17), chance.choice((0, 15, 30))), zone)


def _row(
    chance: Random, desk: Desk, whom: Known, at: datetime, now: datetime, user_id: int | None
) -> dict[str, object]:
    at = at.replace(second=0, microsecond=0)
    return {
        "customer_id": whom.customer_id,
        "number": whom.number,
        "number_key": key_of(whom.number),
        "at": at,
        "remind_at": at,
        "purpose": chance.choice(PURPOSES),
        "user_id": user_id,
        "department_id": desk.department_id,
        "state": "open",
        "created_by": desk.user_id,
        "created_at": min(at, now) - timedelta(days=1),
    }


def marks(rows: Sequence[Row], now: datetime) -> Iterator[dict[str, object]]:
    """Rows of missed_marks: what was missed before yesterday was seen to outside of the phone."""
    last: dict[str, Row] = {}
    for row in rows:
        if row.number_key and row.direction == "inbound" and row.result != "answered":
            last[row.number_key] = row
    for key, row in last.items():
        if row.started_at < now - FRESH:
            yield {
                "number_key": key,
                "dismissed_by": row.user_id or 1,
                "dismissed_at": row.started_at + timedelta(minutes=40),
                "reason": "Đã liên hệ bằng cách khác",
            }
