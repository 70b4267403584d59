"""What the simulated world does: numbers one can call, people who ring in, desk phones.

Steps are applications of Asterisk's dialplan, in order (dialplan/carrier/extensions.conf.j2). Every
other number that could exist behaves like a person, by the number alone: mostly answers, sometimes
is busy or does not pick up.
"""

from dataclasses import dataclass

from callcenter.errors import N_


@dataclass(frozen=True, slots=True)
class Behaviour:
    sentence: str  # in English, an id of the catalogue
    steps: tuple[str, ...]


FOR_EVER = ("Wait(3600)", "Hangup(16)")


def _tone(hertz: int) -> tuple[str, ...]:
    return (f"Playtones({hertz})", *FOR_EVER)


RINGS = ("Ringing()", "Wait(1)")
VOICE = "Goto(voice,0,1)"

NUMBERS = {
    "0900000100": Behaviour(
        N_("Answers after a second and talks until you hang up."), (*RINGS, "Answer()", VOICE)
    ),
    "0900000101": Behaviour(N_("Is busy."), ("Hangup(17)",)),
    "0900000102": Behaviour(
        N_("Rings and never picks up."), ("Ringing()", "Wait(600)", "Hangup(19)")
    ),
    "0900000103": Behaviour(N_("Rings for a second and rejects the call."), (*RINGS, "Hangup(21)")),
    "0900000104": Behaviour(
        N_("Answers and presses key 1 after four seconds."),
        (*RINGS, "Answer()", "Wait(4)", "SendDTMF(1,250,200)", *FOR_EVER),
    ),
    "0900000105": Behaviour(
        N_("Answers, talks for three seconds and hangs up."),
        (*RINGS, "Answer()", "Playtones(440)", "Wait(3)", "Hangup(16)"),
    ),
    "0900000106": Behaviour(N_("Has the phone switched off."), ("Hangup(27)",)),
    "0900000107": Behaviour(N_("Does not exist."), ("Hangup(1)",)),
    "0900000108": Behaviour(N_("Cannot be reached: all lines are taken."), ("Hangup(34)",)),
    "0900000109": Behaviour(
        N_("Plays a ringing tone of its own for two seconds, then answers."),
        ("Progress()", "Playtones(ring)", "Wait(2)", "StopPlaytones()", "Answer()", *_tone(440)),
    ),
    "0900000110": Behaviour(
        N_("Answers after eight seconds."), ("Ringing()", "Wait(8)", "Answer()", VOICE)
    ),
    "0900000111": Behaviour(
        N_("Answers after a second and whistles 440 Hz."), (*RINGS, "Answer()", *_tone(440))
    ),
    "0900000112": Behaviour(N_("Answers and says nothing."), (*RINGS, "Answer()", *FOR_EVER)),
    "0900000113": Behaviour(
        N_("Answers after a second and whistles 660 Hz."), (*RINGS, "Answer()", *_tone(660))
    ),
    "0900000114": Behaviour(
        N_("Answers at once and talks for ten minutes."),
        ("Answer()", "Set(TIMEOUT(absolute)=600)", VOICE),
    ),
    "0900000115": Behaviour(
        N_("Answers after a second, presses key 1 and whistles 1200 Hz: an agent's mobile phone."),
        (*RINGS, "Answer()", "Wait(1)", "SendDTMF(1,250,200)", *_tone(1200)),
    ),
}

# Who rings in, by name; the exchange answers at once, so waiting in the queue counts.
CALLERS = {
    "talks": Behaviour(
        N_("Talks, and hangs up after three minutes."), ("Set(TIMEOUT(absolute)=180)", VOICE)
    ),
    "tone": Behaviour(N_("Whistles 440 Hz until the other side hangs up."), _tone(440)),
    "silent": Behaviour(N_("Says nothing."), FOR_EVER),
    "short": Behaviour(
        N_("Whistles for three seconds and hangs up."), ("Playtones(440)", "Wait(3)", "Hangup(16)")
    ),
    "keys": Behaviour(
        N_("Presses 1, 2 and 3 after four seconds."),
        ("Wait(4)", "SendDTMF(123,250,200)", *FOR_EVER),
    ),
}

# Desk phones, counted from the first desk extension.
DESKS = (
    Behaviour(
        N_("Picks up after a second and whistles 1000 Hz."), (*RINGS, "Answer()", *_tone(1000))
    ),
    Behaviour(N_("Rings and is never picked up."), ("Ringing()", "Wait(600)", "Hangup(19)")),
    Behaviour(N_("Refuses every call."), ("Hangup(17)",)),
    Behaviour(
        N_("Picks up after a second and whistles 1200 Hz."), (*RINGS, "Answer()", *_tone(1200))
    ),
    Behaviour(
        N_("Picks up after a second and hangs up three seconds later."),
        (*RINGS, "Answer()", "Playtones(1000)", "Wait(3)", "Hangup(16)"),
    ),
)
