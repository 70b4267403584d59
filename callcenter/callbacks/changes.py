"""Making and changing callbacks; each change is kept. Whoever calls has checked the rights, commits
afterwards, and then tells the inbox (`Inbox.changed`)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.callbacks import times
from callcenter.callbacks.models import LONGEST, Callback, CallbackChange, State
from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import N_, Conflict, Invalid
from callcenter.people.directory import Directory, Person

WHAT = {  # of CallbackChange, in words
    "made": N_("Callback planned"),
    "moved": N_("Callback moved"),
    "edited": N_("Purpose of the callback changed"),
    "given": N_("Callback given to {name}"),
    "claimed": N_("Callback taken over"),
    "later": N_("Reminder put off"),
    "done": N_("Called back"),
    "cancelled": N_("Callback cancelled"),
    "reopened": N_("Callback open again"),
}
EARLY = timedelta(minutes=15)  # before its time a call counts as the callback
OVER = N_("This callback is closed already.")
TAKEN = N_("{name} has taken this callback already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody wants: `user_id` None for anyone of `department_id`."""

    number: str
    at: datetime
    purpose: str = ""
    user_id: int | None
    department_id: int | None
    customer_id: int | None = None
    call_id: str | None = None


async def make(session: AsyncSession, plan: Plan, by: int, now: datetime) -> Callback:
    """A new callback. Raises Invalid, in words."""
    callback = Callback(
        customer_id=plan.customer_id,
        number=dialable(plan.number),
        number_key=key_of(plan.number),
        call_id=plan.call_id,
        at=times.still_to_come(plan.at, now),
        remind_at=plan.at,
        purpose=purpose_of(plan.purpose),
        user_id=plan.user_id,
        department_id=plan.department_id,
        state=State.OPEN,
        created_by=by,
        created_at=now,
    )
    session.add(callback)
    await session.flush()
    _note(session, callback, by, now, "made", new=_iso(callback.at))
    return callback


def move(session: AsyncSession, callback: Callback, at: datetime, by: int, now: datetime) -> None:
    """To another time. Raises Invalid when it has passed, Conflict for a closed one."""
    _open(callback)
    if at == callback.at:
        return
    before, callback.at = callback.at, times.still_to_come(at, now)
    callback.remind_at = callback.at
    _note(session, callback, by, now, "moved", _iso(before), _iso(at))


def edit(session: AsyncSession, callback: Callback, purpose: str, by: int, now: datetime) -> None:
    _open(callback)
    if (new := purpose_of(purpose)) != callback.purpose:
        _note(session, callback, by, now, "edited", callback.purpose, new)
        callback.purpose = new


def later(session: AsyncSession, callback: Callback, minutes: int, by: int, now: datetime) -> None:
    """Remind again in so many minutes; what was agreed with the customer stays."""
    _open(callback)
    if minutes not in times.LATER:
        raise Invalid(N_("Choose how much later."), field="minutes")
    callback.remind_at = now + timedelta(minutes=minutes)
    _note(session, callback, by, now, "later", new=_iso(callback.remind_at))


def give(
    session: AsyncSession, callback: Callback, to: Person | None, by: int, now: datetime
) -> None:
    """To a colleague, or (None) to anyone of its department."""
    _open(callback)
    if to is None and callback.department_id is None:
        raise Invalid(N_("It has no department: choose a person."), field="user_id")
    new = to.id if to else None
    if new == callback.user_id:
        return
    callback.user_id = new
    if to and to.department_id is not None:
        callback.department_id = to.department_id
    _note(session, callback, by, now, "given", new=to.name if to else "*")


async def claim(
    session: AsyncSession, callback: Callback, by: Person, directory: Directory, now: datetime
) -> None:
    """Take one that is anyone's: of two who try, one gets it. Raises Conflict, in words."""
    mine = (
        update(Callback)
        .where(Callback.id == callback.id, Callback.state == State.OPEN)
        .where(Callback.user_id.is_(None))
        .values(user_id=by.id)
        .returning(Callback.id)
        .execution_options(synchronize_session=False)
    )
    got = await session.scalar(mine)
    await session.refresh(callback)
    if got is None and callback.user_id != by.id:
        _open(callback)
        other = directory.known(callback.user_id or 0)
        raise Conflict(TAKEN, name=other.name if other else "–")
    if got is not None:
        _note(session, callback, by.id, now, "claimed", new=by.name)


def close(
    session: AsyncSession,
    callback: Callback,
    state: State,
    by: int | None,
    now: datetime,
    call_id: str | None = None,
) -> None:
    """Done or cancelled; `by` None: by itself, in that call. Raises Conflict for a closed one."""
    _open(callback)
    callback.state, callback.closed_at, callback.closed_by = state, now, by
    callback.closing_call_id = call_id
    _note(session, callback, by, now, state.value)


def reopen(session: AsyncSession, callback: Callback, by: int, now: datetime) -> None:
    """Undo its closing."""
    if callback.state == State.OPEN:
        return
    callback.state, callback.closed_at, callback.closed_by = State.OPEN, None, None
    callback.closing_call_id = None
    _note(session, callback, by, now, "reopened")


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation with somebody outside; `callback_id` is that whose call button began it."""

    call_id: str
    number_key: str
    customer_id: int | None
    answered_at: datetime
    until: datetime  # its end, or now while it lasts
    callback_id: int | None = None


async def reached(session: AsyncSession, talk: Talk, now: datetime) -> list[Callback]:
    """Close what the conversation has done; the callbacks that were closed.

    Those to that number or customer that were due (or nearly), and the one it was started from.
    What was agreed in the conversation itself, or for another day, stays.
    """
    to_them = Callback.number_key == talk.number_key
    if talk.customer_id is not None:
        to_them |= Callback.customer_id == talk.customer_id
    done = to_them & (Callback.at <= talk.until + EARLY)
    if talk.callback_id is not None:
        done |= Callback.id == talk.callback_id
    before = Callback.created_at < talk.answered_at
    found = (
        await session.scalars(select(Callback).where(Callback.state == State.OPEN, before, done))
    ).all()
    for callback in found:
        close(session, callback, State.DONE, None, now, talk.call_id)
    return list(found)


def purpose_of(text: str) -> str:
    """One line, as it may stand in a list. Raises Invalid when it is too long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(plain) > LONGEST:
        raise Invalid(N_("Too long: {n} letters at most."), field="purpose", n=LONGEST)
    return plain


def _open(callback: Callback) -> None:
    if callback.state != State.OPEN:
        raise Conflict(OVER)


def _note(
    session: AsyncSession,
    callback: Callback,
    by: int | None,
    now: datetime,
    what: str,
    old: str = "",
    new: str = "",
) -> None:
    change = CallbackChange(callback_id=callback.id, at=now, user_id=by, what=what)
    change.old, change.new = old, new
    session.add(change)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="minutes")
