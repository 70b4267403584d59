"""The lists a company begins with, and how the demo's customers are spread over them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random

from callcenter.catalogues.models import Catalogue, Level
from callcenter.customers import search
from callcenter.settings.demo_people import FORMS

Row = dict[str, object]

STATUSES = (  # name, colour, how common in the demo
    ("Mới", "", 28),
    ("Đang tư vấn", "acc", 24),
    ("Quan tâm", "2", 18),
    ("Chờ ký hợp đồng", "warn", 6),
    ("Đã chốt", "ok", 12),
    ("Từ chối", "bad", 7),
    ("Không liên lạc được", "", 5),
)
TYPES = {
    "Khu vực": ("Miền Bắc", "Miền Trung", "Miền Nam"),
    "Ngành nghề": ("Bán lẻ", "Sản xuất", "Xây dựng", "Dịch vụ", "Giáo dục", "Y tế"),
    "Quy mô": ("Cá nhân", "Nhỏ", "Vừa", "Lớn"),
}
LISTS = {
    Catalogue.SOURCE: (
        *("Website", "Facebook", "Zalo", "Giới thiệu", "Gọi vào tổng đài", "Hội thảo"),
        "Data mua ngoài",
    ),
    Catalogue.POSITION: (
        *("Giám đốc", "Phó giám đốc", "Kế toán trưởng", "Trưởng phòng mua hàng"),
        *("Trợ lý", "Nhân viên"),
    ),
    Catalogue.ACTIVITY_TYPE: (
        *("Gọi điện", "Gặp mặt", "Gửi báo giá", "Gửi email", "Nhắn Zalo", "Ký hợp đồng"),
        "Chăm sóc sau bán",
    ),
    Catalogue.EMPLOYEE_TYPE: ("Chính thức", "Thử việc", "Cộng tác viên", "Thực tập"),
    Catalogue.SKILL: ("Tiếng Anh", "Kỹ thuật"),
}
PROJECTS = (  # of the demo only: a company knows its own
    ("DA-2026-01", "Căn hộ Sông Xanh"),
    ("DA-2026-02", "Nhà phố An Phát Riverside"),
    ("DA-2026-03", "Bảo trì thiết bị lọc nước"),
)
# The 34 provinces and cities since 1 July 2025, with their official codes.
PROVINCES = {
    **{"01": "Hà Nội", "04": "Cao Bằng", "08": "Tuyên Quang", "11": "Điện Biên", "12": "Lai Châu"},
    **{"14": "Sơn La", "15": "Lào Cai", "19": "Thái Nguyên", "20": "Lạng Sơn", "22": "Quảng Ninh"},
    **{"24": "Bắc Ninh", "25": "Phú Thọ", "31": "Hải Phòng", "33": "Hưng Yên", "37": "Ninh Bình"},
    **{"38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh", "44": "Quảng Trị", "46": "Huế"},
    **{"48": "Đà Nẵng", "51": "Quảng Ngãi", "52": "Gia Lai", "56": "Khánh Hòa", "66": "Đắk Lắk"},
    **{"68": "Lâm Đồng", "75": "Đồng Nai", "79": "TP. Hồ Chí Minh", "80": "Tây Ninh"},
    **{"82": "Đồng Tháp", "86": "Vĩnh Long", "91": "An Giang", "92": "Cần Thơ", "96": "Cà Mau"},
}
_CITIES = ("Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Cần Thơ")
# How addresses of the demo end -> the province it is now.
_ENDS = {
    **{"TP.HCM": "79", "Bình Dương": "79", "Hà Nội": "01", "Đà Nẵng": "48", "Đồng Nai": "75"},
    **{"Cần Thơ": "92", "Khánh Hòa": "56", "Thừa Thiên Huế": "46", "TP. Hải Phòng": "31"},
}
_REGIONS = {"01": 0, "31": 0, "48": 1, "46": 1, "56": 1}  # of TYPES["Khu vực"]; the rest is 2
COUNTRY = 1  # the id of Việt Nam


def items(*, demo: bool = False) -> list[Row]:
    """Rows of catalogue_items, ids from 1 on; the statuses come first."""
    rows: list[Row] = []

    def add(catalogue: Catalogue, name: str, place: int, **more: object) -> int:
        row: Row = {"id": len(rows) + 1, "catalogue": catalogue.value, "name": name}
        row |= {"position": 10 * (place + 1), "code": "", "colour": "", "active": True}
        rows.append(row | {"parent_id": None} | more)
        return len(rows)

    for place, (name, colour, _) in enumerate(STATUSES):
        add(Catalogue.STATUS, name, place, colour=colour)
    for place, (kind, groups) in enumerate(TYPES.items()):
        parent = add(Catalogue.CUSTOMER_TYPE, kind, place)
        for below, name in enumerate(groups):
            add(Catalogue.CUSTOMER_GROUP, name, below, parent_id=parent)
    for catalogue, names in LISTS.items():
        for place, name in enumerate(names):
            add(catalogue, name, place)
    for place, (code, name) in enumerate(PROJECTS if demo else ()):
        add(Catalogue.PROJECT, name, place, code=code)
    return rows


def skilled(whose: Mapping[int, str]) -> list[Row]:
    """Rows of user_skills: user id -> the name of what they are good at."""
    ids = {row["name"]: row["id"] for row in items() if row["catalogue"] == Catalogue.SKILL.value}
    return [{"user_id": user_id, "skill_id": ids[name]} for user_id, name in whose.items()]


def places() -> list[Row]:
    """Rows of places: the country, and its provinces by code."""
    rows = [_place(COUNTRY, None, Level.COUNTRY, "Việt Nam", "VN")]
    for id, (code, name) in enumerate(PROVINCES.items(), COUNTRY + 1):
        full = name if name.startswith("TP.") else f"{'TP.' if name in _CITIES else 'Tỉnh'} {name}"
        rows.append(_place(id, COUNTRY, Level.PROVINCE, full, code))
    return rows


def _place(id: int, parent: int | None, level: Level, name: str, code: str) -> Row:
    key = search.key_of(name)
    return {
        **{"id": id, "parent_id": parent, "level": level.value, "name": name},
        **{"code": code, "search_key": key},
    }


def spread(customers: Iterable[Row], chance: Random, now: datetime) -> Iterator[Row]:
    """Give customers statuses, sources, places, days; the rows of customer_groups come out."""
    ids: dict[str, list[int]] = {}
    groups: dict[str, int] = {}
    for row in items(demo=True):
        ids.setdefault(str(row["catalogue"]), []).append(int(str(row["id"])))
        groups[str(row["name"])] = int(str(row["id"]))
    weights = [weight for *_, weight in STATUSES]
    provinces = {code: id for id, code in enumerate(PROVINCES, COUNTRY + 1)}
    regions = [groups[name] for name in TYPES["Khu vực"]]
    sizes = [groups[name] for name in TYPES["Quy mô"][1:]]
    trades = [groups[name] for name in TYPES["Ngành nghề"]]
    for row in customers:
        code = next((_ENDS[end] for end in _ENDS if str(row["address"]).endswith(end)), "")
        is_firm = str(row["name"]).startswith(FORMS)
        row |= {
            "status_id": chance.choices(ids[Catalogue.STATUS], weights)[0],
            "status_at": row["updated_at"],
            "source_id": chance.choice(ids[Catalogue.SOURCE]) if chance.random() < 0.8 else None,
            "project_id": chance.choice(ids[Catalogue.PROJECT]) if chance.random() < 0.3 else None,
            "place_id": provinces.get(code),
            **_days(chance, is_firm, now.date()),
        }
        mine = [regions[_REGIONS.get(code, 2)]] if code else []
        mine += [chance.choice(trades), chance.choice(sizes)] if is_firm else []
        yield from ({"customer_id": row["id"], "group_id": group} for group in mine)


def _days(chance: Random, is_firm: bool, today: date) -> Row:
    """A birthday of two in three people, the founding day and tax code of most firms."""
    if chance.random() > 0.66:
        return {"birthday": None, "founded_on": None, "tax_code": ""}
    if is_firm:
        founded = today - timedelta(days=chance.randrange(200, 9000))
        tax = f"0{chance.choice((1, 3))}{chance.randrange(10**8):08}"
        return {"birthday": None, "founded_on": founded, "tax_code": tax}
    born = today - timedelta(days=chance.randrange(20 * 365, 68 * 365))
    return {"birthday": born, "founded_on": None, "tax_code": ""}


def birthdays(count: int, chance: Random, today: date) -> Sequence[date]:
    """Of that many employees; the third one's is near, so that the demo shows a reminder."""
    days = [today - timedelta(days=chance.randrange(22 * 365, 48 * 365)) for _ in range(count)]
    soon = today + timedelta(days=2)
    soon = soon if soon.month == today.month else today
    days[2] = date(1994, soon.month, min(soon.day, 28) if soon.month == 2 else soon.day)
    return days
