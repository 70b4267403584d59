"""Writes down what somebody did to others' accounts, or saw of what is not theirs."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.people.models import AuditEntry


def note(session: AsyncSession, user_id: int | None, action: str, detail: str) -> None:
    """`action` is a word ("password-reset"), `detail` says of whom and what. The caller commits."""
    session.add(AuditEntry(at=datetime.now(UTC), user_id=user_id, action=action, detail=detail))
