import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.customers.search import LONGEST, key_of


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Nguyễn Thị Hường", "nguyen thi huong"),
        ("ĐẶNG  Văn\tĐức", "dang van duc"),
        ("Công ty TNHH Ánh Dương", "cong ty tnhh anh duong"),
        ("Trần\u00a0Ưng\u200b Ơn", "tran ung on"),
        ("An@Phat.vn", "an phat vn"),
        ("Hộ kinh doanh (Bà Tư)/Q.3", "ho kinh doanh ba tu q 3"),
        ("Nguye\u0302\u0303n", "nguyen"),  # the same letters, taken apart
        ("", ""),
    ],
)
def test_a_name_is_found_without_its_accents(name, key):
    assert key_of(name) == key


def test_several_texts_become_one_line_and_missing_ones_leave_no_gap():
    assert key_of("Lê Đạt", "", None, "KH00012") == "le dat kh00012"


def test_two_different_names_keep_two_keys():
    assert key_of("Trần Văn Minh") != key_of("Trần Văn Mạnh")


@given(st.lists(st.text(max_size=300), max_size=4))
def test_a_key_is_its_own_key_and_fits_its_column(texts):
    key = key_of(*texts)

    assert key_of(key) == key
    assert len(key) <= LONGEST
    assert key == " ".join(key.split())


VIETNAMESE = st.sampled_from(
    [*"ăâêôơưđĐạảãàáẤỆỮỹ", *"aBc09 @.-/\t\u00a0\u0302\u0303", "ß", "½", "Ⅷ"]
)


@given(st.lists(st.none() | st.text(max_size=60) | st.text(VIETNAMESE, max_size=300), max_size=4))
def test_a_key_is_what_becomes_of_the_letters_one_by_one(texts):
    def folded(letter):
        parts = unicodedata.normalize("NFKD", letter.replace("đ", "d").replace("Đ", "d"))
        plain = "".join(each for each in parts if not unicodedata.combining(each)).casefold()
        return "".join(each if each.isalnum() else " " for each in plain.replace("đ", "d"))

    line = " ".join("".join(map(folded, " ".join(text for text in texts if text))).split())
    assert key_of(*texts) == line[:LONGEST].rstrip()
