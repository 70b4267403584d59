"""The configuration files of an exchange of ours, of the simulated carrier, and for somebody else's
exchange.

Templates lie in dialplan/. Every value that comes from a person is checked here before it becomes
part of a file.
"""

import functools
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callcenter.asterisk.rootfs import DIALPLAN
from callcenter.asterisk.trunks import TRUNK as TRUNK  # for whoever knows the exchange by this
from callcenter.asterisk.trunks import Account, check_trunks, lines_of, own_address, trunk_values
from callcenter.asterisk.ways import ALL_SOUNDS, UTC_ONLY, Calendar, Sounds, values_of
from callcenter.calls.endpoints import desk_of, mobile_of
from callcenter.config import number_range
from callcenter.errors import N_, Invalid
from callcenter.switchboard.plan import Plan

if TYPE_CHECKING:
    from callcenter import config
    from callcenter.secrets import Secrets

USER = "callcenter"  # on our own exchange's AMI
CUSTOMER_RINGS_S = 45
COLLEAGUE_RINGS_S = 20
CONFIRM_S = 10  # how long an agent's mobile phone beeps for a 1
MESSAGE_SILENCE_S = 5  # then a caller has said all there is to say
EXTERNAL = ("extensions", "queues", "pjsip", "manager", "confbridge")

ENDPOINT = re.compile(r"[A-Za-z0-9_-]{1,32}")
PLAIN = re.compile(r"([^\x00-\x1f;]|\\;)*")  # neither a line's end nor a comment


@dataclass(frozen=True, slots=True)
class Ports:
    """Of an exchange, all on loopback: AMI and websocket are TCP, SIP is UDP."""

    ami: int
    sip: int
    http: int

    @classmethod
    def from_first(cls, first: int) -> "Ports":
        return cls(first, first + 1, first + 2)


@dataclass(frozen=True, slots=True)
class CarrierPorts:
    """Of the simulated carrier, all on loopback; SIP (trunk, and desk phones) is UDP."""

    ami: int
    sip: int
    phones: int

    @classmethod
    def from_first(cls, first: int) -> "CarrierPorts":
        return cls(first, first + 1, first + 2)


def phone_password(secrets: "Secrets", extension: str) -> str:
    """The SIP password of an endpoint: the same at every start, and nowhere written but in
    Asterisk's file.
    """
    return hmac.new(secrets.phones.encode(), extension.encode(), hashlib.sha256).hexdigest()[:40]


def render_exchange(
    *,
    config: "config.Asterisk",
    ports: Ports,
    secrets: "Secrets",
    plan: Plan,
    carrier: str,
    calendar: Calendar = UTC_ONLY,
    sounds: Sounds = ALL_SOUNDS,
) -> dict[str, str]:
    """All files of an exchange of ours but asterisk.conf: name -> text.

    `carrier` is where the built-in trunk leads and calls come from, "127.0.0.1:17004". Raises
    Invalid when a value would not be what it should be in Asterisk's files.
    """
    trunks = lines_of(plan)
    check_trunks(trunks)
    rtp = number_range(config.rtp_ports)
    values = _phones(config, secrets) | {
        "external": False,
        "ports": ports,
        "trunk": TRUNK,
        "carrier": carrier,
        "rtp": rtp,
        "desk_address": _desk_address(config),
        **trunk_values(config, trunks, TRUNK, _desk_address(config)),
        "loopback": ipaddress.ip_address(config.media_address).is_loopback,
        "addresses": local_addresses(),
        "user": USER,
        "secret": secrets.ami,
        "spool": "",  # relative to its own: a home with spaces or commas does no harm
        **values_of(plan, calendar, sounds),
        **_patience(),
    }
    return _render("exchange", values)


def render_carrier(
    *,
    ports: CarrierPorts,
    exchange: str,
    rtp_ports: range,
    secrets: "Secrets",
    numbers: Mapping[str, Sequence[str]],
    callers: Mapping[str, Sequence[str]],
    phones: Mapping[str, Sequence[str]],
    account: Account | None = None,
) -> dict[str, str]:
    """All files of the simulated carrier but asterisk.conf: name -> text.

    `exchange` is the exchange's SIP address, "127.0.0.1:17001". The steps (dialplan applications,
    in order) are what happens when a number is called, when somebody who rings in is answered, and
    when a desk phone (an extension of the exchange's) rings. With an `account` it is a provider
    whose customer has to sign in.
    """
    values = {
        "ports": ports,
        "exchange": exchange,
        "rtp": rtp_ports,
        "secret": secrets.carrier,
        "numbers": numbers,
        "callers": callers,
        "phones": phones,
        "account": account,
        "passwords": {extension: phone_password(secrets, extension) for extension in phones},
    }
    return _render("carrier", values)


