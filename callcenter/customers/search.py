"""The key names are searched by: "nguyen thi huong" finds Nguyễn Thị Hường."""

import unicodedata

LONGEST = 400  # customers.search_key

_D = str.maketrans("đĐ", "dd")  # a letter of its own: Unicode does not take it apart


def key_of(*texts: str | None) -> str:
    """The texts on one line: no accents, lower case, đ as d, single spaces; at most 400 letters.

    For what is stored and for what is asked, so that the two meet. Symbols stay ("an@phat.vn").
    """
    whole = " ".join(text for text in texts if text)
    if not whole.isascii():
        parts = unicodedata.normalize("NFKD", whole.translate(_D))
        whole = "".join(letter for letter in parts if not unicodedata.combining(letter))
    visible = "".join(letter if letter.isprintable() else " " for letter in whole)
    return " ".join(visible.casefold().translate(_D).split())[:LONGEST].rstrip()
