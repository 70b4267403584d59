"""How long an agent has after a call, and how much longer one may ask for; by queue."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Invalid
from callcenter.settings.models import Queue, Setting
from callcenter.settings.queries import keep_value

LONGEST: Final = 3600  # seconds
STEP: Final = 30  # seconds that "more time" gives at once
OUTGOING: Final = ""  # stands among the queues for calls that no queue brought
SECONDS, MORE, OUT = "wrap_up_s", "wrap_up_more_s", "wrap_up_outgoing_s"  # names of settings


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpRules:
    """In seconds; 0 is without end. `own` are those of queues, and of OUTGOING, that differ."""

    seconds: float = 0
    more: float = 120  # what one wrap-up may be made longer by, all steps together
    own: Mapping[str, float] = field(default_factory=dict)

    def after(self, queue: str | None) -> float:
        """How long a call of that queue leaves; None: of no queue."""
        return self.own.get(queue or OUTGOING, self.seconds)


async def wrap_up_rules(session: AsyncSession) -> WrapUpRules:
    """As saved; without end before the first time."""
    rows = await session.execute(
        select(Setting.name, Setting.value).where(Setting.name.in_((SECONDS, MORE, OUT)))
    )
    texts = {name: value for name, value in rows}
    queues = await session.execute(select(Queue.name, Queue.wrap_up_s))
    own: dict[str, float] = {name: s for name, s in queues if s is not None}
    if texts.get(OUT):
        own[OUTGOING] = int(texts[OUT])
    given = {"seconds": texts.get(SECONDS), "more": texts.get(MORE)}
    return WrapUpRules(own=own, **{name: int(text) for name, text in given.items() if text})


def read_rules(
    texts: Mapping[str, str], queues: Mapping[str, object]
) -> tuple[WrapUpRules, dict[str, Invalid]]:
    """Rules from what was typed, and what must be put right, by field.

    Fields are "seconds", "more", "own-" for outgoing calls and "own-sales" for a queue; an empty
    "own-…" is as in the company.
    """
    found: dict[str, int] = {}
    problems: dict[str, Invalid] = {}
    for name in ("seconds", "more", *(f"own-{queue}" for queue in (OUTGOING, *queues))):
        text = texts.get(name, "").strip()
        if not text and name.startswith("own-"):
            continue
        if not (re.fullmatch("[0-9]{1,9}", text) and int(text) <= LONGEST):
            sentence = N_("A whole number from {least} to {most}, please.")
            problems[name] = Invalid(sentence, field=name, least=0, most=LONGEST)
        else:
            found[name] = int(text)
    own = {name.removeprefix("own-"): s for name, s in found.items() if name.startswith("own-")}
    return WrapUpRules(
        seconds=found.get("seconds", 0), more=found.get("more", 0), own=own
    ), problems


async def save_rules(session: AsyncSession, rules: WrapUpRules) -> None:
    """Save them, without committing; queues that are not named are as the company."""
    outgoing = rules.own.get(OUTGOING)
    await keep_value(session, SECONDS, f"{rules.seconds:.0f}")
    await keep_value(session, MORE, f"{rules.more:.0f}")
    await keep_value(session, OUT, "" if outgoing is None else f"{outgoing:.0f}")
    for queue in await session.scalars(select(Queue)):
        own = rules.own.get(queue.name)
        queue.wrap_up_s = None if own is None else int(own)
