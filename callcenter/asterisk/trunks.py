"""Trunks as the exchange has them: what stands in its files, and what never gets there."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from callcenter.calls.endpoints import trunk_endpoint
from callcenter.errors import N_, Invalid
from callcenter.switchboard.plan import Plan, Trunk

if TYPE_CHECKING:
    from callcenter import config

TRUNK = "carrier"  # the endpoint of ours that leads outside before anybody has set one
NAME = re.compile(r"[a-z0-9_-]{1,32}")
ADDRESS = r"[0-9.]+"
HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9-]{1,63})*"
)
USERNAME = re.compile(r"[A-Za-z0-9._+@-]{0,64}")
PASSWORD = re.compile(r"([!-~]([ -~]*[!-~])?)?")  # a space outside would be cut off
ACCOUNT = re.compile(r"[A-Za-z0-9+][A-Za-z0-9._+@-]+")  # one that can be called
SHOWN = re.compile(r"(\+?[0-9]{1,20})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkLine:
    """One way out, in its place among the others. `host` "": the one the installation brings.

    `registers`: we sign in there and it calls us by that; else its calls are known by its address
    alone. `caller_id` is shown instead of the company's number, and with `only_own` instead of any.
    `from_account`: it wants to read the account's name where others read the number.
    """

    name: str
    host: str = ""
    port: int = 5060
    username: str = ""
    password: str = ""
    registers: bool = False
    caller_id: str = ""
    only_own: bool = False
    from_account: bool = False

    @property
    def endpoint(self) -> str:
        return trunk_endpoint(self.name)

    @property
    def has_name(self) -> bool:
        """Whether its address has to be looked up."""
        return bool(self.host) and not re.fullmatch(ADDRESS, self.host)

    @property
    def match(self) -> str:
        """Where its calls come from. On loopback others live too: there the port counts."""
        return f"{self.host}:{self.port}" if _is_loopback(self.host) else self.host

    @property
    def user(self) -> str:
        """The account's name as part of an address."""
        return self.username.replace("@", "%40")

    @property
    def secret(self) -> str:
        return _written(self.password)


BUILT_IN = TrunkLine(name=TRUNK)


def line_of(trunk: Trunk) -> TrunkLine:
    """That trunk of a plan, whether it is on or not."""
    return TrunkLine(
        name=trunk.name,
        host=trunk.host,
        port=trunk.port,
        username=trunk.username,
        password=trunk.password,
        registers=trunk.registers,
        caller_id=trunk.caller_id,
        only_own=trunk.only_own,
        from_account=trunk.from_account,
    )


def lines_of(plan: Plan) -> tuple[TrunkLine, ...]:
    """Those that are on, in the order in which they are tried; of a plan that speaks of none, what
    the installation brings."""
    if not plan.trunks:
        return (BUILT_IN,)
    return tuple(line_of(each) for each in plan.trunks if each.is_on)


@dataclass(frozen=True, slots=True)
class Account:
    """Of a customer of the simulated carrier's."""

    username: str
    password: str

    @property
    def secret(self) -> str:
        return _written(self.password)


def check_trunks(trunks: Sequence[TrunkLine]) -> None:
    """Raises Invalid for what would not be what it should be in Asterisk's files."""
    for each in trunks:
        for value, pattern in (
            (each.name, NAME),
            (each.username, USERNAME),
            (each.caller_id, SHOWN),
        ):
            if not pattern.fullmatch(value):
                raise Invalid(N_("{value} cannot stand in the exchange's files."), value=value)
        if each.host and not is_host(each.host):
            raise Invalid(N_("{value} is no address of a provider."), value=each.host)
        if not PASSWORD.fullmatch(each.password):
            raise Invalid(N_("The password of a trunk has only letters, digits and signs."))
        if each.registers and not each.username:
            raise Invalid(N_("Who signs in at a provider needs a user name."))
    names = [each.name for each in trunks]
    if len(set(names)) < len(names) or [each.host for each in trunks].count("") > 1:
        raise Invalid(N_("Two trunks have the same name."))


def is_host(text: str) -> bool:
    """Whether it is an address (IPv4) or a name that can be looked up."""
    if re.fullmatch(ADDRESS, text):
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            return False
        return True
    return HOST.fullmatch(text) is not None


def trunk_values(
    config: "config.Asterisk", trunks: Sequence[TrunkLine], built_in: str, desk_address: str
) -> dict[str, Any]:
    """For the templates. `built_in` is the endpoint of the trunk that has no host of its own."""
    address = trunk_address(config)
    providers = [each for each in trunks if each.host]
    ways = [
        {
            "endpoint": each.endpoint if each.host else built_in,
            "caller_id": each.caller_id,
            "only_own": each.only_own and bool(each.caller_id),
        }
        for each in trunks
    ]
    ours = bool(ways) and ways[0]["endpoint"] == built_in
    with_account = [each for each in providers if each.username]
    return {
        "providers": providers,
        "ways": ways,
        "trunk_address": "" if address == desk_address else address,
        "trunk_transport": _transport(address, desk_address),
        "trunk_media": address or "127.0.0.1",
        "accounts": {  # two providers may know us by the same
            each.username: None
            for each in providers
            if each.registers and ACCOUNT.fullmatch(each.username)
        },
        "mobile_transport": "transport-udp" if ours else _transport(address, desk_address),
        "mobile_media": "127.0.0.1" if ours else address or "127.0.0.1",
        "mobile_aors": ",".join(str(way["endpoint"]) for way in ways) or built_in,
        # of several passwords the first is for whoever asks, the others for whom they belong to
        "mobile_auths": [each.endpoint for each in with_account[:1]]
        + [f"{each.endpoint}-there" for each in with_account[1:]],
    }


def trunk_address(config: "config.Asterisk") -> str:
    """Where we speak to providers from; "" when that is loopback, where the exchange is anyway.
    Raises Invalid."""
    return own_address(
        config.trunk_address,
        N_("{value} is not an IP address of this machine: [asterisk] trunk_address."),
    )


def own_address(text: str, problem: str) -> str:
    """One address of this machine, as others are to be told it; "" for loopback. Raises Invalid
    with `problem`, a message id."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Invalid(problem, value=text) from None
    if address.is_unspecified:
        raise Invalid(problem, value=text)
    return "" if address.is_loopback else str(address)


def _written(password: str) -> str:
    """As Asterisk's files want it: a semicolon would begin a comment."""
    return password.replace(";", "\\;")


def _transport(address: str, desk_address: str) -> str:
    if not address:
        return "transport-udp"
    return "transport-desk" if address == desk_address else "transport-trunks"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
