"""One lead in one call: where they stand, whom they hear, and what is refused (pure)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from callcenter.calls.board import Board
from callcenter.calls.call import Call, Direction, State
from callcenter.calls.parties import Channels
from callcenter.errors import N_, Conflict, Missing
from callcenter.live.sight import Sight, sight_now
from callcenter.people.directory import Directory, Person

Way = Literal["listen", "whisper", "join", "take_over"]
# calling: the lead's own phone; waiting: nobody talks with the customer at the moment.
Where = Literal["calling", "on", "waiting"]

WAYS: Final[Mapping[str, str]] = {  # as it is written down
    "listen": N_("Listened"),
    "whisper": N_("Whispered"),
    "join": N_("Talked as well"),
    "take_over": N_("Took the call over"),
}
NO_CALL = N_("There is no such call.")
NOBODY = N_("Nobody talks with the customer at the moment.")


@dataclass(frozen=True, slots=True)
class Heard:
    """An agent in a call: who, by which extension, at which channel."""

    person: Person
    extension: str
    channel: str


@dataclass(slots=True, eq=False)
class Visit:
    lead: Person
    extension: str  # the lead's
    call_id: str
    channel_id: str  # of the lead's phone
    agent: Person  # who is heard, or was last
    heard: str  # the extension by which they are in the call
    channel: str  # and their channel
    since: datetime
    way: Way = "listen"
    where: Where = "calling"

    @classmethod
    def of(
        cls, lead: Person, call_id: str, found: Heard, channel_id: str, since: datetime
    ) -> "Visit":
        """One that begins."""
        return cls(
            lead,
            lead.extension or "",
            call_id,
            channel_id,
            found.person,
            found.extension,
            found.channel,
            since,
        )

    def hears(self, found: Heard) -> None:
        """From now on it is that agent."""
        self.agent, self.heard, self.channel = found.person, found.extension, found.channel

    @property
    def card(self) -> dict[str, Any]:
        """As the lead's pages show it."""
        return {
            "call_id": self.call_id,
            "way": self.way,
            "where": self.where,
            "agent": self.agent.name,
            "since": self.since,
        }


def agent_of(
    there: Channels, sight: Sight, directory: Directory, leads: Collection[str]
) -> Heard | None:
    """Whom one with that sight hears in a call. `leads` are the extensions of those who are only
    with them. None: nobody talks. Raises Missing when all who do are none of theirs.
    """
    agents = [each for each in there.agents if each not in leads]
    for extension in agents:
        person = directory.of_extension(extension)
        if person and sight.person(person):
            return Heard(person, extension, there.agents[extension])
    if agents:
        raise Missing(NO_CALL)
    return None


def place_of(board: Board, call_id: str) -> tuple[Call, Channels]:
    """A call that goes on, and its channels. Raises Missing."""
    call, there = board.call(call_id), board.channels(call_id)
    if call is None or there is None or call.state is State.ENDED:
        raise Missing(NO_CALL)
    return call, there


def sight_of(directory: Directory, lead: Person) -> Sight:
    """What they may see now, whatever they could a moment ago. Raises Missing."""
    if (sight := sight_now(directory, lead.id)) is None:
        raise Missing(NO_CALL)
    return sight


def first_heard(
    call: Call, there: Channels, lead: Person, directory: Directory, leads: Collection[str]
) -> Heard:
    """Whom a lead hears who begins. Raises Missing for what is not on their board, or Conflict."""
    if lead.extension and lead.extension in call.extensions:
        raise Conflict(N_("You are in this call yourself."))
    sight = sight_of(directory, lead)
    if found := agent_of(there, sight, directory, leads):
        return found
    people = (directory.of_extension(each) for each in call.extensions)
    queue = call.queue or ""
    _, department_id = directory.queues.get(queue, ("", None))
    if sight.queue(queue, department_id) or any(each and sight.person(each) for each in people):
        raise Conflict(NOBODY)
    raise Missing(NO_CALL)


def refuse_join(call: Call, there: Channels, agent: Person) -> str:
    """The customer's channel, whom one can join now. Raises Conflict in words."""
    if call.direction is Direction.INTERNAL or there.customer is None:
        raise Conflict(N_("There is no customer in this call to talk with."))
    if call.state is State.ENDED or not call.agents:
        raise Conflict(NOBODY)
    if call.consult:
        sentence = N_("{name} is asking somebody. Wait until they are back with the customer.")
        raise Conflict(sentence, name=agent.name)
    if call.paused:  # with another one in the call a new piece begins, which is not paused
        raise Conflict(N_("The recording is paused. Wait until it goes on."))
    return there.customer
