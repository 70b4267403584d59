"""What we ask of Asterisk: one action, checked before a byte of it is sent, answered once."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from panoramisk.actions import Action
from panoramisk.message import Message

from callcenter.errors import N_, Conflict, ExchangeUnavailable, Invalid

# Line ends are how a caller's name becomes a header of its own ("Application: System").
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
HEADER = re.compile("[!-9;-~]+")  # visible ASCII without the colon
LONGEST_LINE = 1000  # bytes; Asterisk refuses the whole action from 1024 on
MOST_HEADERS = 100  # Asterisk drops what is above 128

QUESTIONS = frozenset(  # they change nothing: not to know their answer is harmless
    {"Challenge", "CoreShowChannels", "CoreStatus", "DeviceStateList", "ExtensionState"}
    | {"Getvar", "Login", "Ping", "PJSIPShowContacts", "QueueStatus", "QueueSummary", "Status"}
)


class Unanswered(ExchangeUnavailable):
    """It was sent, and nobody knows what became of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Asterisk said: the headers of its response and, for a list, the events that followed.

    Names are as Asterisk writes them; the event that ends the list is the last of `events`.
    """

    headers: dict[str, str]
    events: list[dict[str, str]] = field(default_factory=list)


class CheckedAction(Action):  # type: ignore[misc]  # panoramisk has no types
    """An action that is refused with Invalid when its text could be read as something else.

    Its future ends with an Answer, with Conflict (Asterisk's words) or ExchangeUnavailable.
    """

    def __init__(
        self, name: str, headers: Iterable[tuple[str, str]] = (), collect: str | None = None
    ) -> None:
        values: dict[str, str | list[str]] = {}
        for header, value in _checked([("Action", name), *headers]):
            before = values.get(header)
            if before is None:
                values[header] = value
            elif isinstance(before, list):
                before.append(value)
            else:
                values[header] = [before, value]
        super().__init__(values)
        self.name = name
        self._collect = collect
        self._answer: Answer | None = None

    def add_message(self, message: dict[str, str]) -> bool:
        """Take a message that carries our ActionID; True once nothing more is expected."""
        if self.future.done():
            return True
        if name := message.get("Event"):
            return self._add_event(name, message)
        if message.get("Response") not in (*Message.success_responses, "Pong"):
            reason = message.get("Message", "")
            refused = N_("The exchange refused {action}: {reason}")
            self.future.set_exception(Conflict(refused, action=self.name, reason=reason))
            return True
        self._answer = Answer(message)
        if self._collect is None:
            self.future.set_result(self._answer)
        return self._collect is None

    def _add_event(self, name: str, message: dict[str, str]) -> bool:
        if self._collect is None or self._answer is None:
            return False
        self._answer.events.append(message)
        if name == self._collect:
            self.future.set_result(self._answer)
        return name == self._collect

    def lose(self) -> None:
        """The connection has gone, and with it the answer."""
        if not self.future.done():
            self.future.set_exception(self.unanswered(lost=True))

    def unanswered(self, lost: bool = False) -> Unanswered:
        """The error that says what is known, which is little."""
        if self.name in QUESTIONS:
            return Unanswered(
                N_("The connection to the exchange was lost.")
                if lost
                else N_("The exchange did not answer in time.")
            )
        return Unanswered(
            N_("The connection was lost. It is not known whether {action} happened.")
            if lost
            else N_("The exchange did not answer. It is not known whether {action} happened."),
            action=self.name,
        )


def _checked(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(headers) > MOST_HEADERS:
        raise Invalid(N_("This is more than the exchange takes at once."))
    for name, value in headers:
        if not HEADER.fullmatch(name) or name.lower() == "actionid":
            raise Invalid(N_("This is no header for the exchange."))
        if CONTROL.search(value):
            raise Invalid(
                N_("{name} may not hold line ends or other control characters."), name, name=name
            )
        if len(name) + len(value.encode()) > LONGEST_LINE:
            raise Invalid(N_("{name} is too long for the exchange."), name, name=name)
    return headers
