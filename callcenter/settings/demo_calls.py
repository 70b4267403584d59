"""Two weeks in the life of the demo company: calls of every result."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from random import Random
from uuid import UUID

from callcenter.calls.rows import NOTHING, Row
from callcenter.customers.numbers import key_of
from callcenter.settings.demo_people import mobile

DAYS = 14
EXCHANGE = "exchange"
BUSY_HOURS = {
    8: 9,
    9: 14,
    10: 14,
    11: 10,
    12: 3,
    13: 7,
    14: 13,
    15: 13,
    16: 11,
    17: 5,
    18: 1,
    20: 1,
}
CALLS_A_DAY = [(105, 145)] * 5 + [(30, 45), (4, 9)]  # Monday to Sunday
INBOUND = 0.42
IN_TIME = 20  # seconds, as the queues have it
HURRIED = 0.2  # of those who hang up: within a moment
OUTGOING = {  # result -> (how often, Q.850 cause, seconds until it was known)
    "answered": (58, 16, (4, 22)),
    "no_answer": (20, 19, (44, 46)),
    "busy": (8, 17, (1, 4)),
    "rejected": (6, 21, (3, 12)),
    "unreachable": (4, 1, (1, 3)),
    "cancelled": (3, 16, (5, 25)),
    "failed": (1, 19, (20, 20)),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent: whose calls these are, and where calls from outside reach them."""

    user_id: int
    department_id: int
    extension: str
    queue: str
    did: str


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as a telephone sees one."""

    customer_id: int | None
    owner_id: int | None
    number: str


@dataclass(slots=True)
class Life:
    """What goes on from call to call: who is busy until when, whose customers are whose."""

    chance: Random
    desks: Sequence[Desk]
    customers: Sequence[Known]
    free_at: dict[int, datetime] = field(default_factory=dict)

    def free(self, at: datetime, queue: str | None = None) -> list[Desk]:
        return [
            desk
            for desk in self.desks
            if self.free_at.get(desk.user_id, at) <= at and queue in (None, desk.queue)
        ]

    def talk(self) -> float:
        """Seconds; half of all calls are shorter than 75, few longer than ten minutes."""
        return round(min(1500.0, max(5.0, self.chance.lognormvariate(4.3, 0.85))), 3)

    def patience(self) -> float:
        """Seconds until an incoming call is answered: half within nine, few after thirty."""
        return round(min(90.0, max(2.0, self.chance.lognormvariate(2.2, 0.6))), 3)

    def between(self, bounds: tuple[float, float]) -> float:
        return round(self.chance.uniform(*bounds), 3)


def past_calls(life: Life, until: datetime, zone: tzinfo) -> Iterator[Row]:
    """The calls of the last two weeks, oldest first; none that would not be over by `until`."""
    own: dict[int, list[Known]] = {desk.user_id: [] for desk in life.desks}
    for customer in life.customers:
        if customer.owner_id in own:
            own[customer.owner_id].append(customer)
    for number, started_at in enumerate(_starts(life.chance, until, zone)):
        if life.chance.random() < INBOUND:
            row = _incoming(life, started_at, number)
        elif desks := life.free(started_at):
            desk = life.chance.choice(desks)
            row = _outgoing(life, started_at, desk, life.chance.choice(own[desk.user_id]))
        else:
            continue
        if row.ended_at and row.ended_at < until:
            yield row


def _starts(chance: Random, until: datetime, zone: tzinfo) -> Iterator[datetime]:
    today = until.astimezone(zone).date()
    hours, weights = list(BUSY_HOURS), list(BUSY_HOURS.values())
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        count = chance.randint(*CALLS_A_DAY[day.weekday()])
        times = sorted(
            time(hour, chance.randrange(60), chance.randrange(60), chance.randrange(10**6))
            for hour in chance.choices(hours, weights, k=count)
        )
        yield from (datetime.combine(day, each, zone).astimezone(UTC) for each in times)


def _incoming(life: Life, at: datetime, number: int) -> Row:
    chance = life.chance
    to = chance.choice(life.desks)
    caller = _caller(life)
    row = NOTHING._replace(
        call_id=f"{int(at.timestamp())}.{number * 3}",
        exchange=EXCHANGE,
        direction="inbound",
        state="ended",
        number=caller.number or None,
        number_key=key_of(caller.number) or None,
        customer_id=caller.customer_id,
        did=to.did,
        queue=to.queue,
        department_id=to.department_id,
        started_at=at,
        cause=16,
        within_s=IN_TIME,
    )
    desks = life.free(at, to.queue)
    desk = chance.choice(desks) if desks else None
    if desk:
        row = row._replace(
            user_id=desk.user_id, department_id=desk.department_id, rung=desk.extension
        )
    if desk is None or chance.random() < 0.12:
        wait = life.between((1, 4.9) if chance.random() < HURRIED else (6, 110))
        end = at + timedelta(seconds=wait)
        return row._replace(result="abandoned", waited_s=wait, ended_at=end, ended_by="customer")
    return _talked(life, row, desk, life.patience())


def _caller(life: Life) -> Known:
    """Who rings in: mostly somebody we know, sometimes a stranger, rarely a withheld number."""
    dice = life.chance.random()
    if dice < 0.76:
        return life.chance.choice(life.customers)
    return Known(None, None, mobile(life.chance) if dice < 0.97 else "")


def _outgoing(life: Life, at: datetime, desk: Desk, customer: Known) -> Row:
    chance = life.chance
    shares = [share for share, _, _ in OUTGOING.values()]
    result = chance.choices(list(OUTGOING), shares)[0]
    _, cause, bounds = OUTGOING[result]
    wait = life.between(bounds)
    row = NOTHING._replace(
        call_id=str(UUID(int=chance.getrandbits(128), version=4)),
        exchange=EXCHANGE,
        direction="outbound",
        state="ended",
        number=customer.number,
        number_key=key_of(customer.number),
        customer_id=customer.customer_id,
        user_id=desk.user_id,
        department_id=desk.department_id,
        rung=desk.extension,
        started_at=at,
        result=result,
        cause=cause,
        waited_s=wait,
        ended_at=at + timedelta(seconds=wait),
        ended_by={"cancelled": "agent", "failed": "system"}.get(result, "customer"),
    )
    if result == "answered":
        return _talked(life, row, desk, wait)
    life.free_at[desk.user_id] = at + timedelta(seconds=wait + 5)
    return row


def _talked(life: Life, row: Row, desk: Desk, wait: float) -> Row:
    talked = life.talk()
    held = (
        life.between((3, min(40.0, talked / 2)))
        if talked > 60 and life.chance.random() < 0.08
        else 0
    )
    answered_at = row.started_at + timedelta(seconds=wait)
    ended_at = answered_at + timedelta(seconds=talked)
    wrapped = life.between((5, 40))
    life.free_at[desk.user_id] = ended_at + timedelta(seconds=wrapped)
    return row._replace(
        agents=desk.extension,
        answered_at=answered_at,
        ended_at=ended_at,
        result="answered",
        waited_s=wait,
        talked_s=round(talked - held, 3),
        held_s=float(held),
        wrapped_s=wrapped,
        ended_by=life.chance.choices(["customer", "agent"], [64, 36])[0],
    )
