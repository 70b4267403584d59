"""The demo company's switchboard: two numbers that lead straight to people, and one that shows what
else there is: opening hours with a lunch break, holidays, a menu, a message."""

from datetime import UTC, datetime

import msgspec

from callcenter.switchboard.plan import (
    Holiday,
    Hours,
    Kind,
    Menu,
    Message,
    Number,
    Opening,
    Plan,
    Queue,
    Trunk,
    Way,
)
from callcenter.switchboard.versions import BUILT_IN

HOTLINE = "02873005678"  # the number with hours and a menu
WEEKDAYS, SATURDAY = frozenset(range(5)), frozenset({5})
MORNING, AFTERNOON = (8 * 60, 12 * 60), (13 * 60, 17 * 60 + 30)
HOLIDAYS = (
    Holiday(title="Tết Dương lịch", month=1, day=1),
    Holiday(title="Giao thừa", month=12, day=30, lunar=True),
    Holiday(title="Tết Nguyên đán", month=1, day=1, days=5, lunar=True),
    Holiday(title="Giỗ Tổ Hùng Vương", month=3, day=10, lunar=True),
    Holiday(title="Ngày Giải phóng miền Nam", month=4, day=30),
    Holiday(title="Quốc tế Lao động", month=5, day=1),
    Holiday(title="Quốc khánh", month=9, day=2, days=2),
)


def plan(sales: Queue, care: Queue, numbers: tuple[Number, Number], caller_id: str) -> Plan:
    """`numbers` lead straight to the two queues, at any hour."""
    to_sales, to_care = (Way(kind=Kind.QUEUE, name=each.name) for each in (sales, care))
    menu = Menu(
        name="chinh",
        title="Menu chính",
        keys={"1": to_sales, "2": to_care, "0": to_care},
        otherwise=to_care,
    )
    closed = Message(name="ngoai_gio", title="Ngoài giờ làm việc")
    office = Hours(
        name="hanh_chinh",
        title="Giờ hành chính",
        openings=(
            *(Opening(days=WEEKDAYS, begins=a, ends=b) for a, b in (MORNING, AFTERNOON)),
            Opening(days=SATURDAY, begins=MORNING[0], ends=MORNING[1]),
        ),
        open=Way(kind=Kind.MENU, name=menu.name),
        closed=Way(kind=Kind.MESSAGE, name=closed.name),
    )
    hotline = Way(kind=Kind.HOURS, name=office.name)
    return Plan(
        trunks=(Trunk(name=BUILT_IN, title="Nhà mạng mô phỏng"),),
        numbers=(*numbers, Number(number=HOTLINE, title="Tổng đài", way=hotline)),
        hours=(office,),
        holidays=HOLIDAYS,
        menus=(menu,),
        messages=(closed,),
        queues=(sales, care),
        default=to_sales,
        caller_id=caller_id,
    )


def version(of: Plan, at: datetime) -> dict[str, object]:
    """The row of the plan that is live from the beginning."""
    text, at = msgspec.json.encode(of).decode(), at.astimezone(UTC)
    return {
        **{"is_draft": None, "plan": text, "revision": 1, "note": ""},
        **{"changed_at": at, "changed_by": None, "published_at": at, "published_by": None},
    }
