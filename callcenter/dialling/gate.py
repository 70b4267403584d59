"""The gate: may this person call that number now? Asked before every call to a number outside."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.asterisk.action import Unanswered
from callcenter.asterisk.trunks import lines_of
from callcenter.calls.board import Change
from callcenter.calls.call import Result, State
from callcenter.customers.numbers import key_of, shown
from callcenter.db import Sessions
from callcenter.dialling import listed
from callcenter.dialling.models import DoNotCall, Source, What
from callcenter.dialling.placed import HOUR, One, Placed
from callcenter.dialling.restore import placed_since
from callcenter.dialling.rules import EMERGENCY, deciding, international, is_ordinary
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Forbidden, Invalid, TooMany
from callcenter.people.directory import Directory, Person
from callcenter.people.models import Role
from callcenter.people.permissions import Permission
from callcenter.switchboard import versions
from callcenter.switchboard.plan import Dialling, Plan

KEEPERS = 3  # names of those who can change a rule, in a sentence


class Gate:
    """`rules` are those of the live plan; without any, everybody may call everywhere."""

    def __init__(
        self,
        directory: Directory,
        zone: tzinfo,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._directory = directory
        self._zone = zone
        self._now = now
        self._placed = Placed()
        self._ours: frozenset[str] = frozenset()  # keys of our own numbers
        self._has_trunk = True
        self.rules: tuple[Dialling, ...] = ()
        # told of each call to a listed number that may be made: call id, user id, why
        self.permitted: Callable[[str, int, str], None] = lambda *_: None

    async def load(self, sessions: Sessions) -> None:
        """At start: the live plan's rules, and the calls placed within the last hour."""
        now = self._now()
        async with sessions() as session:
            self.take((await versions.live(session)).plan)
            found = await placed_since(session, now - HOUR, self._directory)
        for user_id, one in sorted(found, key=lambda each: each[1].at):
            self._placed.note(user_id, one)

    def take(self, plan: Plan) -> None:
        """This plan is live from now on."""
        self.rules = plan.dialling
        self._ours = frozenset(key_of(each.number) for each in plan.numbers)
        self._has_trunk = bool(lines_of(plan))

    async def ask(
        self,
        session: AsyncSession,
        person: Person,
        number: str,
        call_id: str,
        *,
        by_itself: bool = False,
    ) -> str:
        """Raises Forbidden or TooMany, in words, when `person` may not call `number` now; Conflict
        when nobody can call anything.

        `by_itself`: no person has chosen the number, it is what a caller has shown, and anybody can
        show any number: only what every agent may call is called. What it returns is not "" when a
        number of the national list may be called all the same: listed.wants_call says why. That is
        noted with the call; the caller commits.
        """
        if not self._has_trunk:
            raise Conflict(NO_TRUNK, keepers=self.keepers())
        key = key_of(number)
        concerns = self._concerns(key)
        if by_itself and not (concerns and (self.rules or is_ordinary(number))):
            raise Forbidden(NOT_BY_ITSELF, number=shown(key))
        if not concerns:
            return ""
        self._check_rules(replace(person, role=Role.AGENT) if by_itself else person, number)
        now = self._now()
        row = await listed.entry(session, key, now)
        if row is None:
            return ""
        if row.source == Source.OWN:
            raise Forbidden(OWN_LIST, **self._own_values(row))
        why = await listed.wants_call(session, key, now)
        if not why:
            raise Forbidden(
                NATIONAL_LIST,
                number=shown(key),
                day=self._day(row.added_at),
                n=listed.RETURNED.days,
            )
        listed.note(session, row, What.PERMITTED, person.id, now, why, call_id)
        self.permitted(call_id, person.id, why)
        return why

    @contextmanager
    def placing(self, person: Person, number: str, call_id: str) -> Iterator[None]:
        """Around asking the exchange for it. It counts from before that, so that of two at once
        only one is within the limit, and not when the exchange refuses. Raises TooMany."""
        if not self._concerns(key_of(number)):
            yield
            return
        self._check_rules(person, number)
        one = One(self._now(), international(number), call_id)
        self._placed.note(person.id, one)
        try:
            yield
        except Unanswered:  # perhaps it rings there
            raise
        except (Invalid, Conflict, ExchangeUnavailable):
            self._placed.forget(person.id, one)
            raise

    def push(self, change: Change) -> None:
        """A listener of the board: an agent whose own phone did not answer has called nobody."""
        call = change.after
        if call.state is State.ENDED and call.result is Result.FAILED:
            self._placed.forget_call(call.call_id)

    def placed(self, user_id: int, rule: Dialling) -> int:
        """How many calls of that person count against that rule now."""
        return len(self._placed.within(user_id, self._now(), self._counts_for(rule)))

    def _concerns(self, key: str) -> bool:
        return key not in EMERGENCY and key not in self._ours

    def _check_rules(self, person: Person, number: str) -> None:
        if not self.rules:
            return
        rule = deciding(self.rules, number)
        if rule is None:
            raise Forbidden(NO_RULE, number=shown(international(number)), keepers=self.keepers())
        values = {"rule": rule.title or rule.prefix, "prefix": rule.prefix}
        if person.role.value not in rule.roles:
            raise Forbidden(NOT_ALLOWED, **values, keepers=self.keepers())
        if not rule.per_hour:
            return
        counts = self._counts_for(rule)
        if at := self._placed.next_at(person.id, self._now(), rule.per_hour, counts):
            raise TooMany(
                LIMIT,
                **values,
                n=rule.per_hour,
                time=f"{at.astimezone(self._zone):%H:%M:%S}",
                keepers=self.keepers(),
            )

    def _counts_for(self, rule: Dialling) -> Callable[[str], bool]:
        return lambda number: deciding(self.rules, number) is rule

    def keepers(self) -> str:
        """Names of people who set the switchboard, for a sentence."""
        can = Permission.SWITCHBOARD
        people = [p for p in self._directory.people() if self._directory.rights_of(p).may(can)]
        return ", ".join(person.name for person in people[:KEEPERS])

    def _own_values(self, row: DoNotCall) -> dict[str, object]:
        return {
            "number": shown(row.number_key),
            "day": self._day(row.added_at),
            "reason": row.reason,
        }

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%d/%m/%Y}"


NO_TRUNK = N_("Nobody can call out: no trunk is on. That is set on the switchboard: ask {keepers}.")
NOT_BY_ITSELF = N_(
    "{number} is not called back without a person who wants it: anybody can show such a number."
)
NO_RULE = N_(
    "No rule allows calls to {number}. Who may call where is set on the switchboard: ask {keepers}."
)
NOT_ALLOWED = N_(
    "Your role may not call here: rule “{rule}” ({prefix}). It is set on the switchboard: ask"
    " {keepers}."
)
LIMIT = N_(
    "You have called “{rule}” ({prefix}) {n} times within an hour, which is the limit. The next"
    " call is possible at {time}; {keepers} can change the limit."
)
OWN_LIST = N_(
    "{number} asked not to be called, on {day}: “{reason}”. A team lead can take it off the"
    " do-not-call list, when they want calls again."
)
NATIONAL_LIST = N_(
    "{number} is on the national do-not-call list, here since {day}. It may only be called back:"
    " when they have rung within the last {n} days, or a callback is planned."
)
