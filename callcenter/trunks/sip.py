"""What one asks a provider, and what it answers: two requests of SIP, and the digest. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ALGORITHMS: Final = {"MD5": "md5", "SHA-256": "sha256"}
LONGEST = 65_536  # bytes of one message

_STATUS = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?")
_HEADER = re.compile(r"([A-Za-z-]{1,64})[ \t]*:[ \t]*(.*)")
_PARAMETER = re.compile(r'([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
LONG = {"i": "call-id", "v": "via", "f": "from", "t": "to"}  # short names of headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A question: "OPTIONS" whether anybody is there, or "REGISTER" whether an account is right.

    A REGISTER without a contact only asks where the account is signed in: it changes nothing there.
    `local` is where the answer is to come, "192.0.2.1:5070".
    """

    method: str
    host: str
    port: int
    local: str
    call_id: str
    branch: str
    tag: str
    username: str = ""
    cseq: int = 1
    credentials: tuple[str, str] | None = None  # the header's name and value

    @property
    def uri(self) -> str:
        return f"sip:{self.host}:{self.port}"

    def written(self) -> bytes:
        """As it goes out."""
        user = f"{self.username.replace('@', '%40')}@" if self.username else ""
        address = f"<sip:{user}{self.host}>"
        to = address if self.method == "REGISTER" else f"<{self.uri}>"
        lines = [
            f"{self.method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.local};rport;branch=z9hG4bK{self.branch}",
            "Max-Forwards: 70",
            f"From: {address};tag={self.tag}",
            f"To: {to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {self.method}",
            "User-Agent: callcenter",
            *([": ".join(self.credentials)] if self.credentials else []),
            "Content-Length: 0",
        ]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True, slots=True)
class Response:
    """`headers`: names in lower case; those that may come often, in their order."""

    status: int
    reason: str
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def header(self, name: str) -> str:
        return self.headers.get(name, ("",))[0]


def read(data: bytes) -> Response | None:
    """What came; None when it is no response."""
    head = data[:LONGEST].decode("utf-8", "replace").partition("\r\n\r\n")[0]
    line, *rows = head.split("\r\n")
    found = _STATUS.fullmatch(line)
    if not found:
        return None
    headers: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if header := _HEADER.fullmatch(row):
            name = LONG.get(header[1].lower(), header[1].lower())
            headers[name] = (*headers.get(name, ()), header[2].strip())
    reason = "".join(each for each in found[2] or "" if each.isprintable())
    return Response(int(found[1]), reason[:100].strip(), headers)


def answers(response: Response, request: Request) -> bool:
    """Whether it is about that request."""
    same = response.header("call-id") == request.call_id
    return same and response.header("cseq").split() == [str(request.cseq), request.method]


def credentials(
    response: Response, request: Request, password: str, cnonce: str
) -> tuple[str, str] | None:
    """The header that answers a challenge (401, 407): its name and value; None when there is no
    challenge that we know how to answer."""
    proxy = response.status == 407
    asked = "proxy-authenticate" if proxy else "www-authenticate"
    for challenge in response.headers.get(asked, ()):
        scheme, _, rest = challenge.partition(" ")
        given = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
        algorithm = given.get("algorithm", "MD5").upper()
        offered = [each.strip() for each in given.get("qop", "").split(",")]
        known = scheme.lower() == "digest" and algorithm in ALGORITHMS and given.get("nonce")
        if known and ("auth" in offered or offered == [""]):
            qop = "auth" if "auth" in offered else ""
            value = _digest(given, request, password, cnonce, qop)
            return ("Proxy-Authorization" if proxy else "Authorization"), value
    return None


def _digest(
    given: Mapping[str, str], request: Request, password: str, cnonce: str, qop: str
) -> str:
    algorithm = given.get("algorithm", "MD5").upper()

    def of(*parts: str) -> str:
        text = ":".join(parts).encode()
        return hashlib.new(ALGORITHMS[algorithm], text, usedforsecurity=False).hexdigest()

    realm, nonce = given.get("realm", ""), given["nonce"]
    ours = of(request.username, realm, password)
    asked = of(request.method, request.uri)
    pairs = [
        f'username="{request.username}"',
        f'realm="{realm}"',
        f'nonce="{nonce}"',
        f'uri="{request.uri}"',
        f"algorithm={algorithm}",
    ]
    if qop:
        response = of(ours, nonce, "00000001", cnonce, qop, asked)
        pairs += [f"qop={qop}", "nc=00000001", f'cnonce="{cnonce}"']
    else:
        response = of(ours, nonce, asked)
    if "opaque" in given:
        pairs.append(f'opaque="{given["opaque"]}"')
    return "Digest " + ", ".join([*pairs, f'response="{response}"'])
