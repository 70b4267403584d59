from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.customers.models import Kind
from callcenter.customers.numbers import key_of, key_of_plain
from callcenter.imports.cells import day_of, is_phone, kind_of, phones_of
from callcenter.imports.template import KINDS


@pytest.mark.parametrize(
    ("eaten", "whole"),
    [
        ("912345678", "0912345678"),
        ("2873001234", "02873001234"),
        ("1651234567", "01651234567"),  # a mobile number of before 2018
        ("437654321", "0437654321"),  # Hanoi before 2017
    ],
)
def test_a_zero_that_excel_ate_comes_back_and_is_told(eaten, whole):
    assert phones_of(eaten) == [(whole, True)]
    assert is_phone(whole)


@pytest.mark.parametrize(
    "number",
    ["0912345678", "84912345678", "+84912345678", "19006789", "1900545426", "113", "123456789"],
)
def test_a_number_that_lacks_nothing_or_is_none_stays_as_it_is(number):
    assert phones_of(number) == [(number, False)]


@given(st.from_regex(r"[35789][0-9]{8}", fullmatch=True))
def test_every_shortened_mobile_number_is_the_customer_of_the_whole_one(number):
    [phone] = phones_of(number)

    assert key_of(phone.text) == key_of("0" + number)


@given(st.from_regex(r"0[3-9][0-9]{8}", fullmatch=True))
def test_a_plain_number_is_a_whole_cell(number):
    assert phones_of(number) == [(number, False)] or not key_of_plain(number)


def test_several_numbers_in_a_cell_are_several():
    phones = phones_of("0912 345 678; 987654321/ 028 7300 1234\n+84 903 000 000")

    assert phones == [
        ("0912 345 678", False),
        ("0987654321", True),
        ("028 7300 1234", False),
        ("+84 903 000 000", False),
    ]


@pytest.mark.parametrize("cell", ["0912 345 678 / 679", "An; 0912345678", "anonymous", "???"])
def test_what_cannot_be_divided_into_numbers_is_kept_whole(cell):
    assert phones_of(cell) == [(cell, False)]


def test_nothing_holds_no_number():
    assert phones_of("  ") == []


@pytest.mark.parametrize(
    "text", ["1990-12-31", "31/12/1990", "31-12-1990", "31.12.1990", "1990-12-31 08:05:00"]
)
def test_a_day_is_read_as_excel_and_people_write_it(text):
    assert day_of(text) == date(1990, 12, 31)


@pytest.mark.parametrize("text", ["", "31/02/1990", "1990", "12/31/1990", "soon", "31/12/90"])
def test_what_is_no_day_is_none(text):
    assert day_of(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *(("Cá nhân", "person"), ("HS TỔ CHỨC", "organisation"), ("cửa hàng", "shop")),
        *(("Hộ GĐ", "household"), ("Household", "household"), ("ca nhan ", "person")),
        *(("VIP", None), ("", None)),
    ],
)
def test_a_kind_of_customer_is_known_in_both_languages(text, kind):
    assert kind_of(text) == kind


def test_every_kind_of_customer_can_be_imported():
    assert set(KINDS) == {kind.value for kind in Kind}
    assert {kind_of(label) for label in KINDS.values()} == set(KINDS)
