"""Phone numbers: one key for all ways of writing one, one way of showing it, one of dialling it.

Vietnamese numbers are read by our own rules: twenty times quicker than phonenumbers, which does not
know the numbers of before 2017 and 2018 that still stand in people's lists. It reads the rest.
"""

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from callcenter.errors import N_, Invalid

if TYPE_CHECKING:  # its import takes a seventh of a second; most installations never need it
    from phonenumbers import PhoneNumber

LONGEST = 64  # of a key; E.164 has 15 digits at most, callers may send anything
REMEMBERED = 50_000  # numbers whose key, and whose shown form, are kept

# In 2018 the mobile numbers of eleven digits (with the leading 0) became numbers of ten.
MOBILE_2018 = {
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},  # MobiFone
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},  # VinaPhone
    **{"162": "32", "163": "33", "164": "34", "165": "35"},  # Viettel
    **{"166": "36", "167": "37", "168": "38", "169": "39"},
    **{"186": "56", "188": "58", "199": "59"},  # Vietnamobile, Gmobile
}

# The area codes of 2017, where an old number cannot be taken for a mobile number of today. (Old
# 033, 036-039, 052, 055, 056, 058, 059, 070, 076, 077, 079 and 08 are mobile prefixes now.)
AREA_2017 = {
    # two digits before seven: nine in all, without the leading 0
    **{"20": "214", "22": "212", "25": "205", "26": "206", "27": "207", "29": "216"},
    **{"30": "229", "31": "225", "53": "233", "54": "234", "57": "257"},
    **{"60": "260", "61": "251", "62": "252", "63": "263", "64": "254"},
    **{"66": "276", "67": "277", "68": "259"},
    **{"72": "272", "73": "273", "74": "294", "75": "275"},
    # three digits before seven: ten in all
    **{"230": "215", "231": "213", "240": "204", "241": "222", "280": "208", "281": "209"},
    **{"320": "220", "321": "221", "350": "228", "351": "226"},
    **{"500": "262", "501": "261", "510": "235", "511": "236", "650": "274", "651": "271"},
    **{"710": "292", "711": "293", "780": "290", "781": "291"},
}

_SERVICE = re.compile(r"1[89]00(\d{4}|\d{6})")  # without area and country
_NO_DIGITS = re.compile(r"[^0-9]+")
_SEVERAL = re.compile(r"\d[^\d]*[/;,|][^\d]*\d")
_MOBILE = re.compile(rf"0(?!{'|'.join(AREA_2017)})[35789][0-9]{{8}}")


@lru_cache(REMEMBERED)
def key_of(raw: str) -> str:
    """The same text for every way of writing the same number: "+84912345678"; or its digits; or "".

    E.164 where the number allows it; service numbers (19006789) and short ones (113, 201) stay as
    they are dialled. "" for what is no number: nothing, "anonymous", anything with letters, *, #.
    """
    international, digits = _read(raw)
    if not digits:
        return ""
    if known := _vietnamese(international, digits):
        return known
    if international or (digits[0] == "0" and digits.strip("0")):
        number = _parsed(("+" if international else "") + digits)
        if number is not None:
            return f"+{number.country_code}{_national(number)}"
    return digits[:LONGEST]


@lru_cache(REMEMBERED)
def shown(key_or_raw: str) -> str:
    """As people write it: "0912 345 678", "028 7300 1234", "1900 6789", "+44 20 7946 0958".

    What is no number comes back as it is, without its invisible characters.
    """
    key = key_of(key_or_raw)
    if not key:
        return "".join(letter for letter in key_or_raw if letter.isprintable()).strip()
    if _SERVICE.fullmatch(key):
        return f"{key[:4]} {key[4:]}" if len(key) == 8 else f"{key[:4]} {key[4:7]} {key[7:]}"
    if not key.startswith("+"):
        return key
    if key.startswith("+84"):
        national = key[3:]
        if len(national) == 9 and national[0] in "35789":
            return f"0{national[:3]} {national[3:6]} {national[6:]}"
        if len(national) == 10 and national[:2] in ("24", "28"):
            return f"0{national[:2]} {national[2:6]} {national[6:]}"
        if len(national) == 10 and national[0] == "2":
            return f"0{national[:3]} {national[3:7]} {national[7:]}"
    return _international(key)


