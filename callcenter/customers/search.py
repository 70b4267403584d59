"""The key names are searched by: "nguyen thi huong" finds Nguyễn Thị Hường."""

import unicodedata
from functools import lru_cache

LONGEST = 400  # customers.search_key

_D = str.maketrans("đĐ", "dd")  # a letter of its own: Unicode does not take it apart


class _Folded(dict[int, str]):
    """What becomes of a letter, worked out when it is met first: an import folds millions."""

    def __missing__(self, code: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(code).translate(_D))
        plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
        folded = plain.casefold().translate(_D)
        self[code] = "".join(letter if letter.isalnum() else " " for letter in folded)
        return self[code]


_FOLDED = _Folded()


@lru_cache(4_096)
def _folded(word: str) -> str:
    """Remembered: most texts are made of the same few thousand words."""
    return word.translate(_FOLDED)


def key_of(*texts: str | None) -> str:
    """The texts' words on one line, a space between two: no accents, lower case, đ as d.

    For what is stored and for what is asked, so that the two meet. At most 400 letters and digits;
    a symbol parts words ("an phat vn"), as in the database's indexes (migrations.searching).
    """
    whole = " ".join(filter(None, texts))
    # What is ASCII alone is translated quickly as a whole.
    words = [whole.translate(_FOLDED)] if whole.isascii() else map(_folded, whole.split())
    return " ".join(" ".join(words).split())[:LONGEST].rstrip()
