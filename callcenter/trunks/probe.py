"""Tries a provider: asks it over UDP, as the exchange would, and says what became of it.

Nothing of the exchange is touched, so a trunk can be tried before it is published.
"""

import asyncio
import ipaddress
import secrets
import socket
import time
from dataclasses import dataclass, replace

from callcenter.asterisk.trunks import TrunkLine
from callcenter.trunks.sip import Request, Response, answers, credentials, read
from callcenter.trunks.verdict import Verdict

PATIENCE_S = 4.0
AGAIN_S = (0.4, 0.8, 1.6)  # a lost packet is sent again
MOST_WAITING = 20  # packets that came and were not looked at yet


@dataclass(slots=True)
class Ear(asyncio.DatagramProtocol):
    """What came back, in order; an OSError where the other machine says that nobody is there."""

    heard: "asyncio.Queue[bytes | OSError]"

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.heard.full():
            self.heard.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and not self.heard.full():
            self.heard.put_nowait(exc)


async def probe(trunk: TrunkLine, address: str = "", patience_s: float = PATIENCE_S) -> Verdict:
    """Whether that provider would take us. `address`: where the exchange speaks to providers from;
    "" while that is loopback. At most a few seconds; never raises for what a network can do.
    """
    about = Verdict(kind="silent", host=trunk.host, port=trunk.port, seconds=round(patience_s))
    try:
        async with asyncio.timeout(patience_s):
            found = await asyncio.get_running_loop().getaddrinfo(
                trunk.host, trunk.port, family=socket.AF_INET, type=socket.SOCK_DGRAM
            )
            remote = (str(found[0][4][0]), trunk.port)
            if not address and not ipaddress.ip_address(remote[0]).is_loopback:
                return replace(about, kind="local")
            return await _asked(trunk, remote, address, about)
    except TimeoutError:
        return about
    except socket.gaierror:
        return replace(about, kind="no_name")
    except ConnectionRefusedError:
        return replace(about, kind="closed")
    except OSError as error:  # no way there, no such address of ours
        return replace(about, kind="says", code=error.strerror or type(error).__name__)


async def _asked(
    trunk: TrunkLine, remote: tuple[str, int], address: str, about: Verdict
) -> Verdict:
    heard: asyncio.Queue[bytes | OSError] = asyncio.Queue(MOST_WAITING)
    # Where it is loopback, or another address of this machine, the way there decides.
    local = (address, 0) if address and not ipaddress.ip_address(remote[0]).is_loopback else None
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Ear(heard), local_addr=local, remote_addr=remote
    )
    try:
        name, port = transport.get_extra_info("sockname")[:2]
        request = Request(
            method="REGISTER" if trunk.registers else "OPTIONS",
            host=trunk.host,
            port=trunk.port,
            local=f"{name}:{port}",
            call_id=secrets.token_hex(12),
            branch=secrets.token_hex(8),
            tag=secrets.token_hex(6),
            username=trunk.username,
        )
        began = time.monotonic()
        response = await _answer(transport, heard, request)
        about = replace(about, ms=max(1, round((time.monotonic() - began) * 1000)))
        if not trunk.registers:
            return replace(about, kind="answers")
        if response.status in (401, 407):
            cnonce = secrets.token_hex(8)
            if header := credentials(response, request, trunk.password, cnonce):
                branch = secrets.token_hex(8)
                request = replace(request, cseq=2, branch=branch, credentials=header)
                response = await _answer(transport, heard, request)
        return _judged(response, about)
    finally:
        transport.close()


def _judged(response: Response, about: Verdict) -> Verdict:
    """Of the last answer to a REGISTER."""
    code = f"{response.status} {response.reason}".strip()
    if 200 <= response.status < 300:
        return replace(about, kind="signs_in")
    if response.status in (401, 403, 407):
        return replace(about, kind="wrong", code=code)
    if response.status in (404, 604):
        return replace(about, kind="no_account", code=code)
    return replace(about, kind="says", code=code)


async def _answer(
    transport: asyncio.DatagramTransport,
    heard: "asyncio.Queue[bytes | OSError]",
    request: Request,
) -> Response:
    """The final answer. Raises OSError when nobody can be there; waits as long as it is let."""
    pauses = list(AGAIN_S)
    transport.sendto(request.written())
    while True:
        try:
            async with asyncio.timeout(pauses[0] if pauses else None):
                came = await heard.get()
        except TimeoutError:
            pauses.pop(0)
            transport.sendto(request.written())
            continue
        if isinstance(came, OSError):
            raise came
        response = read(came)
        if response and answers(response, request):
            if response.status >= 200:
                return response
            pauses.clear()  # it is working on it
