"""Hands letters to the mail server, over one connection at a time.

Each step of SMTP is taken by itself, because what a failure means depends on the step: before the
letter's text nothing was sent for certain; after it a lost connection leaves open whether it was.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from callcenter.errors import N_, CallcenterError
from callcenter.mail.server import MailServer, Tls

STEP_S: Final = 30.0  # for each answer but those
ASKED_S: Final = 300.0  # whether it takes sender and recipient: RFC 5321 4.5.3.2.2, some look far
TAKEN_S: Final = 600.0  # for that: RFC 5321 4.5.3.2.6, a server that scans letters is slow
LONGEST_ANSWER: Final = 300


class Fate(StrEnum):
    """What became of a letter that was not taken."""

    LATER = "later"  # not sent, may go another time
    REFUSED = "refused"  # not sent, and never will be
    UNKNOWN = "unknown"  # the connection was lost after its text and before the answer


class Undelivered(CallcenterError):
    """`fate` says what it means. `everybody`: it is not this recipient, the server takes no letter
    at all. `lost`: the connection is, be it for this recipient or for everybody."""

    status, code = 502, "undelivered"

    def __init__(
        self,
        fate: Fate,
        sentence: str,
        *,
        everybody: bool = False,
        lost: bool = False,
        **values: object,
    ):
        super().__init__(sentence, **values)
        self.fate = fate
        self.everybody, self.lost = everybody, lost


async def _nothing() -> None:
    pass


class Post:
    """One connection, made when a letter needs it and kept until `close`."""

    def __init__(
        self, step_s: float = STEP_S, asked_s: float = ASKED_S, taken_s: float = TAKEN_S
    ) -> None:
        self._step_s, self._asked_s, self._taken_s = step_s, asked_s, taken_s
        self._lock = asyncio.Lock()
        self._line: SMTP | None = None
        self._server: MailServer | None = None

    async def send(
        self,
        server: MailServer,
        text: bytes,
        recipient: str,
        handing: Callable[[], Awaitable[None]] = _nothing,
    ) -> str:
        """What the server said when it took the letter, `text` with its head. Raises Undelivered.

        `handing` is awaited right before the letter's text goes out; what it raises stops that.
        """
        async with self._lock:
            line = await self._connected(server)
            try:
                await self._address(line, server, recipient)
                await handing()
                return await self._hand_over(line, server, text)
            except BaseException:
                self._hang_up()  # whatever half of a letter the server has heard is forgotten
                raise

    async def close(self) -> None:
        """Say goodbye; the next letter makes a connection of its own."""
        async with self._lock:
            line, self._line = self._line, None
            if line and line.is_connected:
                try:
                    await line.quit(timeout=self._step_s)
                except (SMTPException, OSError):
                    line.close()

    async def _connected(self, server: MailServer) -> SMTP:
        if self._line and self._line.is_connected and self._server == server:
            try:
                await self._line.rset()
                return self._line
            except (SMTPException, OSError):  # it was shut meanwhile, as many servers do
                pass
        self._hang_up()
        self._line, self._server = await self._connect(server), server
        return self._line

    async def _connect(self, server: MailServer) -> SMTP:
        line = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls is Tls.TLS,
            start_tls=server.tls is Tls.STARTTLS,
            validate_certs=server.verify,
            local_hostname=socket.gethostname(),  # its full name may take a DNS a long time
            timeout=self._step_s,
        )
        try:
            await line.connect()
            if server.username:
                await line.login(server.username, server.password)
        except (SMTPException, OSError, UnicodeError, ValueError) as error:
            line.close()
            raise _away(server, error, self._step_s) from error
        return line

    async def _address(self, line: SMTP, server: MailServer, recipient: str) -> None:
        try:
            await line.mail(server.sender, timeout=self._asked_s)
        except (SMTPException, OSError) as error:
            sentence = N_("{host} refuses the sender {address}: {answer}")
            raise _refusal(
                error, sentence, server, server.sender, self._asked_s, everybody=True
            ) from error
        try:
            await line.rcpt(recipient, timeout=self._asked_s)
        except UnicodeError as error:
            sentence = N_("{address} has letters that a mail server may not take.")
            raise Undelivered(Fate.REFUSED, sentence, address=recipient) from error
        except (SMTPException, OSError) as error:
            sentence = N_("{host} refuses the recipient {address}: {answer}")
            raise _refusal(error, sentence, server, recipient, self._asked_s) from error

    async def _hand_over(self, line: SMTP, server: MailServer, text: bytes) -> str:
        try:
            answer = await line.data(text, timeout=self._taken_s)
        except SMTPResponseException as error:
            sentence = N_("{host} refuses the letter: {answer}")
            raise _refusal(error, sentence, server) from error
        except (SMTPException, OSError) as error:
            sentence = N_(
                "The connection to {host} was lost while it took the letter. Whether it has arrived"
                " is not known."
            )
            raise Undelivered(Fate.UNKNOWN, sentence, host=server.host) from error
        return _said(answer.code, answer.message)

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
        self._line = None


def _refusal(
    error: Exception,
    sentence: str,
    server: MailServer,
    address: str = "",
    patience_s: float = ASKED_S,
    *,
    everybody: bool = False,
) -> Undelivered:
    if not isinstance(error, SMTPResponseException):
        return _away(server, error, patience_s, everybody=everybody)
    values = {"host": server.host, "answer": _said(error.code, error.message)}
    # What is wrong for everybody, a sender it does not take, is put right: then they may go.
    fate = Fate.REFUSED if 500 <= error.code < 600 and not everybody else Fate.LATER
    if address:
        values["address"] = address
    return Undelivered(fate, sentence, everybody=everybody, lost=error.code == 421, **values)


def _away(
    server: MailServer, error: Exception, patience_s: float, *, everybody: bool = True
) -> Undelivered:
    """Why there is no connection. It may be put right: such letters are tried again."""
    values: dict[str, object] = {"host": server.host}
    causes = error, error.__cause__ or error.__context__
    why = next((each for each in causes if isinstance(each, ssl.SSLError)), None)
    match why or error, causes[1]:
        case SMTPAuthenticationError(), _:
            sentence = N_("{host} refuses the user name or the password: {answer}")
        case SMTPResponseException(), _:
            sentence = N_("{host} does not let us in: {answer}")
        case (ssl.SSLCertVerificationError() as why, _) | (
            _,
            ssl.SSLCertVerificationError() as why,
        ):
            sentence = N_("The certificate of {host} is not one that we trust: {answer}")
            values["answer"] = why.verify_message
        case (ssl.SSLError(), _) | (_, ssl.SSLError()):
            sentence = N_("{host} does not speak TLS at port {port}. Is it STARTTLS?")
            values["port"] = str(server.port)
        case (socket.gaierror(), _) | (_, socket.gaierror()):
            sentence = N_("There is no server of the name {host}.")
        case (TimeoutError(), _) | (SMTPTimeoutError(), _):
            sentence = N_("{host} does not answer within {n} seconds.")
            values["n"] = f"{patience_s:.0f}"
        case SMTPException(), _ if "STARTTLS" in str(error):
            sentence = N_("{host} offers no STARTTLS.")
        case SMTPServerDisconnected(), _:
            sentence = N_("{host} has closed the connection: {answer}")
            values["answer"] = _plain(str(error))
        case (OSError(), _) | (_, OSError()):
            sentence = N_("Nothing answers at {host}, port {port}.")
            values["port"] = str(server.port)
        case _:
            sentence = N_("{host} does not let us in: {answer}")
            values["answer"] = _plain(str(error))
    if isinstance(error, SMTPResponseException):
        values["answer"] = _said(error.code, error.message)
    return Undelivered(Fate.LATER, sentence, everybody=everybody, lost=True, **values)


def _said(code: int, message: str) -> str:
    return _plain(f"{code} {message}")


def _plain(text: str) -> str:
    words = " ".join(text.split())
    return "".join(each for each in words if each.isprintable())[:LONGEST_ANSWER]
