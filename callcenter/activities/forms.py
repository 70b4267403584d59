"""What somebody types about an activity, tidied and checked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callcenter.errors import N_, Invalid

LENGTHS: Final = {"name": 200, "description": 10_000}
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONGEST: Final = 24 * 60  # minutes
AHEAD: Final = timedelta(minutes=10)  # clocks differ

Problems = Mapping[str, Invalid]  # by field


@dataclass(frozen=True, slots=True)
class ActivityForm:
    """`at` is a moment, or the text that is none; None: now. `type_id` is None for none chosen.
    `minutes` is how long it took, or the text that is no number; None: not said."""

    name: str
    description: str
    type_id: int | None
    at: datetime | str | None
    minutes: int | str | None = None


def tidy(given: Mapping[str, object], zone: ZoneInfo) -> ActivityForm:
    """From a form's texts; `at` as browsers write it (2026-11-26T10:30), in the company's zone."""
    texts = {
        name: value if isinstance(value, str) else ""
        for name in ("name", "description", "type", "at", "minutes")
        for value in [given.get(name)]
    }
    chosen = texts["type"].strip()
    return ActivityForm(
        name=" ".join(_plain(texts["name"]).split()),
        description=_plain(texts["description"]).replace("\r\n", "\n").strip(),
        type_id=int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None,
        at=_moment(texts["at"].strip(), zone),
        minutes=_whole(texts["minutes"].strip()),
    )


def problems(form: ActivityForm, types: Collection[int], now: datetime) -> Problems:
    """What is wrong with which field; `types` are the ids that may be chosen."""
    found: dict[str, Invalid] = {}
    for name, longest in LENGTHS.items():
        if len(getattr(form, name)) > longest:
            found[name] = Invalid(N_("Too long: {n} letters at most."), name, n=longest)
    if not form.name:
        found["name"] = Invalid(N_("Enter a name."), "name")
    if form.type_id not in types:
        found["type"] = Invalid(N_("Choose a type."), "type")
    if isinstance(form.at, str):
        found["at"] = Invalid(N_("“{word}” is not a time."), "at", word=form.at[:40])
    elif form.at and not EARLIEST <= form.at <= now + AHEAD:
        sentence = N_("An activity is what has happened: choose a time up to now.")
        found["at"] = Invalid(sentence, "at")
    minutes = 1 if form.minutes is None else form.minutes
    if isinstance(minutes, str) or not 1 <= minutes <= LONGEST:
        sentence = N_("Whole minutes, from 1 to {most}, please; or leave it empty.")
        found["minutes"] = Invalid(sentence, "minutes", most=LONGEST)
    return found


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\r\t")


def _whole(text: str) -> int | str | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text or None


def _moment(text: str, zone: ZoneInfo) -> datetime | str | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return text
