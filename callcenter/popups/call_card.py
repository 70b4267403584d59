"""A call as the page of one agent draws it."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from callcenter.agents.agent import Part, part_in
from callcenter.calls.call import Call, Consult
from callcenter.customers.cards import Card
from callcenter.customers.numbers import shown


class CustomerCard(msgspec.Struct, kw_only=True):
    """`name` is "Contact · Customer" where the number is a contact's."""

    id: int
    name: str
    code: str
    company: str
    owner: str
    owner_id: int | None


class ConsultCard(msgspec.Struct, kw_only=True):
    """`name` is the colleague's, or the number as people write it."""

    by: str
    target: str
    name: str
    state: str  # ringing, talking


class OpenCard(msgspec.Struct, kw_only=True):
    """What is open with whoever is on the phone: how many of their calls were missed, and when they
    asked to be called back, what for, by whom ("" for anyone); since when they keep a place in
    which queue (its title).
    """

    missed: int = 0
    at: datetime | None = None
    purpose: str = ""
    by: str = ""
    waits_since: datetime | None = None
    queue: str = ""


class CallCard(msgspec.Struct, kw_only=True):
    """Times are UTC, lengths seconds. `shown` is how people write the number, "" when withheld."""

    call_id: str
    direction: str
    state: str
    number: str | None
    shown: str
    customer: CustomerCard | None
    open: OpenCard | None
    caller_name: str
    queue: str | None
    queue_title: str
    did: str | None
    did_shown: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    result: str | None
    cause: int | None
    ended_by: str | None
    waited_s: float
    talked_s: float
    ringing: list[str]
    talking: list[str]
    agents: list[str]
    placed_by: str | None
    consult: ConsultCard | None
    conference: bool
    waits_for: str | None
    paused: bool
    mine: Part


def call_card(
    call: Call,
    card: Card | None,
    extension: str,
    queues: Mapping[str, tuple[str, int | None]],
    name_of: Callable[[str], str],
    still_open: OpenCard | None = None,
) -> CallCard:
    """`call` for the page of `extension`; `queues` as the directory's: name -> (title, …);
    `name_of` says who has an extension, "" for nobody.
    """
    queue_title, _ = queues.get(call.queue or "", (call.queue or "", None))
    return CallCard(
        call_id=call.call_id,
        direction=call.direction,
        state=call.state,
        number=call.number,
        shown=shown(call.number) if call.number else "",
        customer=_customer(card) if card else None,
        open=still_open,
        caller_name=call.caller_name,
        queue=call.queue,
        queue_title=queue_title,
        did=call.did,
        did_shown=shown(call.did) if call.did else "",
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        result=call.result,
        cause=call.cause,
        ended_by=call.ended_by,
        waited_s=call.waited_s,
        talked_s=call.talked_s,
        ringing=sorted(call.ringing),
        talking=sorted(call.talking),
        agents=list(call.agents),
        placed_by=call.placed_by,
        consult=_consult(call.consult, name_of) if call.consult else None,
        conference=call.conference,
        waits_for=call.waits_for,
        paused=call.paused,
        mine=part_in(call, extension),
    )


def _consult(consult: Consult, name_of: Callable[[str], str]) -> ConsultCard:
    return ConsultCard(
        by=consult.by,
        target=consult.target,
        name=name_of(consult.target) or shown(consult.target),
        state="talking" if consult.talking else "ringing",
    )


def _customer(card: Card) -> CustomerCard:
    return CustomerCard(
        id=card.customer_id,
        name=f"{card.contact} · {card.name}" if card.contact else card.name,
        code=card.code,
        company=card.company,
        owner=card.owner_name,
        owner_id=card.owner_id,
    )
