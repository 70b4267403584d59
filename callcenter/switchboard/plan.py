"""What the switchboard does, as one value: a plan. Pure; what is wrong with one: `checks`.

A plan is kept whole, as JSON, in `versions`: the draft that is being changed, the one the exchange
has, and those before it. Everything in it is called by a name ([a-z0-9_-]{1,32}), which stands in
the exchange's files and is never changed; `title` is what people read. A prompt is named, too: its
sound is not in the plan. What a plan of another version of this program says besides is read over.
"""

from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}$")]
Title = Annotated[str, Meta(min_length=1, max_length=100)]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
KEYS: Final = "1234567890*#"  # as they stand on a phone


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all of the following is."""


class Kind(StrEnum):
    """What a way can lead to."""

    QUEUE = "queue"
    MENU = "menu"
    HOURS = "hours"
    MESSAGE = "message"  # a prompt is played, then the call ends
    VOICEMAIL = "voicemail"  # a prompt is played, and what the caller says is kept
    HANG_UP = "hang_up"  # `name` is empty


class Way(Part, frozen=True, kw_only=True):
    """Where a call goes on: to the part of that kind with that name."""

    kind: Kind
    name: str = ""


HANG_UP = Way(kind=Kind.HANG_UP)


class Trunk(Part, frozen=True, kw_only=True):
    """A provider's SIP account. Outgoing calls take the first that works, in the plan's order.

    `host` "": the trunk that this installation brings (the simulated carrier's, or that of somebody
    else's exchange, [asterisk] trunk). `password` is kept, never shown. `registers`: we sign in
    there; else calls come from `host`. `caller_id` is shown instead of the company's own; "" for
    that one; with `only_own` it is shown instead of a department's, too. `from_account`: the
    provider reads the account's name where others read the number that is shown.
    """

    name: Name
    title: Title
    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] = 5060
    username: Annotated[str, Meta(max_length=64)] = ""
    password: Annotated[str, Meta(max_length=128)] = ""
    registers: bool = False
    caller_id: Annotated[str, Meta(max_length=20)] = ""
    only_own: bool = False
    from_account: bool = False
    is_on: bool = True


class Number(Part, frozen=True, kw_only=True):
    """A number of ours (DID), as the trunk names it: national, digits only."""

    number: Annotated[str, Meta(pattern=r"^\+?[0-9]{1,20}$")]
    title: Annotated[str, Meta(max_length=100)] = ""
    way: Way


class Opening(Part, frozen=True, kw_only=True):
    """Open on these days of the week (0: Monday) from a minute of the day to another, both of the
    company's zone; 1440 is midnight at the day's end."""

    days: frozenset[Annotated[int, Meta(ge=0, le=6)]]
    begins: Annotated[int, Meta(ge=0, le=1439)]
    ends: Annotated[int, Meta(ge=1, le=1440)]


class Hours(Part, frozen=True, kw_only=True):
    """When somebody is there. On the plan's holidays it is closed, where `keeps_holidays`."""

    name: Name
    title: Title
    openings: tuple[Opening, ...] = ()
    keeps_holidays: bool = True
    open: Way
    closed: Way


class Holiday(Part, frozen=True, kw_only=True):
    """`lunar`: month and day of the Vietnamese lunar year (Tết is 1/1). `year` 0: every year."""

    title: Title
    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    days: Annotated[int, Meta(ge=1, le=15)] = 1  # in a row
    lunar: bool = False
    year: Annotated[int, Meta(ge=0, le=2199)] = 0


class Menu(Part, frozen=True, kw_only=True):
    """ "Press 1 for…": `prompt` is a prompt's name. Who presses nothing known hears it `tries`
    times, then goes on to `otherwise`."""

    name: Name
    title: Title
    prompt: str = ""
    keys: dict[Annotated[str, Meta(pattern=r"^[0-9*#]$")], Way] = {}
    wait_s: Annotated[int, Meta(ge=1, le=30)] = 5
    tries: Annotated[int, Meta(ge=1, le=5)] = 2
    otherwise: Way = HANG_UP


class Message(Part, frozen=True, kw_only=True):
    """Something that is said before we hang up."""

    name: Name
    title: Title
    prompt: str = ""


class Voicemail(Part, frozen=True, kw_only=True):
    """A caller's message becomes a missed call with sound, in that queue's inbox."""

    name: Name
    title: Title
    prompt: str = ""
    queue: str  # whose missed call it is
    longest_s: Annotated[int, Meta(ge=5, le=600)] = 120


class Strategy(StrEnum):
    """Asterisk's own words."""

    RING_ALL = "ringall"
    IN_TURN = "rrmemory"
    FEWEST_CALLS = "fewestcalls"
    LEAST_RECENT = "leastrecent"
    RANDOM = "random"


class Queue(Part, frozen=True, kw_only=True):
    """Who waits for whom. Its agents are those of the department and those with one of `skills`
    (ids of catalogue items), wherever they work; its missed calls are the department's.

    `service_level_s`: answered so soon is in time; 0: as in the company. `longest_wait_s`: 0 for
    no end; then `overflow`, as when nobody is signed in and `needs_agents`. `callback_key`: who
    waits may press it to hang up, keep the place and be called back; "" for none; they hear
    `callback_prompt`. The time after its calls is not here: it is a rule of the company's
    (settings/wrap_up).
    """

    name: Name
    title: Title
    department_id: int | None = None
    skills: tuple[int, ...] = ()
    strategy: Strategy = Strategy.IN_TURN
    ring_s: Annotated[int, Meta(ge=5, le=120)] = 20
    service_level_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    longest_wait_s: Seconds = 0
    needs_agents: bool = False
    overflow: Way = HANG_UP
    says_place: bool = False
    says_wait: bool = False
    says_every_s: Annotated[int, Meta(ge=15, le=600)] = 60
    music: str = ""  # a prompt's name; "" for the exchange's own
    callback_key: Annotated[str, Meta(pattern=r"^[0-9*#]?$")] = ""
    callback_prompt: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether callers may leave it for its overflow."""
        return bool(self.longest_wait_s) or self.needs_agents


class Dialling(Part, frozen=True, kw_only=True):
    """Who may call where. `prefixes` are beginnings of numbers in international form ("+84",
    "+8490", "+" for any); the longest that fits decides; nothing fits: refused. `roles` may call
    there, each person at most `per_hour` times (0: as often as they like)."""

    prefix: Annotated[str, Meta(pattern=r"^\+[0-9]{0,15}$")]
    title: Annotated[str, Meta(max_length=100)] = ""
    roles: frozenset[str]
    per_hour: Annotated[int, Meta(ge=0, le=10_000)] = 0


class Shown(Part, frozen=True, kw_only=True):
    """The number that customers see when somebody of that department calls."""

    department_id: int
    number: str


class Plan(Part, frozen=True, kw_only=True):
    """All of it. The order of trunks is that in which they are tried; `caller_id` is the number
    that customers see when we call, "" for the first of `numbers`."""

    trunks: tuple[Trunk, ...] = ()
    numbers: tuple[Number, ...] = ()
    hours: tuple[Hours, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    menus: tuple[Menu, ...] = ()
    messages: tuple[Message, ...] = ()
    voicemails: tuple[Voicemail, ...] = ()
    queues: tuple[Queue, ...] = ()
    dialling: tuple[Dialling, ...] = ()
    shown: tuple[Shown, ...] = ()
    default: Way = HANG_UP  # calls to a number that is not in `numbers`
    caller_id: Annotated[str, Meta(max_length=20)] = ""
