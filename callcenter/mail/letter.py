"""The head of every letter: from whom, to whom, about what."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from callcenter.mail.server import MailServer

_POLICY = SMTP.clone(cte_type="7bit")  # for servers that take nothing else
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def letter(
    server: MailServer,
    to: str,
    subject: str,
    at: datetime,
    mark: str,
    to_name: str = "",
    reply_to: tuple[str, str] | None = None,
) -> EmailMessage:
    """Without a text. `mark` makes its Message-ID, the same for each attempt to send it: a server
    that has it already may see that. `reply_to` is a name and an address. Names and subject are
    somebody's words: on one line."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(server.sender_name, server.sender)
    message["To"] = _address(to_name, to)
    if reply_to:
        message["Reply-To"] = _address(*reply_to)
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mark}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence answers it
    return message


def one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(one_line(name), user, domain)
