"""Who the demo company talks to: names, numbers and addresses as one finds them in Vietnam.

The same chance gives the same people. Numbers have real prefixes and are unique; the demo's carrier
is a simulated one, so nobody real is ever called.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from callcenter.customers import search
from callcenter.customers.numbers import digits_of, key_of

# By how common they are; the first eleven are four fifths of the country.
FAMILY = {
    **{"Nguyễn": 384, "Trần": 121, "Lê": 95, "Phạm": 70, "Hoàng": 36, "Huỳnh": 35, "Phan": 45},
    **{"Vũ": 28, "Võ": 25, "Đặng": 21, "Bùi": 20, "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10},
    **{"Lý": 5, "Đinh": 5, "Trịnh": 5, "Lương": 4, "Đào": 4, "Mai": 3, "Tạ": 2, "Châu": 2, "Tô": 1},
}
WOMEN_MIDDLE = {
    **{"Thị": 46, "Thị Thu": 5, "Thị Ngọc": 6, "Thị Kim": 4, "Thị Minh": 3, "Ngọc": 8, "Thanh": 5},
    **{"Thu": 4, "Phương": 4, "Khánh": 3, "Hoàng": 2, "Bảo": 3, "Diệu": 2, "Mỹ": 3, "": 2},
}
WOMEN = (
    *("Anh", "Hương", "Lan", "Linh", "Mai", "Nga", "Ngọc", "Nhung", "Phương", "Thảo", "Trang"),
    *("Thủy", "Hà", "Hằng", "Hạnh", "Hiền", "Hoa", "Huyền", "Loan", "Ly", "My", "Ngân", "Nhi"),
    *("Oanh", "Quỳnh", "Tâm", "Thúy", "Trinh", "Tuyết", "Vân", "Vy", "Yến", "Diễm", "Hường"),
)
MEN_MIDDLE = {
    **{"Văn": 34, "Đức": 7, "Minh": 9, "Quang": 6, "Hữu": 6, "Thanh": 6, "Ngọc": 5, "Xuân": 4},
    **{"Công": 4, "Quốc": 6, "Anh": 3, "Hoàng": 5, "Tiến": 3, "Trọng": 3, "Đình": 4, "": 2},
}
MEN = (
    *("Anh", "Dũng", "Hùng", "Tuấn", "Nam", "Minh", "Long", "Thành", "Hải", "Sơn", "Quân", "Đạt"),
    *("Phong", "Khoa", "Huy", "Hiếu", "Cường", "Trung", "Tùng", "Việt", "Bình", "Đức", "Giang"),
    *("Khánh", "Kiên", "Lâm", "Lộc", "Nghĩa", "Phúc", "Quý", "Tài", "Thắng", "Toàn", "Vinh"),
)
FORMS = ("Công ty TNHH", "Công ty TNHH MTV", "Công ty Cổ phần", "Cửa hàng", "Hộ kinh doanh")
TRADES = (
    *("Thương mại", "Dịch vụ", "Xây dựng", "Vận tải", "Thực phẩm", "Dược phẩm", "Nội thất"),
    *("Cơ khí", "May mặc", "Du lịch", "Điện máy", "Vật liệu", "Nông sản", "In ấn", "Giáo dục"),
)
FIRMS = (
    *("An Khang", "Minh Long", "Hòa Phát Đạt", "Thiên Phú", "Bảo Tín", "Đông Á", "Sao Mai"),
    *("Hưng Thịnh", "Tân Tiến", "Việt Hưng", "Đại Lợi", "Phúc Lộc", "Ánh Dương", "Nam Phương"),
    *("Thành Công", "Gia Hưng", "Kim Ngân", "Hải Âu", "Trường Sơn", "Ngọc Linh", "Đức Tín"),
)
STREETS = (
    *("Nguyễn Trãi", "Lê Lợi", "Trần Hưng Đạo", "Hai Bà Trưng", "Lý Thường Kiệt", "Quang Trung"),
    *("Nguyễn Huệ", "Cách Mạng Tháng Tám", "Điện Biên Phủ", "Võ Văn Tần", "Phan Chu Trinh"),
    *("Hoàng Hoa Thám", "Nguyễn Văn Cừ", "Lê Duẩn", "Trường Chinh", "Phạm Văn Đồng"),
)
PLACES = {
    **{
        "Quận 1, TP.HCM": 8,
        "Quận 3, TP.HCM": 7,
        "Quận 7, TP.HCM": 8,
        "Quận Bình Thạnh, TP.HCM": 10,
    },
    **{"Quận Gò Vấp, TP.HCM": 9, "TP. Thủ Đức, TP.HCM": 12, "Quận Cầu Giấy, Hà Nội": 8},
    **{"Quận Đống Đa, Hà Nội": 7, "Quận Hà Đông, Hà Nội": 6, "Quận Hải Châu, Đà Nẵng": 5},
    **{"TP. Biên Hòa, Đồng Nai": 5, "TP. Thủ Dầu Một, Bình Dương": 5, "Quận Ninh Kiều, Cần Thơ": 4},
    **{"TP. Nha Trang, Khánh Hòa": 3, "TP. Huế, Thừa Thiên Huế": 3, "TP. Hải Phòng": 4},
}
MOBILE = {
    **dict.fromkeys(("032", "033", "034", "035", "036", "037", "038", "039"), 5),  # Viettel
    **dict.fromkeys(("086", "096", "097", "098"), 7),
    **dict.fromkeys(("081", "082", "083", "084", "085", "088", "091", "094"), 4),  # VinaPhone
    **dict.fromkeys(("070", "076", "077", "078", "079", "089", "090", "093"), 4),  # MobiFone
    **{"056": 1, "058": 1, "092": 2, "059": 1, "099": 1, "087": 1},
}
WISHES = (
    "Gọi sau 17 giờ.",
    "Thích trao đổi qua Zalo.",
    "Khách quen, mua hằng tháng.",
    "Cần xuất hóa đơn VAT.",
    "Giao hàng giờ hành chính.",
    "Hay hỏi về bảo hành.",
)


@dataclass(frozen=True, slots=True)
class Owner:
    """An agent to whom customers can belong."""

    user_id: int
    department_id: int


def customers(
    chance: Random, count: int, owners: Sequence[Owner], now: datetime
) -> Iterator[tuple[dict[str, object], list[dict[str, object]]]]:
    """Rows of customers, each with its rows of customer_phones; ids from 1 on."""
    taken: set[str] = set()
    for id in range(1, count + 1):
        owner = chance.choice(owners)
        assigned = chance.random()
        is_firm = chance.random() < 0.07
        name = _firm(chance) if is_firm else person(chance)
        employer = _firm(chance) if not is_firm and chance.random() < 0.12 else ""
        made_at = now - timedelta(minutes=chance.randrange(20 * 1440, 700 * 1440))
        row = {
            "id": id,
            "code": f"KH-{id:06}",
            "kind": _kind(name) if is_firm else "person",
            "name": name,
            "search_key": search.key_of(name, employer),
            "company": employer,
            "email": email(chance, name) if chance.random() < 0.4 else "",
            "address": _address(chance) if chance.random() < 0.7 else "",
            "note": chance.choice(WISHES) if chance.random() < 0.15 else "",
            "owner_id": owner.user_id if assigned < 0.85 else None,
            "department_id": owner.department_id if assigned < 0.95 else None,
            "assigned_at": made_at if assigned < 0.85 else None,
            "created_at": made_at,
            "updated_at": made_at,
        }
        numbers = [_number(chance, taken, is_firm)]
        if chance.random() < 0.1:
            numbers.append(_number(chance, taken, is_firm=False))
        yield row, [phone(id, raw, position) for position, raw in enumerate(numbers)]


def mobile(chance: Random) -> str:
    """ "0912345678"; never 09000001xx, which behave in ways of their own at the carrier."""
    prefix = chance.choices(list(MOBILE), list(MOBILE.values()))[0]
    return f"{prefix}{chance.randrange(1_000_000, 10_000_000)}"


def _number(chance: Random, taken: set[str], is_firm: bool) -> str:
    while True:
        raw = mobile(chance)
        if is_firm and chance.random() < 0.5:
            raw = (
                f"{chance.choice(('024', '028'))}{chance.choice('37')}{chance.randrange(10**7):07}"
            )
        if raw not in taken:
            taken.add(raw)
            return raw


def phone(customer_id: object, raw: str, position: int) -> dict[str, object]:
    key = key_of(raw)
    return {
        "customer_id": customer_id,
        "number_key": key,
        "raw": raw,
        "reversed_digits": digits_of(key)[::-1],
        "position": position,
    }


def person(chance: Random) -> str:
    is_woman = chance.random() < 0.52
    middle, given = (WOMEN_MIDDLE, WOMEN) if is_woman else (MEN_MIDDLE, MEN)
    parts = (_of(chance, FAMILY), _of(chance, middle), chance.choice(given))
    return " ".join(part for part in parts if part)


def _firm(chance: Random) -> str:
    return f"{chance.choice(FORMS)} {chance.choice(TRADES)} {chance.choice(FIRMS)}"


def _kind(firm: str) -> str:
    kinds = {"Cửa hàng": "shop", "Hộ kinh doanh": "household"}
    return next((kind for form, kind in kinds.items() if firm.startswith(form)), "organisation")


def _address(chance: Random) -> str:
    return f"{chance.randrange(1, 400)} {chance.choice(STREETS)}, {_of(chance, PLACES)}"


def email(chance: Random, name: str) -> str:
    words = search.key_of(name).split()
    return f"{words[-1]}.{words[0]}{chance.randrange(1, 999)}@example.vn"


def _of(chance: Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
