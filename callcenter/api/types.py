"""What goes over the wire. Times are UTC, lengths are seconds, names are those of the tables."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from callcenter.calls.call import Direction, EndedBy, Result, State
from callcenter.people.models import Role

Time = Annotated[datetime, Meta(tz=True)]
Id = Annotated[int, Meta(ge=0, le=999_999_999)]
Limit = Annotated[int, Meta(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str, Meta(max_length=2000, description="`next` of the page before.")]
Text = Annotated[str, Meta(max_length=200)]
RecordingState = Literal["waiting", "ready", "failed"]


class Wire(Struct, kw_only=True, forbid_unknown_fields=True):
    pass


class PersonRef(Wire):
    id: int
    name: str


class CustomerRef(Wire):
    id: int
    code: str
    name: str


class CallFilter(Wire):
    """Days are the company's; `until` is included."""

    since: date | None = field(name="from", default=None)
    until: date | None = field(name="to", default=None)
    direction: Direction | None = None
    result: Annotated[
        str,
        Meta(max_length=100, description="Results with commas, or missed, current or ended."),
    ] = ""
    user_id: Id | None = None
    customer_id: Id | None = None
    queue: Annotated[str, Meta(max_length=64)] = ""
    number: Annotated[str, Meta(max_length=64, description="Any piece of the number.")] = ""
    with_recording: bool = False
    limit: Limit = 50
    cursor: Cursor = ""


class CallItem(Wire):
    """`shown` is how people write the number, "" when it was withheld; `agents` are extensions."""

    call_id: str
    direction: Direction
    state: State
    number: str | None
    shown: str
    caller_name: str
    did: str | None
    queue: str | None
    queue_title: str | None
    user: PersonRef | None
    department_id: int | None
    customer: CustomerRef | None
    agents: list[str]
    started_at: Time
    answered_at: Time | None
    ended_at: Time | None
    result: Result | None
    cause: int | None
    ended_by: EndedBy | None
    waited_s: float
    talked_s: float
    held_s: float
    note: str
    outcome: str | None
    recording: RecordingState | None


class CallPage(Wire):
    """`next` is the cursor of the page after this one, null on the last."""

    items: list[CallItem]
    next: str | None


class CallTransfer(Wire):
    kind: Literal["blind", "attended"]
    source: str = field(name="from")
    target: str = field(name="to")


class CallDetail(CallItem):
    """`rung` are the extensions that rang, in order; `note_version` is 0 where there is none."""

    rung: list[str]
    transfers: list[CallTransfer]
    digits: str
    pauses: list[tuple[float, float]]  # seconds of the recording in which it was paused
    noted_by: PersonRef | None
    noted_at: Time | None
    note_version: int


class NewCall(Wire):
    """A number, or a customer, whose first number is called; with both, the number is called.

    Who answers a call that was begun from a callback has been called back: `callback_id`.
    """

    number: Annotated[str, Meta(max_length=64)] = ""
    customer_id: Id | None = None
    callback_id: Id | None = None


class StartedCall(Wire):
    call_id: str
    number: str
    shown: str


class HungUp(Wire):
    call_id: str


class CustomerStatus(Wire):
    """The profile status of that customer from now on; null: none."""

    customer_id: Id
    status_id: Id | None


class NewNote(Wire):
    """`done` ends the wrap-up of this call and makes the agent `next` (a break has a reason).

    With the `version` that one has changed, 0 where there was none, a note that somebody else has
    changed meanwhile is not overwritten: that is a conflict.

    `customer_status` is set together with it, or neither is.
    """

    note: Annotated[str, Meta(max_length=10_000)] = ""
    outcome: Annotated[str, Meta(max_length=32)] | None = None
    done: bool = False
    next: Literal["ready", "break", "offline"] = "ready"
    reason: Annotated[str, Meta(max_length=100)] = ""
    version: Annotated[int, Meta(ge=0)] | None = None
    customer_status: CustomerStatus | None = None


class Note(Wire):
    """`finished` says whether nothing is missing any more: an outcome, where there is a choice."""

    call_id: str
    note: str
    outcome: str | None
    noted_by: PersonRef
    noted_at: Time
    version: int
    finished: bool


class NewActivity(Wire):
    """`type_id` is one of the types of activity; without `at` it has just happened.

    `minutes` is how long it took."""

    name: Text
    type_id: Id
    description: Annotated[str, Meta(max_length=10_000)] = ""
    at: Time | None = None
    minutes: Annotated[int, Meta(ge=1, le=1440)] | None = None


class ActivityItem(Wire):
    id: int
    customer_id: int
    name: str
    type_id: int
    type: str
    description: str
    user: PersonRef
    at: Time
    minutes: int | None
    created_at: Time


class RecordingInfo(Wire):
    """`url` and `peaks_url` are null until it is ready; `problem` says why it failed."""

    call_id: str
    state: RecordingState
    problem: str
    duration_s: float
    size: int
    silent: Literal["", "customer", "agent", "both"]
    url: str | None
    peaks_url: str | None
    created_at: Time


class WhoAmI(Wire):
    id: int
    username: str
    name: str
    role: Role
    extension: str | None
    department_id: int | None
    language: str


class NewState(Wire):
    """A break needs a reason: a code of GET /breaks, or one of its names.

    In a call it is booked for afterwards; wishing for what one is takes the booking back.
    """

    state: Literal["ready", "break", "offline"]
    reason: Annotated[str, Meta(max_length=100)] = ""


class PersonFilter(Wire):
    """`department_id` counts those below it as well; `left` are those who work here no more."""

    q: Annotated[Text, Meta(description="Words of the name or username, an extension.")] = ""
    role: Role | None = None
    department_id: Id | None = None
    left: bool = False


class PersonItem(Wire):
    id: int
    name: str
    username: str
    role: Role
    department_id: int | None
    extension: str | None
    active: bool


class DepartmentItem(Wire):
    """`leader_id` is its team lead."""

    id: int
    name: str
    parent_id: int | None
    leader_id: int | None


class OutcomeItem(Wire):
    """`parent` is the outcome that this is a sub-outcome of; a call then ends in one of these.

    It is offered for calls of `queues`, and for outgoing ones if `outgoing`; where neither says
    anything, for all calls. One that is not `active` is offered no more.
    """

    code: str
    parent: str | None
    name_vi: str
    name_en: str
    queues: list[str]
    outgoing: bool
    active: bool


class ToFinish(Wire):
    """How many calls wait for their outcome: one's own, or those of one's team."""

    count: int


class CallingRules(Wire):
    """`hold_alarm_s`: seconds a customer may be on hold before the phone says so; 0: for ever."""

    hold_alarm_s: int


class PagePhone(Wire):
    """`expires_in` is seconds."""

    extension: str
    uri: str
    secret: str
    expires_in: float
