"""Entries of the audit in words: what was done, and of whom and what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from multidict import MultiDict

from callcenter.errors import N_
from callcenter.exports.columns import COLUMNS, Subject
from callcenter.exports.work import TITLES
from callcenter.lists import filters as list_filters
from callcenter.lists.chips import chips
from callcenter.look_up.views import LABELS
from callcenter.pages.formats import counted
from callcenter.pages.language import number
from callcenter.people.models import AuditEntry, Role
from callcenter.people.permissions import NAMES, REACHES, ROLES, Permission, Reach

Say = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What ids in details stand for: of catalogues' items, people and departments; and a day."""

    items: Mapping[int, str]
    people: Mapping[int, str]
    departments: Mapping[int, str]
    day: Callable[[date], str]


ACTIONS: Final[Mapping[str, str]] = {
    "look-up": N_("Looked up customers"),
    "export": N_("Exported"),
    "report-exported": N_("Took a report out"),
    "report-mail-set": N_("Set a report by email"),
    "report-mail-paused": N_("Paused a report by email"),
    "report-mail-resumed": N_("Resumed a report by email"),
    "report-mail-deleted": N_("Deleted a report by email"),
    "report-mail-sent": N_("Sent a report by email"),
    "mail-server-set": N_("Set the mail server"),
    "mail-server-off": N_("Turned emails off"),
    "customer-deleted": N_("Put a customer into the bin"),
    "customer-destroyed": N_("Deleted a customer for good"),
    "customer-merged": N_("Merged two customers"),
    "call-heard": N_("Listened to a call"),
    "recording-masked": N_("Masked a stretch of a recording"),
    "recording-heard": N_("Listened to a file that belongs to no call"),
    "recording-held": N_("Put recordings on legal hold"),
    "recording-released": N_("Lifted a legal hold"),
    "retention-changed": N_("Changed how long recordings are kept"),
    "recordings-zipped": N_("Downloaded recordings as a zip"),
    "recordings-erased": N_("Deleted recordings"),
    "recording-accepted": N_("Left a recording as it is"),
    "recording-file-removed": N_("Removed a file that belonged to no call"),
    "recording-call-made": N_("Made a call of a recording"),
    "do-not-call-imported": N_("Replaced the national do-not-call list"),
    "account-added": N_("Added an account"),
    "account-changed": N_("Changed an account"),
    "account-deleted": N_("Deleted an account"),
    "deactivated": N_("Deactivated an account"),
    "reactivated": N_("Let somebody work here again"),
    "handed-over": N_("Handed customers and open work over"),
    "password-reset": N_("Reset a password"),
    "password-changed": N_("Changed their own password"),
    "unlocked": N_("Let somebody sign in at once"),
    "signed-out": N_("Signed somebody out"),
    "desk-phone-shown": N_("Looked at the password of their desk phone"),
    "groups-ticked": N_("Chose somebody’s permission groups"),
    "group-saved": N_("Saved a permission group"),
    "group-deleted": N_("Deleted a permission group"),
    "department-added": N_("Added a department"),
    "department-changed": N_("Changed a department"),
    "department-deleted": N_("Deleted a department"),
    "skills-ticked": N_("Chose somebody’s skills"),
    "skill-given": N_("Chose who has a skill"),
}


def action(entry: AuditEntry, say: Say) -> str:
    return say(ACTIONS.get(entry.action, entry.action))


def detail(entry: AuditEntry, say: Say, known: Known) -> str:
    """Of whom and what. Names and codes stay as they were when it was done."""
    try:
        if tell_plain := _PLAIN.get(entry.action):
            return tell_plain(entry.detail, say, known)
        if tell := _TELLERS.get(entry.action):
            return tell(msgspec.json.decode(entry.detail), say, known)
    except (msgspec.DecodeError, AttributeError, KeyError, TypeError, ValueError):
        pass  # as an older version wrote it
    return entry.detail


