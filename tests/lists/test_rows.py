"""Rows of a list out of the markup of one."""

from datetime import UTC, datetime

import pytest

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import key_of
from callcenter.lists.columns import COLUMNS
from callcenter.lists.queries import Item
from callcenter.lists.rows import Beside, fill, rows

ROW = "<tr data-id='%(id)s'>%(name)s, 100 % %(phone)s%(more)s%(call)s</tr>"
CALL = "<button data-call='%(number)s'>%(name)s</button>"
NO = "<a title='%(why)s'>no</a>"
MORE = "<i title='%(others)s'>%(n)s</i>"


def customer(name="Hạnh", **values):
    return Customer(id=7, **{"name": name, "company": "", "code": "KH-7"} | values)


def drawn(found, *numbers, **values):
    phones = {7: [CustomerPhone(raw=each, number_key=key_of(each)) for each in numbers]}
    shown = rows([(found, "Nguyễn Mara")], [], beside(phones=phones, **values))
    return str(fill(ROW, CALL, MORE, NO, shown))


def beside(**values):
    return Beside(
        **{
            "phones": {},
            "items": {3: Item(3, "status", "Mới & nóng", "", "warn", None, True)},
            "departments": {},
            "barred": {},
            "contacts": {7: datetime(2026, 3, 2, 5, tzinfo=UTC)},
            "no_status": "No status yet",
            "say": str,
            "when": str,
            "short_name": str,
        }
        | values
    )


def test_a_customer_without_a_number_has_no_button_that_calls():
    assert drawn(customer()) == "<tr data-id='7'>Hạnh, 100 % </tr>"


def test_a_customer_with_a_number_can_be_called():
    assert drawn(customer(), "0912345678") == (
        "<tr data-id='7'>Hạnh, 100 % 0912 345 678<button data-call='0912345678'>Hạnh</button></tr>"
    )


def test_who_is_not_to_be_called_has_the_reason_in_the_place_of_the_button():
    barred = {"+84912345678": "Not <wanted>"}

    assert drawn(customer(), "0912345678", barred=barred) == (
        "<tr data-id='7'>Hạnh, 100 % 0912 345 678<a title='Not &lt;wanted&gt;'>no</a></tr>"
    )


def test_further_numbers_are_counted_and_named():
    assert "<i title='028 7300 1234, 113'>+2</i>" in drawn(
        customer(), "0912345678", "02873001234", "113"
    )


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<script>", "&lt;script&gt;"),
        ('" onclick="x', "&quot; onclick=&quot;x"),
        ("%(call)s %(id)s %s 5 %", "%(call)s %(id)s %s 5 %"),
    ],
)
def test_what_was_typed_is_shown_as_it_was_typed(typed, shown):
    found = drawn(customer(name=typed), typed)

    assert f"<tr data-id='7'>{shown}, 100 %" in found
    assert f"<button data-call='{shown}'>{shown}</button>" in found


def test_each_row_is_its_own():
    found = rows([(customer(name=name), None) for name in ("A", "B")], [], beside())

    assert fill("%(name)s;%(dot)s ", "", "", "", found) == "A;0 B;0 "


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_is_escaped(name):
    bad = "<b>&"
    found = customer(
        name=bad,
        **dict.fromkeys(("company", "code", "email", "address"), bad),
        **{"kind": "person", "department_id": 1, "source_id": 4, "project_id": 4, "status_id": 4},
    )
    items = {4: Item(4, "status", bad, "", "", None, True)}
    texts = beside(items=items, departments={1: bad}, phones={7: [CustomerPhone(raw=bad)]})

    [row] = rows([(found, bad)], [COLUMNS[name]], texts)

    assert not [
        text
        for text in row.values()
        if "<" in text or "&" in text.replace("&lt;", "").replace("&gt;", "").replace("&amp;", "")
    ]
