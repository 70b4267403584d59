"""The demo company's switchboard: two numbers that lead straight to people, and one that shows what
else there is: opening hours with a lunch break, holidays, a menu, an announcement, a voicemail."""

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

from callcenter.people.models import Role
from callcenter.settings.demo_sounds import ABOUT, CLOSED, WELCOME
from callcenter.switchboard.plan import (
    Dialling,
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
    Voicemail,
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
AGENTS, LEADS, ALL = Role.AGENT.value, Role.TEAM_LEAD.value, Role.SUPERADMIN.value
DIALLING = (
    Dialling(prefix="+84", title="Trong nước", roles=frozenset({AGENTS, LEADS, ALL})),
    Dialling(prefix="+841900", title="Đầu số 1900", roles=frozenset({LEADS, ALL}), per_hour=10),
    Dialling(prefix="+", title="Quốc tế", roles=frozenset({ALL}), per_hour=10),
)


def plan(
    sales: Queue,
    care: Queue,
    numbers: tuple[Number, Number],
    caller_id: str,
    prompts: Collection[object] = (),
) -> Plan:
    """`numbers` lead straight to the two queues, at any hour; `prompts` are those with a sound."""

    def sound(prompt: str) -> str:
        return prompt if prompt in prompts else ""

    to_sales, to_care = (Way(kind=Kind.QUEUE, name=each.name) for each in (sales, care))
    about = Message(name="gioi_thieu", title="Giờ làm việc", prompt=sound(ABOUT))
    menu = Menu(
        name="chinh",
        title="Menu chính",
        prompt=sound(WELCOME),
        keys={
            "1": to_sales,
            "2": to_care,
            "3": Way(kind=Kind.MESSAGE, name=about.name),
            "0": to_care,
        },
        otherwise=to_care,
    )
    box = Voicemail(name="ngoai_gio", title="Ngoài giờ", prompt=sound(CLOSED), queue=care.name)
    office = _office(Way(kind=Kind.MENU, name=menu.name), Way(kind=Kind.VOICEMAIL, name=box.name))
    hotline = Way(kind=Kind.HOURS, name=office.name)
    return Plan(
        trunks=(Trunk(name=BUILT_IN, title="Nhà mạng mô phỏng"),),
        numbers=(*numbers, Number(number=HOTLINE, title="Tổng đài", way=hotline)),
        hours=(office,),
        holidays=HOLIDAYS,
        menus=(menu,),
        messages=(about,),
        voicemails=(box,),
        queues=(sales, care),
        dialling=DIALLING,
        default=to_sales,
        caller_id=caller_id,
    )


def _office(open: Way, closed: Way) -> Hours:
    return Hours(
        name="hanh_chinh",
        title="Giờ hành chính",
        openings=(
            *(Opening(days=WEEKDAYS, begins=a, ends=b) for a, b in (MORNING, AFTERNOON)),
            Opening(days=SATURDAY, begins=MORNING[0], ends=MORNING[1]),
        ),
        open=open,
        closed=closed,
    )


def version(of: Plan, at: datetime) -> dict[str, object]:
    """The row of the plan that is live from the beginning."""
    text, at = msgspec.json.encode(of).decode(), at.astimezone(UTC)
    return {
        **{"is_draft": None, "plan": text, "revision": 1, "note": ""},
        **{"changed_at": at, "changed_by": None, "published_at": at, "published_by": None},
    }
