"""What goes over the wire about callbacks and missed calls."""

from typing import Annotated, Literal

from msgspec import Meta, field

from callcenter.api.types import CustomerRef, Id, PersonRef, Text, Time, Wire
from callcenter.callbacks.models import LONGEST, State

Purpose = Annotated[str, Meta(max_length=LONGEST)]
Number = Annotated[str, Meta(max_length=64)]
CallId = Annotated[str, Meta(max_length=64)]
LocalTime = Annotated[
    str, Meta(max_length=40, description="2026-11-26T10:30, in the company's zone.")
]


class CallbackFilter(Wire):
    """Those whose time is from `from` on and before `to`; open ones if nothing else is said."""

    since: Time | None = field(name="from", default=None)
    until: Time | None = field(name="to", default=None)
    state: Literal["open", "done", "cancelled", "all"] = "open"
    user_id: Id | None = None
    customer_id: Id | None = None
    call_id: CallId = ""
    q: Text = ""
    limit: Annotated[int, Meta(ge=1, le=500)] = 200


class CallbackItem(Wire):
    """`user` null: by anyone of the department. `odd`: a time at which people rest."""

    id: int
    at: Time
    number: str
    shown: str
    customer: CustomerRef | None
    purpose: str
    user: PersonRef | None
    department_id: int | None
    state: State
    call_id: str | None
    odd: Literal["", "sunday", "night"]
    created_at: Time
    closed_at: Time | None


class CallbackList(Wire):
    items: list[CallbackItem]


class NewCallback(Wire):
    """Whom: a number, a customer (whose first number it is) or a call; when: `at` or `local`.

    By whom: oneself, a colleague (`user_id`), or with `anyone` whoever of the department is free.
    """

    at: Time | None = None
    local: LocalTime = ""
    number: Number = ""
    customer_id: Id | None = None
    call_id: CallId = ""
    purpose: Purpose = ""
    user_id: Id | None = None
    anyone: bool = False
    department_id: Id | None = None


class ChangedCallback(Wire):
    """What is null stays. A closed one can only be opened again."""

    at: Time | None = None
    local: LocalTime = ""
    purpose: Purpose | None = None
    user_id: Id | None = None
    anyone: bool = False
    state: State | None = None


class PresetItem(Wire):
    """A time that is offered now; `label` is a sentence in English, for the page to translate."""

    name: str
    label: str
    at: Time


class MissedItem(Wire):
    """Somebody who rang in and was not reached since; `attempts` are our calls for nothing.

    `ahead`: they keep their place in the queue, and so many come before them; an agent is connected
    in turn. null: they keep none.
    """

    number: str
    shown: str
    number_key: str
    customer: CustomerRef | None
    calls: int
    attempts: int
    first_at: Time
    last_at: Time
    call_id: str
    queue: str
    waited_s: float
    claimed_by: PersonRef | None
    ahead: int | None


class MissedList(Wire):
    items: list[MissedItem]


class NewNumber(Wire):
    number: Annotated[str, Meta(min_length=1, max_length=64)]
