"""Wishes that move the parties of a call: each is a place in dialplan/exchange/extensions.conf.j2.

`customer`, `agent` and `asked` are names of channels, as the board's Channels tell them. Everything
raises as Link does: Invalid, Conflict (the exchange refuses, or the channel is gone) or
ExchangeUnavailable.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from callcenter.calls.endpoints import DESK, MOBILE, OF_AN_AGENT, interface_of
from callcenter.errors import N_, Conflict, Invalid

Kind = Literal["colleague", "number", "queue"]

EXTENSION = re.compile(r"[0-9]{1,32}")
NUMBER = re.compile(r"\+?[0-9]{1,31}")
QUEUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
PART = re.compile(r"[a-z]{1,20}")
CHANNEL = re.compile(r"[!-~]{1,150}")
CALL_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")

TARGETS: Mapping[Kind, tuple[str, re.Pattern[str], str]] = {
    "colleague": ("callcenter-colleague", EXTENSION, N_("This is no extension.")),
    "number": ("callcenter-number", NUMBER, N_("This is no number one can call.")),
    "queue": ("callcenter-other-queue", QUEUE, N_("This is no name of a queue.")),
}
CONSULTS: Mapping[Kind, str] = {
    "colleague": "callcenter-consult",
    "number": "callcenter-consult-number",
}
GONE = ("does not exist", "No such channel", "not hungup", "is not active")

Ask = Callable[..., Awaitable[Any]]
Place = tuple[str, str]  # context, extension


class Moves:
    """`ask` is Ami.ask."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def wait(self, customer: str, extension: str, patience_s: int) -> None:
        """The customer hears music until `extension` is back, at most so long, then the queue."""
        await self.put(customer, CCAGENT=an_extension(extension), CCPATIENCE=str(patience_s))
        await self.redirect((customer, ("callcenter-wait", "s")))

    async def to_queue(self, customer: str) -> None:
        """Let the customer wait for anybody, in the queue the call came by."""
        await self.redirect((customer, ("callcenter-again", "s")))

    async def go_on(self, customer: str, kind: str, name: str) -> None:
        """Let somebody who waits go on to a part of the switchboard: a Way's kind and name."""
        if kind == "hang_up":
            return await self.redirect((customer, ("callcenter-go-hangup", "s")))
        context = f"callcenter-go-{checked(PART, kind, N_('This is no part of the switchboard.'))}"
        checked(QUEUE, name, N_("This is no part of the switchboard."))
        return await self.redirect((customer, (context, f"for-{name}")))

    async def bring_back(self, customer: str, extension: str) -> None:
        """Ring the agent whose page is there again; it answers by itself."""
        await self.redirect((customer, ("callcenter-return", an_extension(extension))))

    async def transfer(self, customer: str, by: str, kind: Kind, to: str) -> None:
        """Hand the customer over without asking. Nobody answers: back to extension `by`."""
        context, pattern, sentence = TARGETS[kind]
        checked(pattern, to, sentence)
        await self.put(customer, CCAGENT=an_extension(by))
        await self.redirect((customer, (context, f"for-{to}" if kind == "queue" else to)))

    async def leave(self, agent: str) -> None:
        """Whoever has handed the customer over goes: out of a room nobody else sends them."""
        with suppress(Conflict):  # the dialplan has hung up on them
            await self.hang_up(agent)

    async def consult(self, customer: str, agent: str, by: str, kind: Kind, to: str) -> None:
        """Let the agent ask somebody; the customer hears music in the room meanwhile."""
        if kind not in CONSULTS:
            raise Invalid(N_("One can ask a colleague or a number."), field="kind")
        _, pattern, sentence = TARGETS[kind]
        checked(pattern, to, sentence)
        await self.put(customer, CCAGENT=an_extension(by), CCASKER=a_channel(agent))
        await self.put(agent, __CCCUSTOMER=a_channel(customer))  # handed on to whoever is asked
        await self.redirect(
            (customer, ("callcenter-room-customer", "s")), (agent, (CONSULTS[kind], to))
        )

    async def complete(self, agent: str, asked: str) -> None:
        """Whoever was asked takes the customer; the agent leaves."""
        await self._comes(asked)
        await self.redirect((asked, ("callcenter-room", "s")), (agent, ("callcenter-end", "s")))

    async def join(self, agent: str, asked: str) -> None:
        """All three talk."""
        await self._comes(asked)
        room = ("callcenter-room", "s")
        await self.redirect((asked, room), (agent, room))

    async def _comes(self, asked: str) -> None:
        """Say that this leg goes into the room itself: the pipe to a mobile phone, which is left
        behind, would take the customer for alone, and send them out.
        """
        await self.put(asked, **{"SHARED(COMES)": "1"})

    async def pause_recording(self, customer: str, *, paused: bool) -> None:
        """Silence instead of the sound, or sound again; the time goes on in the file."""
        await self._ask(
            "MixMonitorMute",
            {"Channel": a_channel(customer), "Direction": "both", "State": str(int(paused))},
        )

    async def hang_up(self, channel: str) -> None:
        """End one leg; what becomes of the others is the dialplan's business."""
        await self._gone("Hangup", {"Channel": a_channel(channel), "Cause": "16"})

    async def route(
        self, customer: str, owner: str, owner_s: int, team: Sequence[str], team_s: int
    ) -> None:
        """Say whom a call that comes in rings before its queue: the extension `owner`, then all of
        the phones (endpoints) of `team`.
        """
        no_phone = N_("This is no extension.")
        phones = "&".join(interface_of(checked(OF_AN_AGENT, each, no_phone)) for each in team)
        first = an_extension(owner) if owner else ""
        await self.put(customer, CCROUTE=f"{first}|{owner_s}|{phones}|{team_s}")

    async def rings(self, extension: str, where: str) -> None:
        """From now on this rings for an extension: "browser", "desk", or a number outside.

        An exchange that restarts forgets it.
        """
        an_extension(extension)
        what = {"browser": "", DESK: DESK}.get(where, MOBILE)
        if what == MOBILE:
            number = checked(NUMBER, where, N_("This is no number one can call."))
            await self._ask("Setvar", {"Variable": f"CCMOBILE_{extension}", "Value": number})
        await self._ask("Setvar", {"Variable": f"CCRINGS_{extension}", "Value": what})

    async def patience(self, seconds: int) -> None:
        """How long customers wait for an agent who was lost, also while the service is away; until
        the exchange restarts.
        """
        await self._ask("Setvar", {"Variable": "CCPATIENCE", "Value": str(seconds)})

    async def put(self, channel: str, **variables: str) -> None:
        for name, value in variables.items():
            headers = {"Channel": a_channel(channel), "Variable": name, "Value": value}
            await self._gone("Setvar", headers)

    async def redirect(
        self, first: tuple[str, Place], other: tuple[str, Place] | None = None
    ) -> None:
        headers: dict[str, str] = {}
        for prefix, move in ("", first), ("Extra", other):
            if move:
                channel, (context, exten) = move
                headers |= {
                    f"{prefix}Channel": a_channel(channel),
                    f"{prefix}Context": context,
                    f"{prefix}Exten": exten,
                    f"{prefix}Priority": "1",
                }
        await self._gone("Redirect", headers)

    async def _gone(self, action: str, headers: Mapping[str, str]) -> None:
        try:
            await self._ask(action, headers)
        except Conflict as error:
            if any(words in str(error) for words in GONE):
                raise Conflict(N_("The other side has hung up already.")) from error
            raise


def an_extension(text: str) -> str:
    return checked(EXTENSION, text, N_("This is no extension."))


def a_channel(text: str) -> str:
    return checked(CHANNEL, text, N_("This is no channel."))


def checked(pattern: re.Pattern[str], text: str, sentence: str) -> str:
    """The text, which matches. Raises Invalid."""
    if not pattern.fullmatch(text):
        raise Invalid(sentence)
    return text
