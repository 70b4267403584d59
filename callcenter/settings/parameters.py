"""The company's parameters [15.13]: numbers that other rooms ask for, changed in the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions
from callcenter.errors import N_, Invalid
from callcenter.settings.company import is_email
from callcenter.settings.models import Setting
from callcenter.settings.queries import keep_value

BIN_DAYS: Final = 30  # a rule of the product, shown but not changed [2.16]
MOST_DAYS: Final = 60
MOST_MB: Final = 500
MOST_COPIES: Final = 5
MOST_SECONDS: Final = 3600
LONGEST_RING: Final = 120  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """`email_cc`: addresses, separated by commas, that every marketing email is copied to.
    Reminders are days before the event: 0 is the day itself. Whoever misses so many calls in a row
    (0: any number) is put on a break; after each missed one no call comes for some seconds."""

    email_cc: str = ""
    task_reminder_days: int = 1
    founding_reminder_days: int = 3
    birthday_reminder_days: int = 3
    largest_document_mb: int = 20
    hold_alarm_s: int = 60  # a customer on hold for longer: the agent's phone says so; 0: never
    missed_in_a_row: int = 2
    missed_pause_s: int = 10
    missed_days: int = 14  # that a missed call waits to be called back
    owner_rings_s: int = 15  # a customer's own agent, before anybody else; 0: like everybody else
    team_rings_s: int = 15  # then that agent's department, when the queue is not theirs; 0: never
    return_wait_s: int = 30  # a customer for an agent whose phone was lost, before others are asked
    listening_told: int = 1  # an agent's phone says so when a lead listens; 0: it does not

    @property
    def bin_days(self) -> int:
        """How long deleted customers can be brought back."""
        return BIN_DAYS

    @property
    def largest_document(self) -> int:
        """In bytes."""
        return self.largest_document_mb * 2**20


class Current:
    """The parameters in memory, for those who cannot wait for the database: `now` is as saved."""

    def __init__(self, now: Parameters | None = None) -> None:
        self.now = now or Parameters()

    async def load(self, sessions: Sessions) -> None:
        """At the start, and after each change."""
        async with sessions() as session:
            self.now = await parameters(session)


LIMITS: Final[Mapping[str, tuple[int, int]]] = {  # the smallest and the largest number of each
    "task_reminder_days": (0, MOST_DAYS),
    "founding_reminder_days": (0, MOST_DAYS),
    "birthday_reminder_days": (0, MOST_DAYS),
    "largest_document_mb": (1, MOST_MB),
    "hold_alarm_s": (0, MOST_SECONDS),
    "missed_in_a_row": (0, 20),
    "missed_pause_s": (1, 300),
    "missed_days": (1, MOST_DAYS),
    "owner_rings_s": (0, LONGEST_RING),
    "team_rings_s": (0, LONGEST_RING),
    "return_wait_s": (5, MOST_SECONDS),
    "listening_told": (0, 1),
}
_NAMES = [each.name for each in fields(Parameters)]


async def parameters(session: AsyncSession) -> Parameters:
    """As saved; the defaults before the first time."""
    rows = await session.execute(
        select(Setting.name, Setting.value).where(Setting.name.in_(_NAMES))
    )
    texts = {name: value for name, value in rows}
    found, problems = read(texts)
    return found if not problems else Parameters()


def read(texts: Mapping[str, str]) -> tuple[Parameters, dict[str, Invalid]]:
    """Parameters from what was typed, missing ones by default; what must be put right, by field."""
    problems: dict[str, Invalid] = {}
    numbers: dict[str, int] = {}
    for name, (least, most) in LIMITS.items():
        text = texts.get(name, "").strip()
        if name not in texts:
            continue
        if not (re.fullmatch("[0-9]{1,9}", text) and least <= int(text) <= most):
            sentence = N_("A whole number from {least} to {most}, please.")
            problems[name] = Invalid(sentence, field=name, least=least, most=most)
        else:
            numbers[name] = int(text)
    copies = [each.strip() for each in texts.get("email_cc", "").replace(";", ",").split(",")]
    copies = [each for each in copies if each]
    if wrong := next((each for each in copies if not is_email(each)), None):
        sentence = N_("“{text}” is not an email address.")
        problems["email_cc"] = Invalid(sentence, field="email_cc", text=wrong[:100])
    elif len(copies) > MOST_COPIES:
        problems["email_cc"] = Invalid(
            N_("At most {n} addresses."), field="email_cc", n=MOST_COPIES
        )
    return Parameters(email_cc=", ".join(copies), **numbers), problems


async def save_parameters(session: AsyncSession, new: Parameters) -> None:
    """Save them, without committing. Raises Invalid in words."""
    texts = {name: str(getattr(new, name)) for name in _NAMES}
    for problem in read(texts)[1].values():
        raise problem
    for name, text in texts.items():
        await keep_value(session, name, text)
