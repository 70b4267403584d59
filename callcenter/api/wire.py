"""From bytes to structs and back, with every mistake of the sender named in a sentence."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiMapping

from callcenter.errors import N_, CallcenterError, Invalid

T = TypeVar("T")

LARGEST = 2**20  # bytes of a body

_TYPES = {
    "int": N_("“{name}” has to be a whole number."),
    "float": N_("“{name}” has to be a number."),
    "str": N_("“{name}” has to be text."),
    "bool": N_("“{name}” has to be true or false."),
    "array": N_("“{name}” has to be a list."),
    "object": N_("“{name}” has to be an object."),
}
_SAYINGS = [  # what msgspec says, and what we say instead
    (r"Object contains unknown field `(?P<name>.*)`", N_("There is no field “{name}” here.")),
    (r"Object missing required field `(?P<name>.*)`", N_("The field “{name}” is missing.")),
    (r"Expected `str` of length >= 1\b", N_("“{name}” is empty.")),
    (r"Expected `str` of length <= (?P<most>\d+)", N_("“{name}” is longer than {most} letters.")),
    (r"Expected `array` of length <= (?P<most>\d+)", N_("“{name}” has more than {most} parts.")),
    (r"Expected `array` of length >= 1\b", N_("“{name}” is empty.")),
    (r"Expected `int` <= (?P<most>\d+)", N_("“{name}” is larger than {most}.")),
    (r"Expected `int` >= (?P<least>\d+)", N_("“{name}” is smaller than {least}.")),
    (r"Invalid enum value '?(?P<value>.*?)'?( - at .*)?$", N_("“{name}” cannot be “{value}”.")),
    (r"Invalid RFC3339 encoded date", N_("“{name}” has to be a date like 2026-11-21.")),
]
_UNUSABLE = N_("“{name}” cannot be used as it is.")
_AT = re.compile(r" - at `(?:key in )?\$\.?(?P<name>.*)`$")


class TooLarge(CallcenterError):
    status, code = 413, "too-large"


class Error(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What every refused or failed request answers: a code for programs, a sentence for people."""

    error: str
    message: str


def json_answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def body_of(request: web.Request, kind: type[T]) -> T:
    """The request's JSON as `kind`; raises Invalid or TooLarge with a sentence."""
    if (request.content_length or 0) > LARGEST:
        raise TooLarge(N_("That is too much data for one request."))
    raw = await request.read()
    if len(raw) > LARGEST:
        raise TooLarge(N_("That is too much data for one request."))
    try:
        value = msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid(N_("The body of the request is not JSON.")) from None
    _refuse_nul(msgspec.to_builtins(value))
    return value


def query_of(query: MultiMapping[str], kind: type[T]) -> T:
    """The part of an address after "?" as `kind`; an empty value counts as none."""
    values: dict[str, str] = {}
    for name, value in query.items():
        if name in values:
            raise Invalid(N_("“{name}” stands there twice."), name[:64], name=name[:64])
        values[name] = value
    given = {name: value for name, value in values.items() if value != ""}
    _refuse_nul(values)
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None


def begin_of(day: date, zone: tzinfo, name: str) -> datetime:
    """When that day of the company begins, in UTC; raises Invalid for a year nobody can mean."""
    if not 2000 <= day.year < 9999:
        raise Invalid(N_("“{name}” is not a day of our time."), name, name=name)
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of(day: date, zone: tzinfo, name: str) -> datetime:
    """When the day after it begins."""
    begin_of(day, zone, name)
    return begin_of(day + timedelta(days=1), zone, name)


def _invalid(said: str) -> Invalid:
    place = _AT.search(said)
    name = (place["name"] if place else "")[:64]
    for pattern, sentence in _SAYINGS:
        if match := re.match(pattern, said):
            values = {"name": name} | {key: text[:64] for key, text in match.groupdict().items()}
            return Invalid(sentence, values["name"], **values)
    if not name:
        return Invalid(N_("The body of the request has to be a JSON object."))
    wanted = re.match(r"Expected `(\w+)", said)
    sentence = _TYPES.get(wanted[1], _UNUSABLE) if wanted else _UNUSABLE
    return Invalid(sentence, name, name=name)


def _refuse_nul(value: object, name: str = "") -> None:
    """The database refuses this character, and so do we, before it."""
    parts: Iterable[tuple[str, object]] = ()
    if isinstance(value, str) and "\0" in value:
        raise Invalid(_UNUSABLE, name[:64], name=name[:64])
    if isinstance(value, dict):
        parts = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, list):
        parts = [(name, each) for each in value]
    for key, each in parts:
        _refuse_nul(each, key)
