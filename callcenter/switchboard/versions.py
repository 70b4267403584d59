"""The plans as they are kept: the exchange's own, the draft beside it, and those before.

There is one draft for everybody, made by the first change and gone when it says the same as the
exchange's again. `revision` tells whether somebody else has changed it since a page was drawn; that
of a new draft begins anywhere, so that it is never the one of another that was looked at and is
gone. Before each change what the draft was is kept as a step, a row that is neither a draft nor
published, so that changes can be undone one by one; of the oldest that is left, when there were
more, `note` is CUT. Nothing here commits; making a plan live is
`publishing`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import randbelow

import msgspec
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing
from callcenter.keyset import Cut, cut
from callcenter.settings.company import company
from callcenter.settings.queries import dids, queues
from callcenter.switchboard.models import PlanVersion
from callcenter.switchboard.plan import HANG_UP, Kind, Number, Plan, Queue, Trunk, Way

BUILT_IN = "carrier"  # the name of the trunk that the installation brings
LOCK = 0x706C616E  # ours among PostgreSQL's advisory locks
REVISIONS = 2**30  # a new draft's first one is below
MOST_STEPS = 50  # of a draft that can be undone
CUT = "cut"  # what was before it is not kept any more
_PUBLISHED = select(PlanVersion).where(PlanVersion.published_at.is_not(None))
_IS_STEP = and_(PlanVersion.published_at.is_(None), PlanVersion.is_draft.is_(None))

log = logging.getLogger(__name__)


class Unreadable(CallcenterError):
    """A plan was kept by a version of the program that knew what this one does not."""


@dataclass(frozen=True, slots=True)
class Version:
    """A plan with its history; `id` 0: made of what was there before there were plans."""

    id: int
    plan: Plan
    revision: int = 0
    changed_at: datetime | None = None
    changed_by: int | None = None
    published_at: datetime | None = None
    published_by: int | None = None
    note: str = ""


async def live(session: AsyncSession) -> Version:
    """What the exchange has, or is about to have."""
    last = _PUBLISHED.order_by(PlanVersion.published_at.desc(), PlanVersion.id.desc()).limit(1)
    row = await session.scalar(last)
    return _version(row) if row else Version(0, await first_plan(session))


async def draft(session: AsyncSession) -> Version | None:
    """What is being changed; None while nothing differs from the exchange's."""
    row = await _draft(session)
    return _version(row) if row else None


async def working(session: AsyncSession) -> Version:
    """What pages show and change: the draft, else what is live."""
    return await draft(session) or await live(session)


async def change(
    session: AsyncSession,
    user_id: int | None,
    edit: Callable[[Plan], Plan],
    revision: int | None = None,
) -> Version:
    """Let the draft be what `edit` makes of it. Raises what `edit` raises, Invalid when that could
    not be read again, and Conflict when `revision` is given and the draft has another one by now.
    """
    await _hold(session)
    now, row = await live(session), await _draft(session)
    before = _version(row) if row else now
    if revision is not None and revision != before.revision:
        raise Conflict(N_("Somebody else has changed the switchboard meanwhile: look again."))
    text = msgspec.json.encode(edit(before.plan))
    after = _checked(text)
    if after == now.plan:
        await _forget(session, row)
        return now
    if row is None:
        row = PlanVersion(is_draft=True, revision=randbelow(REVISIONS), note="")
        session.add(row)
    elif after != before.plan:
        await _keep_step(session, row)
    row.plan = text.decode()
    row.revision += 1
    row.changed_at, row.changed_by = datetime.now(UTC), user_id
    await session.flush()
    return _version(row)


async def publish(session: AsyncSession, user_id: int | None, revision: int, note: str) -> Version:
    """Let the draft of that revision be what is live. Raises Conflict when it is another one by
    now. What was there before there were plans is kept as the first of them."""
    await _hold(session)
    now, row = await live(session), await _draft(session)
    if row is None or row.revision != revision:
        raise Conflict(N_("Somebody else has changed the switchboard meanwhile: look again."))
    at = datetime.now(UTC)
    if not now.id:
        plan = msgspec.json.encode(now.plan).decode()
        before = at - timedelta(milliseconds=1)
        first = PlanVersion(plan=plan, revision=0, changed_at=at, published_at=before, note="")
        session.add(first)
        await session.flush()
    row.is_draft, row.published_at, row.published_by, row.note = None, at, user_id, note[:200]
    await session.flush()
    await session.execute(delete(PlanVersion).where(_IS_STEP))
    return _version(row)


async def discard(session: AsyncSession) -> None:
    """Forget the draft."""
    await _hold(session)
    await _forget(session, await _draft(session))


async def undo(session: AsyncSession, revision: int) -> None:
    """Let the draft be as before its last change. Raises Conflict when it is not of that revision
    any more: what somebody else has done meanwhile is not to be undone unseen; and when what it was
    before is not kept any more."""
    await _hold(session)
    row = await _draft(session)
    if row is None or row.revision != revision:
        raise Conflict(N_("Somebody else has changed the switchboard meanwhile: look again."))
    last = select(PlanVersion).where(_IS_STEP).order_by(PlanVersion.id.desc()).limit(1)
    step = await session.scalar(last)
    if step is None and row.note == CUT:
        sentence = N_(
            "Only the last {n} changes can be undone one by one. The others are still there."
        )
        raise Conflict(sentence, n=MOST_STEPS)
    if step is None:
        await _forget(session, row)
        return
    row.plan, row.changed_at, row.changed_by = step.plan, step.changed_at, step.changed_by
    row.note = step.note
    row.revision += 1
    await session.delete(step)
    await session.flush()


