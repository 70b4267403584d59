"""What people type about a trunk, read. Pure."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from callcenter.asterisk.trunks import PASSWORD, USERNAME, is_host
from callcenter.customers.numbers import dialable
from callcenter.errors import N_, Invalid
from callcenter.switchboard.names import name_for
from callcenter.switchboard.plan import Trunk

LONGEST: Final = {"title": 100, "host": 253, "username": 64, "password": 128}
TOO_LONG = N_("Too long: {n} letters at most.")


@dataclass(slots=True)
class Reading:
    """A trunk as it was typed, with what must be put right, by field."""

    trunk: Trunk
    problems: dict[str, Invalid] = field(default_factory=dict)


def texts_of_trunk(trunk: Trunk) -> dict[str, str]:
    """What the form shows of it: everything but the password."""
    return {
        "title": trunk.title,
        "host": trunk.host,
        "port": str(trunk.port),
        "username": trunk.username,
        "knows": "account" if trunk.registers else "address",
        "caller_id": trunk.caller_id,
        "only_own": "on" if trunk.only_own else "",
        "from_account": "on" if trunk.from_account else "",
        "is_on": "on" if trunk.is_on else "",
    }


def read_trunk(texts: Mapping[str, str], before: Trunk | None, taken: Container[str]) -> Reading:
    """`texts` are the form's fields, `before` the trunk that it was drawn of, `taken` names that
    others have. An empty password is the one before: but not at another address, whoever could
    set that would be told it."""
    problems: dict[str, Invalid] = {}
    title = texts.get("title", "")
    if not title:
        problems["title"] = Invalid(N_("Give it a name, for instance the provider’s."))
    built_in = before is not None and not before.host
    trunk = Trunk(
        name=before.name if before else name_for(title, taken, "trunk"),
        title=title or "?",
        is_on=texts.get("is_on") == "on",
        caller_id=_shown(texts, problems),
        only_own=texts.get("only_own") == "on",
    )
    if not built_in:
        trunk = _provider(texts, trunk, before, problems)
    for name, longest in LONGEST.items():
        if len(texts.get(name, "")) > longest:
            problems[name] = Invalid(TOO_LONG, field=name, n=longest)
    return Reading(trunk, problems)


def _provider(
    texts: Mapping[str, str], trunk: Trunk, before: Trunk | None, problems: dict[str, Invalid]
) -> Trunk:
    host = texts.get("host", "").strip().lower().removeprefix("sip:")
    host, _, typed_port = host.partition(":")  # as it stands in many a provider's letter
    port = typed_port or texts.get("port", "").strip() or "5060"
    username, password = texts.get("username", ""), texts.get("password", "")
    registers = texts.get("knows") == "account"
    if not is_host(host):
        problems["host"] = Invalid(
            N_("An address like sip.provider.vn or 203.0.113.5, please."), field="host"
        )
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65535):
        sentence = N_("A whole number from {least} to {most}, please.")
        problems["port"] = Invalid(sentence, field="port", least=1, most=65535)
    if registers and not username:
        problems["username"] = Invalid(N_("Who signs in at a provider needs a user name."))
    elif not USERNAME.fullmatch(username):
        problems["username"] = Invalid(N_("Letters, digits and . _ + @ - only, please."))
    if not PASSWORD.fullmatch(password):
        problems["password"] = Invalid(
            N_("The password of a trunk has only letters, digits and signs.")
        )
    there = port if "port" not in problems else "0"
    if before and before.password and username and not password:
        if (before.host, before.port) == (host, int(there)):
            password = before.password
        else:
            sentence = N_("The address has changed: type the password again.")
            problems.setdefault("password", Invalid(sentence))
    elif registers and not password:
        problems.setdefault("password", Invalid(N_("Type the password the provider gave you.")))
    return msgspec.structs.replace(
        trunk,
        host=host,
        port=int(there),
        username=username,
        password=password if username else "",
        registers=registers,
        from_account=texts.get("from_account") == "on" and bool(username),
    )


def _shown(texts: Mapping[str, str], problems: dict[str, Invalid]) -> str:
    text = texts.get("caller_id", "").strip()
    try:
        return dialable(text) if text else ""
    except Invalid as problem:
        problems["caller_id"] = problem
        return ""
