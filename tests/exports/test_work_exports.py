"""An export from the database to the file: who, which, every cell; on both databases."""

import json
import os
from datetime import UTC, date, datetime

import msgspec
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from callcenter.catalogues.models import CatalogueItem, Place
from callcenter.customers.models import Contact, Customer, CustomerGroup, CustomerPhone
from callcenter.customers.numbers import shown
from callcenter.errors import Forbidden
from callcenter.exports import reading, work
from callcenter.exports.columns import COLUMNS, Subject
from callcenter.exports.work import Wish
from callcenter.jobs.work import Cancelled, Order, Work
from callcenter.people.models import (
    AuditEntry,
    Department,
    GroupPermission,
    PermissionGroup,
    User,
    UserGroup,
)

NOW = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
ROOT, LEA, MARA = 1, 2, 3


def user(user_id, name, role, department_id=None):
    return User(
        id=user_id,
        username=name.lower(),
        name=name,
        password="x",
        role=role,
        department_id=department_id,
        language="vi",
        theme="system",
        active=True,
    )


def customer(customer_id, name, **values):
    return Customer(
        id=customer_id,
        code=f"KH-{customer_id:06}",
        name=name,
        search_key=name.lower(),
        created_at=NOW,
        updated_at=NOW,
        **values,
    )


def phone(customer_id, raw, position=0, contact_id=None):
    return CustomerPhone(
        customer_id=customer_id,
        contact_id=contact_id,
        number_key=raw,
        raw=raw,
        reversed_digits=raw[::-1],
        position=position,
    )


@pytest.fixture
async def company(sessions):
    async with sessions.begin() as session:
        session.add_all([Department(id=1, name="Bán hàng"), Department(id=2, name="Chăm sóc")])
        await session.flush()
        session.add_all(
            [
                user(ROOT, "Root", "superadmin"),
                user(LEA, "Lea", "team_lead", 1),
                user(MARA, "Mara", "agent", 1),
                user(4, "Kim", "agent", 2),
                CatalogueItem(id=1, catalogue="status", name="Đang tư vấn"),
                CatalogueItem(id=2, catalogue="customer_group", name="VIP"),
                CatalogueItem(id=3, catalogue="customer_group", name="Sỉ"),
                CatalogueItem(id=4, catalogue="position", name="Giám đốc"),
                Place(id=1, level="province", name="TP.HCM", search_key="tp.hcm"),
            ]
        )
        await session.flush()
        session.add(Place(id=2, parent_id=1, level="district", name="Quận 1", search_key="quan 1"))
        await session.flush()
        session.add_all(
            [
                customer(
                    1,
                    "=Nguyễn Lan",
                    owner_id=MARA,
                    department_id=1,
                    status_id=1,
                    place_id=2,
                    birthday=date(1990, 2, 28),
                    tax_code="0301234567",
                    note="Gọi\nlại",
                ),
                customer(2, "Công ty Bé", owner_id=4, department_id=2, kind="organisation"),
                customer(3, "Chưa ai"),
                customer(4, "Trong thùng", owner_id=MARA, deleted_at=NOW),
            ]
        )
        await session.flush()
        session.add(
            Contact(
                id=1,
                customer_id=2,
                name="Chị Hoa",
                search_key="chi hoa",
                position_id=4,
                email="hoa@be.vn",
                birthday=date(1980, 1, 2),
                created_at=NOW,
            )
        )
        await session.flush()
        session.add_all(
            [
                phone(1, "0912345678"),
                phone(1, "02838123456", 1),
                phone(2, "+442079460958"),
                phone(2, "0987654321", contact_id=1),
                CustomerGroup(customer_id=1, group_id=2),
                CustomerGroup(customer_id=1, group_id=3),
            ]
        )


@pytest.fixture
def export(engine, tmp_path, company):
    """Does it as the job's process would; the file's path."""

    async def do(*, stop=False, **values):
        subject = values.get("subject", Subject.CUSTOMERS)
        wish = Wish(
            **{
                "subject": subject,
                "format": "xlsx",
                "delimiter": ";",
                "columns": list(COLUMNS[subject]),
                "of": "all=1",
                "user_id": ROOT,
                "language": "vi",
                "zone": "Asia/Ho_Chi_Minh",
                **values,
            }
        )
        nowhere = os.open(os.devnull, os.O_WRONLY)
        order = Order(1, "", msgspec.to_builtins(wish), 1, "", str(tmp_path), 1024)
        doing = Work(order, engine, nowhere)
        if stop:
            doing.stop()
        try:
            await work.run(doing)
        finally:
            os.close(nowhere)
        return tmp_path / work.name_of(wish.subject, wish.format)

    return do


def table(path):
    """[{heading: cell}]"""
    headings, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [dict(zip(headings, row, strict=True)) for row in rows]