async def restore(session: AsyncSession, user_id: int | None, version_id: int) -> Version:
    """Let the draft be what was live once. Raises Missing."""
    old = (await one(session, version_id)).plan
    return await change(session, user_id, lambda _: old)


async def one(session: AsyncSession, version_id: int) -> Version:
    """What is live or was live once. Raises Missing."""
    row = await session.get(PlanVersion, version_id)
    if row is None or row.published_at is None:
        raise Missing(N_("There is no such version."))
    return _version(row)


async def published(session: AsyncSession, cursor: str = "") -> Cut[tuple[PlanVersion]]:
    """The rows of what is live and was live, the last first."""
    columns = [PlanVersion.published_at, PlanVersion.id]
    return await cut(session, _PUBLISHED, columns, descending=True, cursor=cursor)


async def history(
    session: AsyncSession, before: Version | None = None, limit: int = 50
) -> Sequence[Version]:
    """What was live, before that one was if there is one, the last first; what this program cannot
    read is left out."""
    question = _PUBLISHED.order_by(PlanVersion.published_at.desc(), PlanVersion.id.desc())
    if before:
        at, same = PlanVersion.published_at, PlanVersion.published_at == before.published_at
        earlier = or_(at < before.published_at, and_(same, PlanVersion.id < before.id))
        question = question.where(earlier)
    rows = await session.scalars(question.limit(limit))
    found = []
    for row in rows:
        try:
            found.append(_version(row))
        except Unreadable as error:
            log.warning("%s", error)
    return found


async def first_plan(session: AsyncSession) -> Plan:
    """The plan that does what queues, numbers and company said before there were plans."""
    now = await company(session)
    return Plan(
        trunks=(Trunk(name=BUILT_IN, title=BUILT_IN),),
        numbers=tuple(
            Number(number=each.number, way=Way(kind=Kind.QUEUE, name=each.queue))
            for each in await dids(session)
        ),
        queues=tuple(
            Queue(name=each.name, title=each.title, department_id=each.department_id)
            for each in await queues(session)
        ),
        default=Way(kind=Kind.QUEUE, name=now.default_queue) if now.default_queue else HANG_UP,
        caller_id=now.caller_id,
    )


async def _hold(session: AsyncSession) -> None:
    """Until the commit nobody else changes or publishes. Else of two who save at the same moment
    each would begin with the plan as it was, and one change would be lost."""
    if session.get_bind().dialect.name == "sqlite":  # its lock comes with the first change
        await session.execute(update(PlanVersion).where(PlanVersion.id == -1).values(revision=0))
    else:
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def _forget(session: AsyncSession, draft: PlanVersion | None) -> None:
    """The draft and its steps."""
    await session.execute(delete(PlanVersion).where(_IS_STEP))
    if draft:
        await session.delete(draft)
    await session.flush()


async def _keep_step(session: AsyncSession, draft: PlanVersion) -> None:
    """What the draft is now, before it is changed."""
    steps = select(PlanVersion.id).where(_IS_STEP).order_by(PlanVersion.id.desc())
    kept = (await session.scalars(steps.limit(MOST_STEPS - 1))).all()
    first = min(kept, default=0)
    old = delete(PlanVersion).where(_IS_STEP, PlanVersion.id < first).returning(PlanVersion.id)
    if (await session.scalars(old)).first():
        await session.execute(update(PlanVersion).where(PlanVersion.id == first).values(note=CUT))
    session.add(
        PlanVersion(
            plan=draft.plan,
            revision=draft.revision,
            changed_at=draft.changed_at,
            changed_by=draft.changed_by,
            note=draft.note,
        )
    )
    draft.note = ""
    await session.flush()


async def _draft(session: AsyncSession) -> PlanVersion | None:
    row: PlanVersion | None = await session.scalar(
        select(PlanVersion).where(PlanVersion.is_draft.is_(True))
    )
    return row


def _checked(text: bytes) -> Plan:
    """What is kept must be readable: without it neither pages nor the exchange would start."""
    try:
        return msgspec.json.decode(text, type=Plan)
    except msgspec.ValidationError as error:
        raise Invalid(N_("This cannot be kept: {reason}"), reason=str(error)) from error


def _version(row: PlanVersion) -> Version:
    try:
        plan = msgspec.json.decode(row.plan, type=Plan)
    except msgspec.DecodeError as error:
        sentence = N_("Version {id} of the switchboard cannot be read: {reason}")
        raise Unreadable(sentence, id=row.id, reason=str(error)) from error
    return Version(
        id=row.id,
        plan=plan,
        revision=row.revision,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        published_at=row.published_at,
        published_by=row.published_by,
        note=row.note,
    )
