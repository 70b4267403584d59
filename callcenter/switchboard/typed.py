"""What is typed into the switchboard's forms, read. Pure; raises Invalid in words."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from callcenter.errors import N_, Invalid
from callcenter.switchboard.editing import FIELDS, part_of, put
from callcenter.switchboard.names import check_mark, name_for
from callcenter.switchboard.plan import KEYS, Holiday, Opening, Part, Plan
from callcenter.switchboard.times import DAY, Group, groups, openings_of

LONGEST_TITLE = 100
MOST_GROUPS, MOST_SPANS = 14, 12
DATE = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?")
GROUP = re.compile(r"begins-(0|[1-9][0-9]{0,2})")
TIME = re.compile(r"(\d{1,2})(?:\s*[:.hg]?\s*(\d{2})?)")


def read_title(texts: Mapping[str, str], taken: Iterable[str] = ()) -> str:
    """`taken`: the titles of others of that kind."""
    title = texts.get("title", "")
    if not title:
        raise Invalid(N_("Give it a name that you will know it by."), field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(N_("Too long: {n} letters at most."), field="title", n=LONGEST_TITLE)
    if title.casefold() in {each.casefold() for each in taken}:
        raise Invalid(N_("There is one of that name already."), field="title")
    return title


def read_count(texts: Mapping[str, str], field: str, least: int, most: int) -> int:
    text = texts.get(field, "")
    if not re.fullmatch(r"[0-9]{1,6}", text) or not least <= int(text) <= most:
        raise Invalid(N_("A number from {least} to {most}."), field=field, least=least, most=most)
    return int(text)


def put_typed(
    plan: Plan,
    kind: type[Part],
    name: str,
    texts: Mapping[str, str],
    read: Callable[[str, str], Part],
) -> Plan:
    """With the part as `read`, given name and title, has made it of a form; "" is the name of a
    new one. Raises Invalid, Missing, and Conflict when it is not as the form has shown it."""
    others = [each for each in getattr(plan, FIELDS[kind]) if each.name != name]
    if name:
        check_mark(part_of(plan, kind, name), texts.get("mark", ""))
    title = read_title(texts, (each.title for each in others))
    if not name:
        name = name_for(title, {"new", *(each.name for each in others)}, kind.__name__.lower())
    return put(plan, read(name, title))


# ------------------------------------------------------------------ opening hours


@dataclass(frozen=True, slots=True)
class TypedGroup:
    """Days that are alike, and their spans as they were typed."""

    days: tuple[int, ...]
    spans: tuple[tuple[str, str], ...]


def typed_groups(fields: Mapping[str, Sequence[str]]) -> list[TypedGroup]:
    """Of the fields days-0 (several), begins-0 and ends-0 (one each a span), days-1…"""
    numbers = sorted(int(found[1]) for name in fields if (found := GROUP.fullmatch(name)))
    return [
        TypedGroup(
            tuple(day for day in range(7) if str(day) in fields.get(f"days-{number}", ())),
            tuple(
                zip(
                    (each.strip()[:20] for each in fields[f"begins-{number}"][:MOST_SPANS]),
                    (each.strip()[:20] for each in fields.get(f"ends-{number}", ())),
                    strict=False,
                )
            ),
        )
        for number in numbers[:MOST_GROUPS]
    ]


def read_openings(typed: Iterable[TypedGroup]) -> tuple[Opening, ...]:
    """Raises Invalid with field "days-N" or "spans-N" of the group that is wrong."""
    return openings_of(
        Group(each.days, spans)
        for number, each in enumerate(typed)
        if (spans := _spans(each, number)) and _has_days(each, number)
    )


def _spans(typed: TypedGroup, number: int) -> tuple[tuple[int, int], ...]:
    found, field = [], f"spans-{number}"
    for begins, ends in typed.spans:
        if begins or ends:
            found.append((_minute(begins, field), _minute(ends, field)))
    if any(begins == DAY for begins, _ in found):
        raise Invalid(N_("A day begins at 0:00."), field=field)
    return tuple(found)


def _has_days(typed: TypedGroup, number: int) -> bool:
    if not typed.days:
        raise Invalid(N_("On which days?"), field=f"days-{number}")
    return True


def _minute(text: str, field: str) -> int:
    """ "8", "8:30", "8h30", "830", "24:00" as a minute of the day."""
    found = TIME.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2] or 0) if found else DAY + 1
    if minute > DAY or (found and int(found[2] or 0) > 59):
        raise Invalid(
            N_("“{value}” is not a time. Write it like 8:30; midnight is 24:00."),
            field=field,
            value=text,
        )
    return minute


def shown_groups(openings: Iterable[Opening]) -> list[TypedGroup]:
    """What is kept, as it is typed."""
    return [
        TypedGroup(each.days, tuple((clock(a), clock(b)) for a, b in each.spans))
        for each in groups(openings)
    ]


def clock(minute: int) -> str:
    """ "8:00", "24:00" """
    return f"{minute // 60}:{minute % 60:02}"


# ------------------------------------------------------------------ others


def read_prompt(texts: Mapping[str, str], known: Mapping[str, str]) -> str:
    """A prompt's name, "" for none."""
    name = texts.get("prompt", "")
    if name and name not in known:
        raise Invalid(N_("Choose one of the sounds."), field="prompt")
    return name