async def test_every_cell_of_a_customer_is_there_in_the_words_of_the_form(export):
    [lan, be] = table(await export())

    assert (
        lan
        | {
            "Loại hồ sơ": "Cá nhân",
            "Tên": "=Nguyễn Lan",
            "Số điện thoại": "0912 345 678, 028 3812 3456",
            "Ngày sinh": date(1990, 2, 28),
            "Mã số thuế": "0301234567",
            "Chủ sở hữu": "Mara",
        }
        == lan
    )
    assert {"Đang tư vấn", "VIP, Sỉ", "Quận 1, TP.HCM", "Gọi\nlại", "Bán hàng"} <= {
        cell for cell in lan.values() if isinstance(cell, str)
    }
    assert datetime.fromisoformat("2026-11-26T10:30") in lan.values()
    assert "+44 20 7946 0958" in be.values() and "Công ty Bé" in be.values()


async def test_the_contacts_of_each_customer_are_a_row_each(export):
    [hoa] = table(await export(subject=Subject.CONTACTS, language="en"))

    assert list(hoa.values()) == [
        *("KH-000002", "Công ty Bé", "Chị Hoa", "Giám đốc", "0987 654 321", "hoa@be.vn"),
        *(date(1980, 1, 2), "", "Kim"),
    ]


@pytest.mark.parametrize(
    "of, names",
    [
        ("all=1", ["=Nguyễn Lan", "Công ty Bé"]),
        ("all=1&tab=unassigned", ["Chưa ai"]),
        ("all=1&kind=organisation", ["Công ty Bé"]),
        ("all=1&status=1", ["=Nguyễn Lan"]),
        ("all=1&q=lan", ["=Nguyễn Lan"]),
        ("all=1&q=%25", []),
        ("ids=3,1", ["=Nguyễn Lan", "Chưa ai"]),
        ("ids=4,999", []),
    ],
)
async def test_it_is_what_the_list_shows(export, of, names):
    path = await export(of=of, columns=["name"], language="en")

    assert [row["Name"] for row in table(path)] == names


async def test_reading_in_pieces_leaves_nobody_out(export, monkeypatch):
    monkeypatch.setattr(reading, "PIECE", 1)

    assert len(table(await export(of="ids=1,2,3"))) == 3


@pytest.mark.parametrize("piece", [2, 4, 1_000])
async def test_numbers_and_groups_are_those_of_each_customer_near_or_far(
    export, sessions, monkeypatch, piece
):
    """Near each other they are read with whoever is between, far apart by name."""
    monkeypatch.setattr(reading, "PIECE", piece)
    near, far = range(10, 18), (300, 700, 701, 5_000)
    async with sessions.begin() as session:
        session.add_all([customer(n, f"Anh {n}") for n in (*near, *far)])
        await session.flush()
        session.add_all([phone(n, f"09{n:08}") for n in (*near, *far) if n % 4])
        session.add_all([CustomerGroup(customer_id=n, group_id=2 + n % 2) for n in (*near, *far)])
    wanted = [10, 11, 13, 14, 17, *far]

    path = await export(
        of=f"ids={','.join(map(str, wanted))}", columns=["name", "phone", "groups"], language="en"
    )

    assert [list(row.values()) for row in table(path)] == [
        [f"Anh {n}", shown(f"09{n:08}") if n % 4 else "", ("VIP", "Sỉ")[n % 2]] for n in wanted
    ]


async def test_nobody_else_may_and_no_right_of_yesterday_counts(export, tmp_path):
    for user_id in (LEA, MARA, 999):
        with pytest.raises(Forbidden):
            await export(user_id=user_id)

    assert [path for path in tmp_path.iterdir() if path.name.startswith("customers")] == []


async def test_a_group_may_export_what_its_reach_allows(export, sessions):
    async with sessions.begin() as session:
        session.add(PermissionGroup(id=1, name="Xuất"))
        await session.flush()
        session.add_all(
            [
                GroupPermission(group_id=1, permission="export", reach=2),
                UserGroup(user_id=LEA, group_id=1),
            ]
        )

    path = await export(user_id=LEA, of="ids=1,2,3", columns=["name"], language="en")

    assert [row["Name"] for row in table(path)] == ["=Nguyễn Lan"]


async def test_each_export_is_written_down_with_its_rows(export, sessions):
    await export(of="all=1&kind=organisation", columns=["name", "phone"], format="csv")

    async with sessions() as session:
        [entry] = await session.scalars(select(AuditEntry))
    assert (entry.user_id, entry.action) == (ROOT, "export")
    assert json.loads(entry.detail) == {
        **{"subject": "customers", "format": "csv", "rows": 1, "selected": 0},
        **{"filters": "all=1&kind=organisation", "columns": ["name", "phone"]},
    }


async def test_a_cancelled_export_leaves_neither_a_file_nor_an_entry(export, sessions, tmp_path):
    with pytest.raises(Cancelled):
        await export(stop=True)

    assert list(tmp_path.glob("customers*")) == []
    async with sessions() as session:
        assert (await session.scalars(select(AuditEntry))).all() == []


async def test_a_full_disk_leaves_nothing(export, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work.xlsx.Rows, "write", full)

    with pytest.raises(OSError, match="No space"):
        await export()
    assert list(tmp_path.glob("customers*")) == []
