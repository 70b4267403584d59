"""The mail server as the company has set it: read from what was typed, kept, asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Invalid
from callcenter.settings.models import Setting
from callcenter.settings.queries import keep_value, value

NAME: Final = "mail_server"  # of the setting
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
LONGEST: Final = {"host": 253, "username": 200, "password": 500, "sender_name": 100, "sender": 200}
TOO_LONG = N_("Too long: {n} letters at most.")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
# As browsers check them. Others are allowed by the RFCs, and hardly any server takes them.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


class Tls(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte on
    NONE = "none"


PORTS: Final = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.NONE: 25}


class MailServer(msgspec.Struct, frozen=True, kw_only=True):
    """`password` is kept, never shown. `verify`: its certificate is to be one that we trust."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    tls: Tls
    sender: str
    sender_name: str = ""
    verify: bool = True
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:  # so that no log line and no traceback shows the password
        return f"MailServer({self.host}:{self.port})"


@dataclass(slots=True)
class Reading:
    """A server as it was typed; None and what must be put right, by field."""

    server: MailServer | None
    problems: dict[str, Invalid] = field(default_factory=dict)


async def mail_server(session: AsyncSession) -> MailServer | None:
    """As it is set; None while mail is off."""
    text = await value(session, NAME)
    return msgspec.json.decode(text, type=MailServer) if text else None


async def keep_server(session: AsyncSession, server: MailServer | None) -> None:
    """None turns mail off. The caller commits."""
    if server is None:
        await session.execute(delete(Setting).where(Setting.name == NAME))
    else:
        await keep_value(session, NAME, msgspec.json.encode(server).decode())


def is_address(text: str) -> bool:
    return len(text) <= LONGEST["sender"] and _ADDRESS.fullmatch(text) is not None


def texts_of(server: MailServer | None) -> dict[str, str]:
    """What the form shows of it: everything but the password."""
    if server is None:
        return {"tls": Tls.STARTTLS, "verify": "on"}
    return {
        "host": server.host,
        "port": str(server.port),
        "tls": server.tls,
        "verify": "on" if server.verify else "",
        "username": server.username,
        "sender_name": server.sender_name,
        "sender": server.sender,
    }


def read(texts: Mapping[str, str], before: MailServer | None) -> Reading:
    """`texts` are the form's fields. An empty password is the one before: but not at another
    address, whoever could set that would be told it."""
    problems: dict[str, Invalid] = {}
    host, tls = texts.get("host", ""), _tls(texts, problems)
    port = texts.get("port", "") or str(PORTS[tls])
    if not _HOST.fullmatch(host):
        problems["host"] = Invalid(
            N_("An address like smtp.company.vn or 203.0.113.5, please."), field="host"
        )
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65535):
        sentence = N_("A whole number from {least} to {most}, please.")
        problems["port"] = Invalid(sentence, field="port", least=1, most=65535)
    if not is_address(texts.get("sender", "")):
        problems["sender"] = Invalid(N_("This is not an email address."), field="sender")
    there = (host, int(port) if "port" not in problems else 0)
    password = _password(texts, before, there, tls, problems)
    for name, longest in LONGEST.items():
        if len(texts.get(name, "")) > longest:
            problems[name] = Invalid(TOO_LONG, field=name, n=longest)
    if problems:
        return Reading(None, problems)
    return Reading(
        MailServer(
            host=host,
            port=there[1],
            tls=tls,
            verify=texts.get("verify") == "on",
            username=texts.get("username", ""),
            password=password,
            sender_name=texts.get("sender_name", ""),
            sender=texts["sender"],
        )
    )


def _tls(texts: Mapping[str, str], problems: dict[str, Invalid]) -> Tls:
    if texts.get("tls") in set(Tls):
        return Tls(texts["tls"])
    problems["tls"] = Invalid(N_("Choose how the connection is encrypted."), field="tls")
    return Tls.STARTTLS


def _password(
    texts: Mapping[str, str],
    before: MailServer | None,
    there: tuple[str, int],
    tls: Tls,
    problems: dict[str, Invalid],
) -> str:
    username, password = texts.get("username", ""), texts.get("password", "")
    if not username:
        return ""
    if before and before.password and not password:
        if (before.host, before.port) == there:
            password = before.password
        else:
            sentence = N_("The address has changed: type the password again.")
            problems["password"] = Invalid(sentence, field="password")
    elif not password:
        problems["password"] = Invalid(N_("A user name needs its password."), field="password")
    if tls is Tls.NONE and there[0] not in LOOPBACK:
        sentence = N_("A password goes over an encrypted connection only.")
        problems["tls"] = Invalid(sentence, field="tls")
    return password
