"""A job as pages, /events and programs see it."""

import string
from datetime import datetime
from typing import Any

from callcenter.errors import N_
from callcenter.jobs.kinds import Kind
from callcenter.jobs.models import Job, State


def shape(job: Job, kind: Kind, left_s: float | None = None) -> dict[str, Any]:
    """JSON of a job. Sentences stay message ids with values: each reader has a language.

    `going` is for while it runs, `said` how it ended; each is {} otherwise. `link` is "" where
    there is nothing to see.
    """
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "user_id": job.user_id,
        "title": job.title,
        "done": job.done,
        "total": job.total,
        "counts": job.counts,
        "left_s": left_s,
        "cancel_requested": job.cancel_requested,
        "going": going(job, kind),
        "said": ending(job, kind),
        "link": link(job, kind),
        "created_at": _text(job.created_at),
        "started_at": _text(job.started_at),
        "finished_at": _text(job.finished_at),
    }


def going(job: Job, kind: Kind) -> dict[str, Any]:
    return _filled(kind.going, job) if kind.going and job.state == State.RUNNING else {}


def ending(job: Job, kind: Kind) -> dict[str, Any]:
    """The sentence for a job that is over; its values "title" and "why" may be sentences too."""
    if job.state == State.DONE:
        return _filled(kind.done, job)
    if job.state == State.FAILED:
        values = {"title": job.title, "why": job.problem}
        return {"text": N_("{title}: failed. {why}"), "values": values}
    if job.state == State.CANCELLED:
        return {"text": N_("{title}: cancelled."), "values": {"title": job.title}}
    return {}


def _filled(sentence: str, job: Job) -> dict[str, Any]:
    none = {name: 0 for _, name, _, _ in string.Formatter().parse(sentence) if name}
    numbers = {"done": job.done, "total": job.total}
    values = none | numbers | job.title["values"] | job.counts | {"title": job.title}
    return {"text": sentence, "values": values}


def link(job: Job, kind: Kind) -> str:
    if job.state != State.DONE:
        return ""
    return str(job.result.get("link", "")) or kind.link.format(id=job.id)


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
