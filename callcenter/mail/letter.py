"""The head of every letter: from whom, to whom, about what."""

import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from callcenter.mail.server import MailServer

# 7bit for servers that take nothing else. No head is folded anew: EmailMessage's own folding loses
# a space of many a Vietnamese subject, and puts one into names.
_POLICY = SMTP.clone(cte_type="7bit", refold_source="none")
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
    message.set_raw("From", _address(server.sender_name, server.sender))
    message.set_raw("To", _address(to_name, to))
    if reply_to:
        message.set_raw("Reply-To", _address(*reply_to))
    message.set_raw("Subject", _folded(one_line(subject), "Subject"))
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mark}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence answers it
    return message


def one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _address(name: str, address: str) -> str:
    name = one_line(name)
    if name.isascii():
        return formataddr((name, address))
    return f"{_folded(name, 'Reply-To')}\n <{address}>"


def _folded(text: str, name: str) -> str:
    """As the head called `name` may carry it, on as many lines as it needs."""
    return Header(text, header_name=name).encode()
