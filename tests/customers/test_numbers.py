import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.customers.numbers import (
    AREA_2017,
    LONGEST,
    MOBILE_2018,
    dialable,
    digits_of,
    key_of,
    key_of_plain,
    shown,
)
from callcenter.errors import Invalid


@pytest.mark.parametrize(
    "written",
    [
        "0912345678",
        "0912 345 678",
        "0912.345.678",
        "0912-345-678",
        "(0912) 345 678",
        "84912345678",
        "+84912345678",
        "+84 912 345 678",
        "(+84) 912 345 678",
        "+84 (0)912 345 678",
        "+840912345678",
        "0084 912 345 678",
        "\u202a0912345678\u202c",  # as copied from an address book on Windows
        "０９１２３４５６７８",
        "\u00a00912\u00a0345\u00a0678 ",
        "'0912345678",
    ],
)
def test_a_mobile_number_has_one_key_however_it_is_written(written):
    assert key_of(written) == "+84912345678"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("01651234567", "+84351234567"),
        ("+84 165 123 4567", "+84351234567"),
        ("01201234567", "+84701234567"),
        ("01231234567", "+84831234567"),
        ("01861234567", "+84561234567"),
        ("01991234567", "+84591234567"),
        ("0437654321", "+842437654321"),  # Hanoi
        ("84437654321", "+842437654321"),
        ("0313812345", "+842253812345"),  # Hải Phòng
        ("05113812345", "+842363812345"),  # Đà Nẵng
        ("0613812345", "+842513812345"),  # Đồng Nai
        ("06503812345", "+842743812345"),  # Bình Dương
        ("02403812345", "+842043812345"),  # Bắc Giang
        ("0203812345", "+842143812345"),  # Lào Cai
    ],
)
def test_a_number_from_before_2017_or_2018_has_the_key_of_its_successor(old, new):
    assert key_of(old) == new


def test_an_old_landline_that_looks_like_a_mobile_number_is_the_mobile_number_of_today():
    assert key_of("0383812345") == "+84383812345"
    assert key_of("0838123456") == "+84838123456"


def test_no_new_prefix_is_an_old_one_so_a_number_is_never_changed_twice():
    for new in MOBILE_2018.values():
        assert key_of(f"0{new}1234567") == f"+84{new}1234567"
    for new in AREA_2017.values():
        assert key_of(f"0{new}3812345") == f"+84{new}3812345"


@pytest.mark.parametrize(
    "written", ["02873001234", "028 7300 1234", "+84 28 7300 1234", "842873001234"]
)
def test_a_landline_has_one_key(written):
    assert key_of(written) == "+842873001234"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("1900 6789", "19006789"),
        ("1900.545.426", "1900545426"),
        ("1800 1091", "18001091"),
        ("+84 1900 6789", "19006789"),
        ("113", "113"),
        ("201", "201"),
        ("0894123456", "+84894123456"),  # a block that nobody has been given yet
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+39 06 698 1234", "+39066981234"),  # Italian numbers keep their 0
        ("912345678", "912345678"),  # whether a 0 is missing is for the import to decide
        ("+12", "12"),
        ("0", "0"),
        ("0000000", "0000000"),
    ],
)
def test_other_numbers_are_international_where_they_can_be_and_digits_where_not(written, key):
    assert key_of(written) == key


