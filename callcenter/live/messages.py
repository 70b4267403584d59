"""What team leads say to their people: kept, shown until it is read, and who has read it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Sessions
from callcenter.errors import N_, Conflict, Invalid, Missing
from callcenter.live.models import TeamMessage, TeamMessageReader
from callcenter.people.directory import Directory, Person

LONGEST: Final = 1000  # letters


class MessageCard(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its readers' pages show it. `by` is the sender's name."""

    id: int
    at: datetime
    by: str
    text: str
    to_all: bool


class Messages:
    """Those nobody has read yet are in memory; `tell(user_id, message)` reaches open pages."""

    def __init__(
        self,
        sessions: Sessions,
        directory: Directory,
        tell: Callable[[int, dict[str, Any]], None],
    ) -> None:
        self._sessions, self._directory, self._tell = sessions, directory, tell
        self._unread: dict[int, list[MessageCard]] = {}

    async def load(self) -> None:
        """What waited to be read when the service ended."""
        asked = (
            select(TeamMessageReader.user_id, TeamMessage)
            .join(TeamMessage, TeamMessage.id == TeamMessageReader.message_id)
            .where(TeamMessageReader.read_at.is_(None))
            .order_by(TeamMessage.id)
        )
        async with self._sessions() as session:
            for user_id, message in await session.execute(asked):
                self._unread.setdefault(user_id, []).append(self._card(message))

    def state(self, user_id: int) -> dict[str, Any]:
        """Part of the first message of that user's pages."""
        return {"messages": self._unread.get(user_id, [])}

    async def send(
        self, sender: Person, readers: Iterable[Person], text: str, *, to_all: bool
    ) -> None:
        """Raises Invalid for a text that is none, Conflict when nobody would read it."""
        text = tidy(text)
        ids = sorted({each.id for each in readers} - {sender.id})
        if not ids:
            raise Conflict(N_("There is nobody who could read it."))
        message = TeamMessage(at=datetime.now(UTC), user_id=sender.id, text=text, to_all=to_all)
        async with self._sessions.begin() as session:
            session.add(message)
            await session.flush()
            rows = (TeamMessageReader(message_id=message.id, user_id=each) for each in ids)
            session.add_all(rows)
        card = self._card(message)
        for user_id in ids:
            self._unread.setdefault(user_id, []).append(card)
            self._tell(user_id, {"type": "messages", **self.state(user_id)})

    async def read(self, reader: Person, message_id: int) -> None:
        """Raises Missing for a message that is not theirs; read twice it stays read the first time.

        All pages of the reader and of the sender are told.
        """
        now = datetime.now(UTC)
        mine = (TeamMessageReader.message_id == message_id) & (
            TeamMessageReader.user_id == reader.id
        )
        async with self._sessions.begin() as session:
            asked = select(TeamMessage.user_id).join(
                TeamMessageReader, TeamMessageReader.message_id == TeamMessage.id
            )
            sender_id = await session.scalar(asked.where(mine))
            if sender_id is None:
                raise Missing(N_("There is no such message."))
            unread = TeamMessageReader.read_at.is_(None)
            await session.execute(update(TeamMessageReader).where(mine, unread).values(read_at=now))
        left = [each for each in self._unread.get(reader.id, []) if each.id != message_id]
        self._unread[reader.id] = left
        self._tell(reader.id, {"type": "messages", **self.state(reader.id)})
        told = {"message_id": message_id, "user_id": reader.id, "name": reader.name, "at": now}
        self._tell(sender_id, {"type": "note", "what": "message-read", **told})

    def _card(self, message: TeamMessage) -> MessageCard:
        sender = self._directory.known(message.user_id)
        return MessageCard(
            id=message.id,
            at=message.at,
            by=sender.name if sender else "",
            text=message.text,
            to_all=message.to_all,
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A message with its readers: user id -> when they have read it."""

    message: TeamMessage
    readers: dict[int, datetime | None]

    @property
    def read(self) -> int:
        """By how many."""
        return sum(at is not None for at in self.readers.values())


async def sent(session: AsyncSession, by: int | None, most: int) -> Sequence[Sent]:
    """The latest messages of that user, of everybody's where it is None; the newest first."""
    asked = select(TeamMessage).order_by(TeamMessage.id.desc()).limit(most)
    if by is not None:
        asked = asked.where(TeamMessage.user_id == by)
    messages = (await session.scalars(asked)).all()
    readers: dict[int, dict[int, datetime | None]] = {each.id: {} for each in messages}
    rows = select(TeamMessageReader).where(TeamMessageReader.message_id.in_(readers))
    for row in await session.scalars(rows):
        readers[row.message_id][row.user_id] = row.read_at
    return [Sent(each, readers[each.id]) for each in messages]


def tidy(text: str) -> str:
    """`text` without what cannot be seen. Raises Invalid when nothing is left, or too much."""
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
    tidied = "\n".join(line.rstrip() for line in lines).strip()
    if not tidied:
        raise Invalid(N_("Write what you want to say."), field="text")
    if len(tidied) > LONGEST:
        raise Invalid(N_("A message has at most {n} letters."), field="text", n=LONGEST)
    return tidied