def read_queue(texts: Mapping[str, str], plan: Plan) -> str:
    """The name of one of the plan's queues."""
    name = texts.get("queue", "")
    if name not in {each.name for each in plan.queues}:
        raise Invalid(N_("Choose whose missed call it is."), field="queue")
    return name


def read_holiday(texts: Mapping[str, str], others: Iterable[Holiday]) -> Holiday:
    """ "30/4" in the field `day` for every year, "30/4/2027" for that one."""
    title = read_title(texts)
    found = DATE.fullmatch(texts.get("day", ""))
    lunar = "lunar" in texts
    day, month, year = (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
    if not found or not _is_day(day, month, year, lunar):
        raise Invalid(
            N_("“{value}” is not a day. Write it like 30/4, or 30/4/2027 for one year alone."),
            field="day",
            value=texts.get("day", ""),
        )
    days = read_count(texts, "days", 1, 15)
    new = Holiday(title=title, month=month, day=day, days=days, lunar=lunar, year=year)
    if any(_same_day(new, each) for each in others):
        raise Invalid(N_("This day is in the list already."), field="day")
    return new


def _is_day(day: int, month: int, year: int, lunar: bool) -> bool:
    """Whether there is that day in that year, or (0) in some."""
    if lunar:
        return 1 <= month <= 12 and 1 <= day <= 30 and (not year or 2000 <= year <= 2199)
    try:
        date(year or 2000, month, day)
    except ValueError:
        return False
    return not year or 2000 <= year <= 2199


def _same_day(one: Holiday, other: Holiday) -> bool:
    return (one.lunar, one.month, one.day, one.year) == (
        *(other.lunar, other.month, other.day, other.year),
    )


def read_moment(texts: Mapping[str, str]) -> datetime:
    """Of the fields `day` (27/11/2026) and `time` (8:30), in the company's zone."""
    found = DATE.fullmatch(texts.get("day", ""))
    try:
        day = date(int(found[3] or 0), int(found[2]), int(found[1])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise Invalid(
            N_("“{value}” is not a day. Write it like 21/11/2026."),
            field="day",
            value=texts.get("day", ""),
        )
    minute = _minute(texts.get("time", ""), "time")
    return datetime.combine(day, time(minute // 60 % 24, minute % 60))


def read_keys(texts: Mapping[str, str]) -> str:
    keys = texts.get("keys", "")
    if set(keys) - set(KEYS):
        raise Invalid(N_("Keys are 0 to 9, * and #."), field="keys")
    return keys