@pytest.mark.parametrize(
    "nothing", ["", " ", "anonymous", "Unknown", "0912abc", "*600", "#31#0912345678", "+", "—"]
)
def test_what_is_no_number_has_no_key(nothing):
    assert key_of(nothing) == ""


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+84912345678", "0912 345 678"),
        ("01651234567", "0351 234 567"),
        ("+842873001234", "028 7300 1234"),
        ("+842253812345", "0225 3812 345"),
        ("19006789", "1900 6789"),
        ("1900545426", "1900 545 426"),
        ("+442079460958", "+44 20 7946 0958"),
        ("113", "113"),
        ("", ""),
        ("anonymous\r\n", "anonymous"),
    ],
)
def test_a_number_is_shown_as_people_write_it(number, text):
    assert shown(number) == text


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+84 912 345 678", "0912345678"),
        ("0165 123 4567", "0351234567"),
        ("028 7300 1234", "02873001234"),
        ("1900 6789", "19006789"),
        ("+84 1900 6789", "19006789"),
        ("113", "113"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_the_trunk_is_given_digits_in_national_form(written, dialled):
    assert dialable(written) == dialled


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "Enter a phone number."),
        ("anonymous", "“anonymous” is not a phone number."),
        ("*600", "“*600” is not a phone number."),
        ("0912345678 / 0987654321", "“0912345678 / 0987654321” is more than one number."),
        ("0912345678\r\nAction: Command", "not a phone number"),
        ("091234", "not complete"),
        ("912345678", "not complete"),
        ("12", "not complete"),
        ("+123", "not complete"),
        ("0" * 300, "not complete"),
        ("9" * 300, "not complete"),
    ],
)
def test_what_cannot_be_called_is_refused_in_words(written, reason):
    with pytest.raises(Invalid) as refused:
        dialable(written)

    assert reason in str(refused.value)
    assert refused.value.field == "number"


def test_digits_are_taken_in_order_from_anything():
    assert digits_of("+84 (912) ab 345-６７８") == "84912345678"


NATIONAL = st.one_of(
    st.from_regex(r"[35789][0-9]{8}", fullmatch=True).filter(lambda n: n[:2] not in AREA_2017),
    st.from_regex(r"2[48][2-7][0-9]{7}", fullmatch=True),
)


PREFIX = st.sampled_from(["0", "84", "+84", "0084", "+84 0", "(+84) "])
GAPS = st.lists(st.sampled_from(["", " ", ".", "-", "  "]), min_size=10, max_size=10)


@given(NATIONAL, PREFIX, GAPS)
def test_the_same_number_in_any_format_has_the_same_key(national, prefix, gaps):
    written = prefix + "".join(digit + gap for digit, gap in zip(national, gaps, strict=False))

    assert key_of(written) == "+84" + national
    assert dialable(written) == "0" + national


@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"[+0]?[0-9 ().-]{0,20}", fullmatch=True),
        st.from_regex(r"(\+|00|0|84)?[0-9]{1,16}", fullmatch=True),
    )
)
def test_a_key_is_its_own_key_and_its_shown_form_leads_back_to_it(written):
    key = key_of(written)

    assert key_of(key) == key
    assert key_of(shown(key)) == key
    assert len(key) <= LONGEST
    assert not key or key.removeprefix("+").isdigit()


@given(st.text(max_size=40))
def test_what_is_dialled_is_nothing_but_digits_and_a_leading_plus_and_is_the_number_meant(written):
    try:
        dialled = dialable(written)
    except Invalid:
        return

    assert dialled.removeprefix("+").isascii()
    assert dialled.removeprefix("+").isdigit()
    assert key_of(dialled) == key_of(written)


@given(
    st.from_regex(r"0[0-9]{9}", fullmatch=True)
    | st.from_regex(r"[0+ ]?0?\d{8,10}\s?", fullmatch=True)
    | st.text(max_size=12)
)
def test_a_plain_number_has_the_key_it_has_anyhow_and_is_dialled_as_it_is(written):
    if key := key_of_plain(written):
        assert (key_of(written), dialable(written)) == (key, written)


@pytest.mark.parametrize("written", ["0912345678", "0383812345", "0707123456", "0838123456"])
def test_a_mobile_number_as_most_people_write_it_is_plain(written):
    assert key_of_plain(written) == key_of(written)


@pytest.mark.parametrize("area", [each for each in AREA_2017 if len(each) == 2])
def test_a_number_of_an_old_area_is_not(area):
    assert key_of_plain(f"0{area}1234567") == ""
