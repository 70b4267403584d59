"""What an agent may wish for now, and whether they may call: refused in words, or not at all."""

from callcenter.agents.agent import Agent, Wish
from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid
from callcenter.people.directory import Person

WISHES: dict[str, Wish] = {"offline": "offline", "ready": "ready", "break": "break"}
NOT_CONNECTED = N_(
    "Your phone is not connected. Allow the microphone and wait until it says Connected."
)


def wish_of(state: str) -> Wish:
    """Raises Invalid for what nobody can wish for."""
    if (wish := WISHES.get(state)) is None:
        raise Invalid(N_("The state must be ready, break or offline."), field="state")
    return wish


def refuse_wish(wish: Wish, person: Person, agent: Agent) -> None:
    """Raises Conflict when that agent cannot become ready."""
    if wish == "ready" and not person.extension:
        raise Conflict(N_("You have no extension, so no call can reach you."))
    # Whoever was ready may finish a note also while the phone is away, and stays ready.
    if wish == "ready" and agent.wish != "ready" and agent.phone == "unreachable":
        raise Conflict(NOT_CONNECTED)


def refuse_for_them(wish: Wish, person: Person, agent: Agent) -> None:
    """The same, said to the team lead who wishes it for them."""
    if wish == "ready" and not person.extension:
        raise Conflict(N_("{name} has no extension."), name=person.name)
    if wish == "ready" and agent.phone == "unreachable":
        raise Conflict(N_("The phone of {name} is not connected."), name=person.name)


def refuse_call(person: Person, agent: Agent, connected: bool) -> None:
    """Raises Conflict or ExchangeUnavailable when that agent cannot call now."""
    if not person.extension:
        raise Conflict(N_("You have no extension, so you cannot call."))
    if not connected:
        raise ExchangeUnavailable(N_("The exchange does not answer. Please try again soon."))
    if agent.state in ("talking", "on_hold"):
        raise Conflict(N_("You are in a call. Hang up first."))
    if agent.state == "ringing":
        raise Conflict(N_("A call is ringing at your phone. Answer or decline it first."))
    if agent.phone == "unreachable":
        raise Conflict(NOT_CONNECTED)
