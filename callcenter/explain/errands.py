"""What is done with hops once a day."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from callcenter.db import Sessions
from callcenter.explain import kinds
from callcenter.explain.models import CallHop

KEPT = timedelta(days=30)


async def forget(sessions: Sessions) -> None:
    """Remove hops that are old enough, kind by kind: there is an index for it."""
    old = datetime.now(UTC) - KEPT
    for kind in kinds.ALL:
        async with sessions.begin() as session:
            await session.execute(delete(CallHop).where(CallHop.kind == kind, CallHop.at < old))
