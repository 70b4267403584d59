"""The figures of the service report: of incoming calls, by steps of time or by queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction
from callcenter.errors import N_, Invalid
from callcenter.reports.asked import Asked, Step
from callcenter.reports.frame import Asker
from callcenter.reports.pieces import MINUTES, Piece, piece_of, pieces
from callcenter.sums import queries as sums
from callcenter.sums.plan import Key
from callcenter.sums.terms import KeyValue, Sum, total


class By(StrEnum):
    """What the rows are, where they are not steps of time."""

    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of one key; `piece` where it is a step of time."""

    key: KeyValue
    sum: Sum
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`lines` are of `by`, most calls first; or of all steps of time, in order."""

    by: By | None
    lines: Sequence[Line]
    total: Sum


def by_of(asked: Asked) -> By | None:
    """Raises Invalid for a word that is none."""
    if not asked.by:
        return None
    if asked.by not in set(By):
        raise Invalid(N_("“{word}” is not a filter here."), field="by", word=asked.by)
    return By(asked.by)


def incoming(asked: Asked) -> Asked:
    """Service is of calls that come in, whatever they end in."""
    return msgspec.structs.replace(asked, direction=Direction.INBOUND.value, results=())


async def found(session: AsyncSession, asker: Asker, asked: Asked) -> Found:
    """As far as one who asks may see. Raises Invalid."""
    by, asked = by_of(asked), incoming(asked)
    if by:
        queues = await sums.by(session, asker, asked, Key.QUEUE)
        lines = [Line(row.key[0], row) for row in queues if row.offered]
        lines.sort(key=lambda line: (-line.sum.offered, str(line.key)))
        return Found(by, lines, total(queues))
    rows = await _by_time(session, asker, asked)
    by_key = {row.key[0]: row for row in rows}
    lines = []
    for piece in pieces(asked):
        key = piece.start if piece.is_of_clock else piece_of(piece.since, 0, asked.step)
        lines.append(Line(key, by_key.get(key, Sum(key=(key,))), piece))
    return Found(by, lines, total(rows))


async def _by_time(session: AsyncSession, asker: Asker, asked: Asked) -> Sequence[Sum]:
    """The key of a step of a day's clock is its first minute, of others their first day."""
    if asked.step is Step.HOUR:
        rows = await sums.by(session, asker, asked, Key.HOUR)
        return [row._replace(key=(int(str(row.key[0])) * 60,)) for row in rows]
    if minutes := MINUTES.get(asked.step):
        return await sums.slots(session, asker, asked, minutes)
    return await sums.by(session, asker, asked, asked.step.value)


async def week(session: AsyncSession, asker: Asker, asked: Asked) -> dict[tuple[int, int], Sum]:
    """By weekday (0 is Monday) and hour."""
    rows = await sums.by(session, asker, incoming(asked), Key.WEEKDAY, Key.HOUR)
    return {(int(str(row.key[0])), int(str(row.key[1]))): row for row in rows}
