"""Customers as a company has them: statuses, sources, owners, some waiting for one."""

from datetime import timedelta

from callcenter.catalogues.models import CatalogueItem
from tests.pages.site import NOW

STATUSES = ["Mới", "Đang tư vấn", "Quan tâm", "Chờ ký hợp đồng", "Đã chốt", "Từ chối"]
COLOURS = ["3", "acc", "2", "warn", "ok", "bad"]
PEOPLE = [
    ("Trần Thị Mỹ Hạnh", "Cơ khí Đặng Gia", "mara"),
    ("Đặng Văn Ưỡng", "Nhà thuốc Minh Ưỡng", "mara"),
    ("Nguyễn Thị Ngọc Diễm", "Trường Mầm non Hoa Sen", "jon"),
    ("Lý Quang Vũ", "Khách sạn Biển Ngọc", "mara"),
    ("Phùng Thế Hiển", "", "jon"),
    ("Quách Bảo Trân", "Nhà hàng Sông Hậu", "kim"),
    ("Đoàn Văn Tưởng", "HTX Ưng Bằng", "mara"),
    ("Thái Nhật Quỳnh", "", "tom"),
]
WAITING = ["Hồ Thị Lệ Hằng", "Vương Gia Huệ", "Bạch Ngọc Lĩnh", "Kiều Đức Nghĩa", "Từ Khánh Dư"]


async def statuses(site):
    await site.add(
        *(
            CatalogueItem(id=n, catalogue="status", name=name, colour=colour, position=n)
            for n, (name, colour) in enumerate(zip(STATUSES, COLOURS, strict=True), start=1)
        ),
        CatalogueItem(id=20, catalogue="source", name="Facebook"),
        CatalogueItem(id=21, catalogue="project", name="Nước sạch", code="NS-01"),
        CatalogueItem(id=22, catalogue="customer_type", name="Khu vực"),
        CatalogueItem(id=23, catalogue="customer_group", name="Miền Nam", parent_id=22),
    )


async def customers(site):
    """Those of PEOPLE with owners, those of WAITING without; (owned, waiting)."""
    owned = [
        await site.customer(name, f"09123456{n:02}", owner=owner, company=company)
        for n, (name, company, owner) in enumerate(PEOPLE)
    ]
    waiting = [await site.customer(name, f"09881234{n:02}") for n, name in enumerate(WAITING)]
    await site.call("mara", customer_id=owned[0].id, answered_at=NOW - timedelta(minutes=50))
    return owned, waiting
