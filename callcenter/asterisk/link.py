"""The link to the exchange: what happens there comes in as our events, our wishes go out once."""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from callcenter.asterisk.action import Unanswered
from callcenter.asterisk.ami import NORMAL, SILENT, Ami, Patience
from callcenter.asterisk.leads import Leads
from callcenter.asterisk.moves import CALL_ID, EXTENSION, NUMBER, QUEUE, Moves, checked
from callcenter.asterisk.originate import originate, phone_of
from callcenter.asterisk.phone_states import DEVICE, PHONE_STATES, PhoneState
from callcenter.asterisk.translate import MEANINGS, translate
from callcenter.calls.endpoints import OF_AN_AGENT, interface_of
from callcenter.calls.events import (
    CallPlaced,
    Event,
    OriginateAnswered,
    SnapshotBegan,
    SnapshotEnded,
)
from callcenter.calls.legs import LISTENS
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid

log = logging.getLogger(__name__)

CLASSES = "call,agent,user,dtmf"  # of events; the cheapest event is the one that is never sent
LISTED = {"CoreShowChannel", "Status"}  # they tell what is, not what happened: without a time
LIST_S = 10.0  # seconds a list may take
NO_RIGHTS = N_("The exchange does not tell us its calls: the manager user needs more rights.")


class Link:
    """One exchange.

    `apply(event)` is called for every event, in order, and `settle()` after each or after several
    that came together, before anything else happens on the loop. `phone_changed(endpoint, state)`
    is called whenever a phone changes, and for every phone after each login. `ready` is awaited
    after each login, once the exchange's state is known. `lead_answered(channel_id, answered)` is
    called for each phone of a lead that was to listen to a call.

    Wishes raise Invalid (nonsense, nothing was sent), Conflict (the exchange refuses, in its own
    words) or ExchangeUnavailable (away; or silent, and then it is not known whether it happened).
    None is ever repeated by itself; each ends within seconds.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        user: str,
        secret: str,
        apply: Callable[[Event], None],
        phone_changed: Callable[[str, PhoneState], None],
        ready: Callable[[], Awaitable[None]],
        settle: Callable[[], None] = lambda: None,
        patience: Patience = NORMAL,
    ) -> None:
        self._apply = apply
        self._settle = settle
        self._phone_changed = phone_changed
        self._ready = ready
        self._looking = False  # somebody compares: the list of phones is no news
        self._ahead_s = 0.0  # the exchange's clock before ours; lengths are measured by its clock
        self._ami = Ami(
            host,
            port,
            user,
            secret,
            hear=self._hear,
            paused=settle,
            ready=self._signed_in,
            events=CLASSES,
            wanted=MEANINGS.keys() | {"DeviceStateChange"},
            patience=patience,
        )
        self.moves = Moves(self._ami.ask)
        self.leads = Leads(self._ami.ask)
        self.lead_answered: Callable[[str, bool], None] = lambda channel_id, answered: None
        self._seen: object = None  # the connection whose calls we have asked for
        self._looked = asyncio.Event()

    @property
    def connected(self) -> bool:
        return self._ami.connected

    @property
    def problem(self) -> str:
        """Why it is not connected, a sentence that has its translation; "" while it is."""
        return self._ami.problem

    @property
    def heard_at(self) -> datetime | None:
        return self._ami.heard_at

    async def run(self) -> None:
        """Stay connected until cancelled."""
        await self._ami.run()

    def close(self) -> None:
        self._ami.close()

    async def wait_connected(self, timeout: float) -> None:
        await self._ami.wait_connected(timeout)

    # ---------------------------------------------------------------- hearing

    def _hear(self, message: Mapping[str, str]) -> None:
        name = message["Event"]
        if name == "DeviceStateChange":
            device = DEVICE.fullmatch(message.get("Device", ""))
            if device and not (self._looking and "ActionID" in message):
                state = PHONE_STATES.get(message.get("State", ""), "unreachable")
                self._phone_changed(device[1], state)
            return
        if name == "OriginateResponse" and message.get("Uniqueid", "").startswith(LISTENS):
            self.lead_answered(message["Uniqueid"], message.get("Response") == "Success")
            return
        if "Timestamp" not in message and name not in LISTED:
            # An exchange without timestampevents: our clock is better than none.
            message = {**message, "Timestamp": f"{self._now().timestamp():.6f}"}
        if event := translate(message):
            self._apply(event)

    async def _signed_in(self) -> None:
        """Learn what is going on there. What happens meanwhile is applied in its place."""
        await self._compare_clocks()
        try:
            await self.snapshot(routine=False)
            self._seen = self._ami.protocol
            self._looked.set()
        except Conflict as error:
            log.error("%s", error)
            raise ExchangeUnavailable(NO_RIGHTS) from error
        await self._list("DeviceStateList")
        await self._ready()

    async def snapshot(self, *, routine: bool = True) -> None:
        """Apply what there is: what was missed is made good."""
        self._apply_alone(SnapshotBegan(at=self._now(), routine=routine))
        await self._list("CoreShowChannels")
        await self._list("Status")
        self._apply_alone(SnapshotEnded(at=self._now()))

    def _apply_alone(self, event: Event) -> None:
        self._apply(event)
        self._settle()

    async def _list(self, action: str) -> list[dict[str, str]]:
        ending = f"{action}Complete"
        return (await self._ami.ask(action, deadline=LIST_S, collect=ending)).events

    async def _compare_clocks(self) -> None:
        told = (await self._ami.ask("Ping")).headers.get("Timestamp", "")
        try:
            self._ahead_s = float(told) - time.time()
        except ValueError:
            self._ahead_s = 0.0
        if abs(self._ahead_s) > 2:
            log.warning("the exchange's clock differs from ours by %.1f s", self._ahead_s)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._ahead_s, UTC)

    async def channels(self) -> dict[str, str]:
        """The channels alive there now, id -> name; nothing is told to anybody."""
        events = await self._list("CoreShowChannels")
        return {each["Uniqueid"]: each["Channel"] for each in events if "Uniqueid" in each}

    async def phones(self) -> dict[str, PhoneState]:
        """The phones as they are there, by extension; nothing is told to anybody."""
        self._looking = True
        try:
            events = await self._list("DeviceStateList")
        finally:
            self._looking = False
        told = (
            (DEVICE.fullmatch(each.get("Device", "")), each.get("State", "")) for each in events
        )
        return {
            device[1]: PHONE_STATES.get(state, "unreachable") for device, state in told if device
        }

    # ------------------------------------------------------------------ calls

    async def _has_looked(self) -> None:
        """Wait for the first list of calls after a login: one that is placed before would not be in
        it, and be given up. Otherwise nothing waits here.
        """
        if self.connected and self._seen is not self._ami.protocol:
            self._looked.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LIST_S):
                    await self._looked.wait()

    async def originate(
        self,
        call_id: str,
        *,
        extension: str,
        number: str,
        caller_id: str,
        queue: str = "",
        endpoint: str = "",
        mobile: str = "",
        shown: str = "",
    ) -> None:
        """Call the agent's phone and then, once it answers, `number`; returns when it is under way.

        The call is on the board from before it is sent, and ends there as failed when the exchange
        refuses it or is away. `number`: digits, a plus in front at most. `caller_id`: what the
        agent's phone shows, `shown`: the customer's, "" for the trunk's or company's. `queue`: who
        takes the customer should the agent's phone be lost. `endpoint`: the agent's phone, where
        it is not the page's; `mobile`: the number of one that is called outside.
        """
        checked(CALL_ID, call_id, N_("This is no id of a call."))
        checked(EXTENSION, extension, N_("This is no extension."))
        checked(NUMBER, number, N_("This is no number one can call."))
        await self._has_looked()
        placed = CallPlaced(call_id=call_id, at=self._now(), extension=extension, number=number)
        self._apply_alone(placed)
        try:
            phone = phone_of(endpoint or extension, mobile)
            headers = originate(call_id, phone, extension, number, caller_id, queue, shown)
            await self._ami.ask("Originate", headers)
        except Unanswered as error:
            # Perhaps the phone rings. The state that is asked after the next login tells.
            self._ami.reconnect(SILENT)
            raise Unanswered(
                N_("It is not known whether the call was placed: the exchange did not answer.")
            ) from error
        except (Invalid, Conflict, ExchangeUnavailable):
            self._apply_alone(
                OriginateAnswered(
                    channel_id=call_id, ccid=call_id, at=self._now(), ok=False, number=number
                )
            )
            raise

    async def hang_up(self, channel_id: str) -> None:
        """End a call by hanging up its first channel, which has the call's id to begin with."""
        checked(CALL_ID, channel_id, N_("This is no id of a call."))
        try:
            await self._ami.ask("Hangup", {"Channel": channel_id, "Cause": "16"})
        except Conflict as error:
            if "No such channel" in str(error):
                raise Conflict(N_("The call has ended already.")) from error
            raise

    # ----------------------------------------------------------------- queues

    async def queue_add(self, queue: str, endpoint: str, name: str, *, paused: bool) -> None:
        """Let the queue call this phone. Being there already is no error, and then pauses."""
        headers = {
            "Queue": checked(QUEUE, queue, N_("This is no name of a queue.")),
            "Interface": _interface(endpoint),
            "StateInterface": f"PJSIP/{endpoint}",
            "MemberName": re.sub("[;|,]", " ", name),  # they separate members in Asterisk's store
            "Paused": str(paused).lower(),
        }
        try:
            await self._ami.ask("QueueAdd", headers)
        except Conflict as error:
            if "Already there" not in str(error):
                raise
            same = {name: headers[name] for name in ("Queue", "Interface", "Paused")}
            await self._ami.ask("QueuePause", same)

    async def queue_remove(self, queue: str, endpoint: str) -> None:
        """Take the phone out of the queue. Not being there, or no such queue, is no error."""
        checked(QUEUE, queue, N_("This is no name of a queue."))
        headers = {"Queue": queue, "Interface": _interface(endpoint)}
        try:
            await self._ami.ask("QueueRemove", headers)
        except Conflict as error:
            if not any(each in str(error) for each in ("Not there", "No such queue")):
                raise

    async def queue_pause(self, endpoint: str, *, paused: bool, reason: str) -> None:
        """Pause the phone, or end its pause, in all its queues; being in none is no error."""
        wish = {"Interface": _interface(endpoint), "Paused": str(paused).lower()}
        try:
            await self._ami.ask("QueuePause", {**wish, "Reason": reason})
        except Conflict as error:
            if "Interface not found" not in str(error):
                raise

    async def queue_members(self) -> list[dict[str, str]]:
        """All members of all queues, as QueueMember tells them: Queue, Name, Location, Paused…"""
        events = await self._list("QueueStatus")
        return [event for event in events if event["Event"] == "QueueMember"]


def _interface(endpoint: str) -> str:
    return interface_of(checked(OF_AN_AGENT, endpoint, N_("This is no extension.")))
