import pytest

from callcenter.config import ROOT
from callcenter.customers.fields import FIELDS as CUSTOMER_FIELDS
from callcenter.errors import Invalid
from callcenter.imports.columns import check, guess, has_headings, record_of
from callcenter.imports.fields import FIELDS, KEYS
from callcenter.pages.language import LANGUAGES, Words, speak

HEADINGS = {
    "name": ["Tên", "Họ và tên", "TÊN KHÁCH HÀNG", "Name", "Full name", "Tên (*)", "ho ten"],
    "phone": [
        "Số điện thoại",
        "SĐT",
        "ĐT",
        "Điện thoại",
        "Phone",
        "Mobile",
        "SĐT 2",
        "Tel.",
        "sdt",
    ],
    "email": ["Email", "Email", "Địa chỉ email", "EMAIL khách"],
    "address": ["Địa chỉ", "Address", "Địa chỉ văn phòng", "Địa chỉ nhận hàng"],
    "registered_address": ["Địa chỉ đăng ký kinh doanh", "Registered address"],
    "company": ["Công ty", "Tên công ty", "Company"],
    "tax_code": ["Mã số thuế", "MST", "Tax code"],
    "note": ["Ghi chú", "Mô tả", "Note", "Description"],
    "owner": ["Nhân viên phụ trách", "Tên nhân viên phụ trách", "Chủ sở hữu", "Owner"],
    "source": ["Nguồn dữ liệu", "Nguồn", "Data source"],
    "project": ["Mã dự án", "Project code"],
    "status": ["Trạng thái", "Status"],
    "birthday": ["Ngày sinh", "Birthday", "Date of birth"],
    "founded_on": ["Ngày thành lập", "Founding day"],
    "kind": ["Loại khách hàng", "Kind of customer", "Loại hồ sơ"],
    "code": ["Mã khách hàng", "Mã KH", "Customer code"],
    "groups": ["Nhóm khách hàng", "Group"],
    "place": ["Tỉnh/Thành phố", "Phường/xã, quận/huyện, tỉnh/thành phố", "Province"],
    "fax": ["Fax", "Số fax"],
    "website": ["Website", "Trang web"],
}


def test_every_field_of_a_customer_may_be_a_column():
    assert CUSTOMER_FIELDS.keys() == KEYS
    assert HEADINGS.keys() == KEYS


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fields_own_label_is_understood(language):
    speak(language)
    say = Words(ROOT / "web/locale").say

    labels = [say(field.label) for field in CUSTOMER_FIELDS.values()]
    assert guess(labels, []) == list(CUSTOMER_FIELDS)


@pytest.mark.parametrize(
    ("heading", "key"), [(each, key) for key, headings in HEADINGS.items() for each in headings]
)
def test_a_heading_is_understood_in_both_languages(heading, key):
    assert guess([heading], []) == [key]


@pytest.mark.parametrize("heading", ["STT", "Tên sản phẩm", "Ngày tạo", "", "???", "Cột 1", "2"])
def test_a_heading_of_something_else_is_nothing(heading):
    assert guess([heading], []) == [""]


def test_no_two_fields_are_called_alike():
    called = [each for field in FIELDS for each in field.called]

    assert len(called) == len(set(called))


def test_phones_come_from_several_columns_and_all_else_from_one():
    mapping = guess(["Tên", "SĐT 1", "Địa chỉ nhận hàng", "SĐT 2", "Địa chỉ", "Tên"], [])

    assert mapping == ["name", "phone", "", "phone", "address", ""]


def test_without_headings_the_columns_are_known_by_what_stands_in_them():
    rows = [
        ["1", "Nguyễn Thị Hường", "912345678", "huong@an.vn", "12 Lê Lợi"],
        ["2", "Trần Văn Bình", "0987 654 321", "", "3 Hai Bà Trưng"],
        ["3", "Lê Chi", "", "chi@an.vn", ""],
    ]

    assert guess([""] * 5, rows) == ["", "name", "phone", "email", ""]
    assert guess(["A", "B", "C", "D", "E"], rows) == ["", "name", "phone", "email", ""]


def test_a_column_whose_heading_says_something_else_is_no_phone():
    rows = [["An", "0912345678", "0312345678"]]

    assert guess(["Tên", "", "Mã số thuế"], rows) == ["name", "phone", "tax_code"]
    assert guess(["Tên", "Số hợp đồng", "Mã số thuế"], rows) == ["name", "", "tax_code"]


def test_years_and_amounts_are_no_phones():
    assert guess(["", ""], [["1990", "1500000"], ["2001", "2750000"]]) == ["", ""]


def test_a_first_row_with_a_phone_in_it_is_no_heading():
    assert has_headings(["Tên", "SĐT"], [])
    assert has_headings(["Cột A", "Cột B"], [])
    assert not has_headings(["Nguyễn An", "0912345678"], [])
    assert not has_headings(["Nguyễn An", "912345678"], [])
    assert not has_headings(["Nguyễn An", "an@an.vn"], [])


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (["phone", "", ""], "column of the name"),
        (["name", "", ""], "column of the phone"),
        (["name", "phone", "name"], "Two columns"),
        (["name", "phone"], "columns of this file are others"),
        (["name", "phone", "id"], "columns of this file are others"),
    ],
)
def test_a_mapping_nobody_could_be_imported_by_is_refused(mapping, sentence):
    with pytest.raises(Invalid, match=sentence):
        check(mapping, 3)


def test_a_mapping_may_leave_columns_out_and_name_several_phones():
    check(["name", "phone", "phone", ""], 4)


def test_a_row_becomes_a_record_with_its_zeros_back():
    mapping = ["name", "phone", "", "phone", "note", "email"]

    record = record_of(mapping, ["An", "912345678", "x", "0987654321; 28 7300 1234", "", "a@b.vn"])

    assert record.values == {"name": "An", "email": "a@b.vn"}
    assert record.phones == ["0912345678", "0987654321; 28 7300 1234"]
    assert record.restored == ["0912345678"]
    assert record.text("note") == ""
