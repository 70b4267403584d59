"""What a bar of a day's line says: to whoever points at it, goes along by keys, or listens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from callcenter.agents import causes
from callcenter.agents.lines import STATES
from callcenter.calls.call import Direction, Result
from callcenter.calls.models import CallRecord
from callcenter.errors import N_
from callcenter.pages.call_words import DIRECTIONS, became
from callcenter.pages.formats import Formats, duration, phone
from callcenter.pages.language import Words
from callcenter.people.directory import Directory
from callcenter.staffing.spells import Spell


@dataclass(frozen=True, slots=True)
class Speech:
    """In the language of the request; `reasons` are breaks' names in it, by code."""

    words: Words
    formats: Formats
    directory: Directory
    reasons: Mapping[str, str]
    now: datetime

    def state(self, spell: Spell) -> str:
        """Break: Lunch"""
        name = self.words.say(STATES.get(spell.state, spell.state))
        if not spell.reason:
            return name
        reason = self.reasons.get(spell.reason) or self.words.say(N_("Calls not answered"))
        return self.words.say(N_("{state}: {reason}"), state=name, reason=reason)

    def spell(self, spell: Spell) -> str:
        """In a call, 10:39 – 10:42 (3:07)"""
        return f"{self.state(spell)}, {self._time(spell.start, spell.end)}"

    def cause(self, spell: Spell) -> str:
        """Why it began; "" when nobody knows."""
        lead = causes.lead_of(spell.cause)
        person = self.directory.known(lead) if lead else None
        sentence, values = causes.words(spell.cause, person.name if person else "")
        return self.words.say(sentence, **values) if sentence else ""

    def call(self, record: CallRecord) -> str:
        """Incoming, 0912 345 678, Answered, 10:39 – 10:42 (3:07)"""
        say = self.words.say
        number = phone(record.number) or say(N_("number withheld"))
        way, result = say(DIRECTIONS[Direction(record.direction)].text), say(became(record).text)
        return f"{way}, {number}, {result}, {self._time(record.started_at, record.ended_at)}"

    def kind(self, record: CallRecord) -> str:
        """Of a call's bar: in, out, or lost where nobody talked."""
        if record.ended_at is not None and record.result != Result.ANSWERED:
            return "lost"
        return "out" if record.direction == Direction.OUTBOUND else "in"

    def _time(self, start: datetime, end: datetime | None) -> str:
        length = duration(((end or self.now) - start).total_seconds())
        until = self.formats.clock(end) if end else self.words.say(N_("now"))
        return f"{self.formats.clock(start)} – {until} ({length})"
