"""Calls as lines of a list, with the names of customer and agent and the recording's state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy import and_, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Step
from callcenter.calls.models import CallNote, CallRecord
from callcenter.calls.queries import OutcomeName, outcome_names
from callcenter.calls.rows import steps_of
from callcenter.customers import queries as customers
from callcenter.customers.models import Customer
from callcenter.keys import BOARD, DIRECTORY
from callcenter.pages.call_words import DIRECTIONS, Words, became, cause_of
from callcenter.pages.journey import Hop, Names, journey
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in
from callcenter.recordings.holds import held_among
from callcenter.recordings.models import Finding, Proof, Recording, RecordingNote
from callcenter.recordings.notes import of_calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """When and why a recording went: of a person, or of a term in days."""

    at: datetime
    by: str
    reason: str
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLine:
    state: str  # waiting, ready, failed, erased
    problem: str
    duration_s: float
    silent: str
    kind: str = "call"
    may_keep: bool = False  # take it away as a file
    held: bool = False  # may neither go nor change
    amiss: str = ""  # a message id: what of the file is not as it was kept, see reconciler
    erased: Erased | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A note at a second of the recording, who wrote it, and whether that is who looks."""

    note: RecordingNote
    by: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    record: CallRecord
    note: CallNote | None
    outcome: OutcomeName | None
    customer: Customer | None
    agent: str  # "" for a call that was nobody's
    queue: str  # its title
    direction: Words
    result: Words
    cause: str  # a message id, or ""
    recording: RecordingLine | None
    hops: list[Hop]
    marks: Sequence[Mark] = ()

    @property
    def way(self) -> list[Hop]:
        """The hops that tell the call's journey in one line."""
        return [hop for hop in self.hops if hop.short]


async def lines(
    request: web.Request,
    session: AsyncSession,
    rows: Sequence[tuple[CallRecord, CallNote | None]],
) -> list[CallLine]:
    """The rows as lines, in their order; some questions to the database however many there are."""
    directory = request.app[DIRECTORY]
    records = [record for record, _ in rows]
    known = await customers.of_ids(session, {r.customer_id for r in records if r.customer_id})
    strangers = {r.number_key for r in records if not r.customer_id and r.number_key}
    met = await customers.of_numbers(session, strangers) if strangers else {}
    recordings = await _recordings(request, session, [record.call_id for record in records])
    marks = await _marks(request, session, list(recordings))
    outcomes = await outcome_names(session)
    return [
        CallLine(
            record=record,
            note=note,
            outcome=outcomes.get(note.outcome or "") if note else None,
            customer=known.get(record.customer_id or 0) or met.get(record.number_key or ""),
            agent=_agent(directory, record),
            queue=directory.queues.get(record.queue or "", (record.queue or "", None))[0],
            direction=DIRECTIONS[record.direction],  # type: ignore[index] # a StrEnum's own text
            result=became(record),
            cause=cause_of(record),
            recording=recordings.get(record.call_id),
            hops=journey(record, names_of(directory, record), _live(request, record)),
            marks=marks.get(record.call_id, ()),
        )
        for record, note in rows
    ]


async def _recordings(
    request: web.Request, session: AsyncSession, call_ids: list[str]
) -> dict[str, RecordingLine]:
    if not call_ids:
        return {}
    may_keep = signed_in(request).rights.may(Permission.DOWNLOAD)
    held = await held_among(session, call_ids)
    key = literal("call/").concat(Recording.call_id)
    rows = await session.execute(  # without the waveforms, which are kilobytes each
        select(
            Recording.call_id,
            Recording.state,
            Recording.problem,
            Recording.duration_s,
            Recording.silent,
            Recording.kind,
            Finding.reason,
        )
        .outerjoin(Finding, and_(Finding.key == key, Finding.kind != "no_call"))
        .where(Recording.call_id.in_(call_ids))
    )
    found = {
        call_id: RecordingLine(
            state=state,
            problem=problem,
            duration_s=seconds,
            silent=silent,
            kind=kind,
            may_keep=may_keep,
            held=call_id in held,
            amiss=amiss or "",
        )
        for call_id, state, problem, seconds, silent, kind, amiss in rows
    }
    gone = await session.scalars(
        select(Proof).where(Proof.call_id.in_([each for each in call_ids if each not in found]))
    )
    return found | {proof.call_id: _erased(request.app[DIRECTORY], proof) for proof in gone}


def _erased(directory: Directory, proof: Proof) -> RecordingLine:
    person = directory.known(proof.user_id) if proof.user_id else None
    return RecordingLine(
        state="erased",
        problem="",
        duration_s=proof.duration_s,
        silent="",
        erased=Erased(
            at=proof.wanted_at,
            by=person.name if person else "",
            reason=proof.reason,
            days=proof.days,
        ),
    )


async def _marks(
    request: web.Request, session: AsyncSession, call_ids: list[str]
) -> dict[str, list[Mark]]:
    if not call_ids:
        return {}
    me, directory = signed_in(request).user.id, request.app[DIRECTORY]
    return {
        call_id: [
            Mark(
                note=row,
                by=person.name if (person := directory.known(row.user_id)) else "–",
                mine=row.user_id == me,
            )
            for row in rows
        ]
        for call_id, rows in (await of_calls(session, call_ids)).items()
    }


def _agent(directory: Directory, record: CallRecord) -> str:
    person = directory.known(record.user_id) if record.user_id else None
    if person:
        return person.name
    return record.agents.split(",")[-1] if record.agents else ""


def names_of(directory: Directory, record: CallRecord) -> Names:
    """Those of the call: whoever had an extension then is not who has it now."""
    talked = [each for each in record.agents.split(",") if each]
    extensions = {step.what for step in steps_of(record.journey)} | {*record.rung.split(",")}
    names = {
        each: person.name
        for each in extensions | {*talked}
        if (person := directory.of_extension(each))
        and (person.extension_since is None or person.extension_since <= record.started_at)
    }
    if talked and record.user_id and (last := directory.known(record.user_id)):
        names[talked[-1]] = last.name  # who talked last, whoever has it now
    return Names(
        names,
        lambda queue: directory.queues.get(queue, (queue, None))[0],
        lambda field, name: directory.titles.get((field, name), name),
    )


def _live(request: web.Request, record: CallRecord) -> Sequence[Step]:
    """The stations so far of a call that lasts."""
    if record.ended_at is not None or BOARD not in request.app:
        return ()
    return request.app[BOARD].journey(record.call_id)