def dialable(raw: str) -> str:
    """As the trunk wants it: "0912345678", "19006789", "113", "+442079460958"; digits, no more.

    Raises Invalid, in words, for whatever cannot be called: better no call than a wrong one.
    """
    if not raw.strip():
        raise Invalid(N_("Enter a phone number."), field="number")
    if _SEVERAL.search(raw):
        raise Invalid(N_("“{number}” is more than one number."), field="number", number=_short(raw))
    key = key_of(raw)
    if not key:
        raise Invalid(N_("“{number}” is not a phone number."), field="number", number=_short(raw))
    if key.startswith("+84") and _current(key[3:]):
        return "0" + key[3:]
    if key.startswith("+"):
        return key
    is_short = 3 <= len(key) <= 6 and key[0] != "0" and not _read(raw)[0]
    if is_short or _SERVICE.fullmatch(key):
        return key
    raise Invalid(
        N_("“{number}” is not complete: it begins with 0 and its area, or with + and its country."),
        field="number",
        number=_short(raw),
    )


def key_of_plain(raw: str) -> str:
    """The key of a mobile number written as it is dialled, "0912345678", as most are; "" for all
    others. Quicker than key_of, and dialable needs not be asked."""
    return "+84" + raw[1:] if _MOBILE.fullmatch(raw) else ""


def digits_of(raw: str) -> str:
    """Only the digits of a text, in their order; any script's digits as 0-9."""
    if raw.isascii():
        return _NO_DIGITS.sub("", raw)
    return "".join(str(unicodedata.decimal(letter)) for letter in raw if letter.isdecimal())


def _read(raw: str) -> tuple[bool, str]:
    """Whether the number names its country, and its digits without + or 00."""
    if raw.isascii() and raw.isdigit():
        digits = raw
    else:
        if any(letter.isalpha() or letter in "*#" for letter in raw):
            return False, ""
        digits = digits_of(raw)
        if "+" in raw and digits_of(raw.partition("+")[0]) == "" and digits[:1] != "0":
            return True, digits
    if digits.startswith("00") and (after := digits.lstrip("0")):
        return True, after
    return False, digits


def _vietnamese(international: bool, digits: str) -> str:
    """The key of a Vietnamese number, "" when it is none or not one we know the shape of."""
    if international:
        if not digits.startswith("84"):
            return ""
        national = digits[2:].removeprefix("0")  # "+84 (0)912 345 678"
    elif digits[0] == "0":
        national = digits[1:]
    elif digits.startswith("84") and len(digits) >= 11:
        national = digits[2:].removeprefix("0")
    else:
        national = digits
        return digits if _SERVICE.fullmatch(digits) else ""
    if _SERVICE.fullmatch(national):
        return national
    current = _current(national)
    return "+84" + current if current else ""


def _current(national: str) -> str:
    """A national number as it is today, without the 0; "" when it has no shape of ours."""
    if len(national) == 9:
        if area := AREA_2017.get(national[:2]):
            return area + national[2:]
        if national[0] in "35789":
            return national
        if national[0] == "4":  # Hanoi; Saigon's old 08 cannot be told from a mobile number
            return "2" + national
    elif len(national) == 10:
        if mobile := MOBILE_2018.get(national[:3]):
            return mobile + national[3:]
        if area := AREA_2017.get(national[:3]):
            return area + national[3:]
        if national[0] == "2":
            return national
    return ""


def _parsed(text: str) -> "PhoneNumber | None":
    """As phonenumbers reads it, in Vietnam. Possible is enough: it lags behind new blocks."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _national(number: "PhoneNumber") -> str:
    import phonenumbers

    return phonenumbers.national_significant_number(number)


def _international(key: str) -> str:
    import phonenumbers

    number = phonenumbers.parse(key)
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return text if key_of(text) == key else key


def _short(raw: str) -> str:
    """What was typed, fit to stand in a sentence."""
    text = "".join(letter for letter in raw if letter.isprintable()).strip()
    return text if len(text) <= 40 else text[:39] + "…"