def _looked_up(told: Mapping[str, Any], say: Say, _: Known) -> str:
    asked = [f"{say(LABELS[name])}: {text}" for name, text in told["criteria"].items()]
    return "; ".join(
        (*(asked or [say(N_("all customers"))]), say(N_("{n} found"), n=counted(told["found"])))
    )


def _exported(told: Mapping[str, Any], say: Say, known: Known) -> str:
    subject = Subject(told["subject"])
    columns = ", ".join(say(COLUMNS[subject][name].label) for name in told["columns"])
    rows = say(N_("rows: {n}"), n=number(told["rows"]))
    parts = [f"{say(TITLES[subject])} ({told['format']})", rows, _chosen(told, say, known)]
    return "; ".join((*parts, say(N_("columns: {columns}"), columns=columns)))


def _report(told: Mapping[str, Any], say: Say, _: Known) -> str:
    asked = ", ".join(f"{name}={value}" for name, value in told["asked"].items())
    rows = say(N_("rows: {n}"), n=number(told["rows"]))
    return "; ".join([f"{say(told['title'])} ({told['format']})", rows, asked])


def _handed_over(told: Mapping[str, Any], say: Say, _: Known) -> str:
    moved = ", ".join(f"{say(name)}: {number(n)}" for name, n in told["moved"].items())
    return f"{told['of']} → {told['to'] or say(N_('Unassigned'))}; {moved}"


def _chosen(told: Mapping[str, Any], say: Say, known: Known) -> str:
    if told["selected"]:
        return say(N_("{n} selected"), n=number(told["selected"]))
    filters = ", ".join(_filters(told["filters"], say, known))
    if not filters:
        return say(N_("the whole list"))
    return say(N_("the whole list, filters: {filters}"), filters=filters)


def _filters(query: str, say: Say, known: Known) -> list[str]:
    """What an address of the list narrows it to."""
    asked = list_filters.read(MultiDict(parse_qsl(query)))
    found = [f"“{asked.q}”"] if asked.q else []
    for label, wanted, names in (
        (N_("Department"), (asked.department,), known.departments),
        (N_("Owner"), (asked.owner, *asked.owners), known.people),
    ):
        named = ", ".join(names.get(each, str(each)) for each in wanted if each is not None)
        found += [f"{say(label)}: {named}"] if named else []
    rest = chips(replace(asked, owners=()), known.items, say, known.day)
    return found + [text for text, _ in rest]


def _account(told: str, say: Say, _: Known) -> str:
    """ "tuan (agent)" """
    username, role = told.removesuffix(")").split(" (")
    return f"{username} ({say(ROLES[Role(role)])})"


def _changed(told: str, say: Say, known: Known) -> str:
    """ "tuan: agent, 1, 202 → team_lead, –, 202": role, department and extension, twice."""
    username, ways = told.split(": ")

    def way(text: str) -> str:
        role, department, extension = text.split(", ")
        named = known.departments.get(int(department), department) if department != "–" else "–"
        return ", ".join((say(ROLES[Role(role)]), named, extension))

    return f"{username}: {' → '.join(way(text) for text in ways.split(' → '))}"


def _group(told: str, say: Say, _: Known) -> str:
    """ "Name: export all, calls department" """
    name, gives = told.rsplit(": ", 1)
    words = []
    for each in gives.split(", "):
        permission, reach = each.split()
        words.append(f"{say(NAMES[Permission(permission)])} ({say(REACHES[Reach[reach.upper()]])})")
    return f"{name}: {', '.join(words)}"


_TELLERS: Final[Mapping[str, Callable[[Mapping[str, Any], Say, Known], str]]] = {
    "look-up": _looked_up,
    "export": _exported,
    "report-exported": _report,
    "handed-over": _handed_over,
}
_PLAIN: Final[Mapping[str, Callable[[str, Say, Known], str]]] = {  # written as text, not as JSON
    "account-added": _account,
    "account-changed": _changed,
    "group-saved": _group,
}