def write_external(
    config: "config.Asterisk",
    secrets: "Secrets",
    plan: Plan,
    out: Path,
    calendar: Calendar = UTC_ONLY,
) -> list[Path]:
    """Write what somebody's own exchange has to include into `out`, and a README that says where.

    The files written, README first. They hold passwords: mode 600. Raises Invalid.
    """
    trunks = lines_of(plan)
    check_trunks(trunks)
    if not ENDPOINT.fullmatch(config.trunk):
        raise Invalid(N_("{value} cannot be the name of an endpoint."), value=config.trunk)
    spool = config.spool.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._-]+)+", spool):  # it stands in a command
        raise Invalid(
            N_("{value} cannot be the spool: letters, digits, dots and dashes only."), value=spool
        )
    values = _phones(config, secrets) | {
        "external": True,
        "trunk": config.trunk,
        **trunk_values(config, trunks, config.trunk, ""),
        "user": config.user,
        "secret": config.secret or secrets.ami,
        "host": config.host,
        "permit": "127.0.0.1/255.255.255.255",
        "spool": f"{spool}/",
        "spool_folder": spool,
        **values_of(plan, calendar, ALL_SOUNDS),
        **_patience(),
    }
    out.mkdir(parents=True, exist_ok=True)
    environment = _environment()
    written = []
    for template, name in (
        ("external/README.md.j2", "README.md"),
        *((f"exchange/{part}.conf.j2", f"callcenter-{part}.conf") for part in EXTERNAL),
    ):
        path = out / name
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(environment.get_template(template).render(values), encoding="utf-8")
        written.append(path)
    return written


def local_addresses() -> list[str]:
    """This machine's IPv4 addresses but loopback's, as the kernel lists them."""
    try:
        table = Path("/proc/net/fib_trie").read_text(encoding="ascii")
    except OSError:
        return []
    found = set(re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", table))
    return sorted(address for address in found if not ipaddress.ip_address(address).is_loopback)


def _desk_address(config: "config.Asterisk") -> str:
    """Where desk phones sign in; "" when that is loopback, where the exchange listens anyway."""
    return own_address(
        config.desk_address,
        N_("{value} is not an IP address of this machine: [asterisk] desk_address."),
    )


def _phones(config: "config.Asterisk", secrets: "Secrets") -> dict[str, Any]:
    """What is the same for an exchange of ours and for another one."""
    own_address(
        config.media_address,
        N_("{value} is not an IP address of this machine: [asterisk] media_address."),
    )
    return {
        "media_address": config.media_address,
        "browsers": _with_passwords(config.extensions, secrets),
        "own_desks": [
            (str(each), desk_of(str(each)), phone_password(secrets, desk_of(str(each))))
            for each in number_range(config.extensions)
        ],
        "own_mobiles": [
            (str(each), mobile_of(str(each))) for each in number_range(config.extensions)
        ],
        "desks": _with_passwords(config.desk_extensions, secrets),
    }


def _with_passwords(extensions: str, secrets: "Secrets") -> list[tuple[str, str]]:
    return [(str(each), phone_password(secrets, str(each))) for each in number_range(extensions)]


def _patience() -> dict[str, int]:
    return {
        "ring_s": CUSTOMER_RINGS_S,
        "colleague_s": COLLEAGUE_RINGS_S,
        "confirm_s": CONFIRM_S,
        "message_silence_s": MESSAGE_SILENCE_S,
    }


def _render(side: str, values: Mapping[str, Any]) -> dict[str, str]:
    environment, files = _environment(), {}
    for path in sorted((DIALPLAN / side).iterdir()):
        if path.suffix == ".j2":
            template = environment.get_template(f"{side}/{path.name}")
            files[path.stem] = template.render(values)
        elif path.suffix == ".conf":
            files[path.name] = path.read_text(encoding="utf-8")
    return files


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(DIALPLAN),
        undefined=StrictUndefined,
        autoescape=False,  # these are no pages
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _plain(value: object) -> object:
    """The last guard: no value may end its line, whatever was forgotten above."""
    if not PLAIN.fullmatch(str(value)):
        raise Invalid(N_("{value} cannot stand in the exchange's files."), value=repr(value))
    return value
