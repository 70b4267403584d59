"""Wishes by which a team lead listens to a call, joins it or takes it over.

Each way is a place in dialplan/exchange/extensions.conf.j2. A lead's channel has an id that begins
with calls.legs.LISTENS and is known by it; `agent` and `customer` are names of channels, as the
board's Channels tell them. Everything raises as Moves does.
"""

from collections.abc import Iterable

from callcenter.asterisk.moves import CALL_ID, Ask, Moves, a_channel, an_extension, checked
from callcenter.asterisk.originate import RING_MS, phone_of
from callcenter.calls.endpoints import LeadPhone
from callcenter.calls.legs import LISTENS
from callcenter.errors import N_, Invalid

LISTEN, JOINS = "callcenter-listen", "callcenter-joins"
NOBODY = ("", "0")  # what the exchange calls the number of those in a room that is not there


class Leads:
    """`ask` is Ami.ask."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._moves = Moves(ask)

    async def call(self, phone: LeadPhone, call_id: str, agent: str, shows: str) -> None:
        """Call the lead's phone, which shows the number `shows`; once it is answered it hears what
        the agent hears and says. Whether it is answered is told by Link.
        """
        await self._ask("Originate", [*_originate(phone, _call_id(call_id), agent, shows)])

    async def hear(self, lead: str, agent: str, *, whispers: bool) -> None:
        """From now on the lead hears that agent, and is heard by them, or not."""
        await self._moves.put(lead, CCHEARD=a_channel(agent))
        await self._moves.redirect((lead, (LISTEN, "whisper" if whispers else "listen")))

    async def has_room(self, call_id: str) -> bool:
        """Whether the call goes on in a room already."""
        info = f"CONFBRIDGE_INFO(parties,{_call_id(call_id)})"
        answer = await self._ask("Getvar", {"Variable": info})
        return answer.headers.get("Value", "") not in NOBODY

    async def open_room(self, customer: str, other: str, by: str) -> None:
        """The customer and `other`, who is extension `by`, talk on in the call's room.

        An agent who talked with the customer, and is not `other`, is hung up on by the dialplan.
        """
        await self._moves.put(customer, CCAGENT=an_extension(by), CCASKER=a_channel(other))
        await self._moves.put(other, CCCUSTOMER=a_channel(customer))
        await self._moves.redirect(
            (customer, ("callcenter-room-customer", "joins")), (other, (JOINS, "s"))
        )

    async def join(self, customer: str, other: str) -> None:
        """`other` comes to those in the call's room."""
        await self._moves.put(other, CCCUSTOMER=a_channel(customer))
        await self._moves.redirect((other, (JOINS, "s")))

    async def give(self, customer: str, extension: str) -> None:
        """Whom the customer waits for when the last of the others is lost."""
        await self._moves.put(customer, CCAGENT=an_extension(extension))

    async def hang_up(self, channel: str) -> None:
        """A lead or an agent leaves, the others in the room talk on."""
        await self._moves.hang_up(channel)


def _originate(phone: LeadPhone, call_id: str, agent: str, shows: str) -> Iterable[tuple[str, str]]:
    channel = phone_of(phone.endpoint, phone.mobile)
    if not phone.channel_id.startswith(LISTENS):
        raise Invalid(N_("This is no channel."))
    yield from {
        "Channel": channel,
        "ChannelId": a_channel(phone.channel_id),
        "Context": "callcenter-mobile-listens" if phone.mobile else LISTEN,
        "Exten": "listen",
        "Priority": "1",
        "Async": "true",
        "Timeout": str(RING_MS),
        "CallerID": an_extension(shows),
    }.items()
    variables = {
        "CCID": call_id,
        "CCHEARD": a_channel(agent),
        "CDR(ccid)": call_id,
        "CHANNEL(userfield)": call_id,
    }
    if not phone.mobile:  # the page learns that it is to answer by itself
        variables |= {
            "PJSIP_HEADER(add,X-Call)": call_id,
            "PJSIP_HEADER(add,X-Listen)": "1",
        }
    for name, value in variables.items():
        yield "Variable", f"{name}={value}"


def _call_id(text: str) -> str:
    return checked(CALL_ID, text, N_("This is no id of a call."))
