"""Just enough SIP to stand between a page and the exchange: who speaks, and the digest (pure).

Every message of a page is taken apart and written again from what was understood, so that nothing
can hide in a spelling that we read in one way and the exchange in another.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

LONGEST = 65_536  # bytes of one message
ECHO = "*600"  # the echo test: the only number a phone may dial by itself
GONE = "SIP/2.0 480 Temporarily Unavailable"
METHODS = frozenset(
    {"REGISTER", "ACK", "BYE", "CANCEL", "INVITE", "UPDATE", "INFO", "PRACK", "OPTIONS"}
)
CREDENTIALS = ("authorization", "proxy-authorization")

# Short forms (RFC 3261, 20) of the headers that pass.
LONG = {
    **{"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"},
    **{"c": "content-type", "k": "supported", "x": "session-expires", "e": "content-encoding"},
}
ONCE = frozenset(
    {"from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type", "contact"}
)
PASSED = (
    ONCE
    | {"via", "expires", "allow", "supported", "require", "user-agent", "accept", "reason"}
    | {"session-expires", "min-se", "rack", "rseq", "warning", "timestamp", "retry-after"}
    | set(CREDENTIALS)
)
DIGEST = frozenset({"username", "realm", "nonce", "uri", "response", "opaque", "qop", "nc"}) | {
    "algorithm",
    "cnonce",
}

_REQUEST = re.compile(r"([A-Z]{1,20}) (\S{1,512}) SIP/2\.0")
_RESPONSE = re.compile(r"SIP/2\.0 ([1-6]\d\d)( [^\r\n]*)?")
_FINAL = re.compile(r"SIP/2\.0 [2-6]")
_REGISTERS = re.compile(r"^cseq[ \t]*:[ \t]*\d+[ \t]+REGISTER\b", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(r"([A-Za-z0-9.!%*_+`'~-]{1,64})[ \t]*:[ \t]*(.*)")
_ADDRESS = re.compile(r"""(?:"(?:[^"\\]|\\.)*"\s*|[^<>"]*)<\s*([^<>]*)>(.*)|([^<>;?"\s]+)(.*)""")
_URI = re.compile(r"sips?:(?:([^@:;?\s]{1,64})(?::[^@]*)?@)?([A-Za-z0-9.\[\]:-]{1,255})([;?].*)?")
_TAG = re.compile(r";\s*tag\s*=\s*\S", re.IGNORECASE)
_PARAMETER = re.compile(r'\s*([A-Za-z]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*)\s*(?:,|$)')


class Refused(Exception):
    """A message that may not pass; the sentence is for the log."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response; names of headers in lower case, in order."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def method(self) -> str:
        """Of a request; "" for a response."""
        return "" if self.line.startswith("SIP/2.0 ") else self.line.split(" ", 1)[0]

    @property
    def uri(self) -> str:
        return self.line.split(" ")[1]

    def header(self, name: str) -> str:
        """The first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name), "")

    def written(self) -> str:
        lines = [f"{name.title()}: {value}" for name, value in self.headers]
        length = f"Content-Length: {_length(self.body)}"
        return "\r\n".join([self.line, *lines, length, "", self.body])


def parse(text: str) -> Message:
    """One whole message. Raises Refused."""
    if _length(text) > LONGEST:
        raise Refused("the message is too long")
    head, gap, body = text.partition("\r\n\r\n")
    if not gap:
        raise Refused("the message has no end of headers")
    line, *rows = head.split("\r\n")
    if not (_REQUEST.fullmatch(line) or _RESPONSE.fullmatch(line)):
        raise Refused("the first line is neither a request's nor a response's")
    headers = tuple(_header(row) for row in rows)
    names = [name for name, _ in headers]
    if twice := {name for name in ONCE | set(CREDENTIALS) if names.count(name) > 1}:
        raise Refused(f"more than one {min(twice)}")
    if missing := {"from", "to", "call-id", "cseq", "via"} - set(names):
        raise Refused(f"no {min(missing)}")
    if dict(headers).get("content-length", str(_length(body))) != str(_length(body)):
        raise Refused("Content-Length is not the body's length")
    kept = tuple(each for each in headers if each[0] in PASSED and each[0] != "content-length")
    return Message(line, kept, body)


def checked(text: str, extension: str, secrets: Iterable[str], password: str) -> str:
    """The message as the exchange may have it: of that extension, with the real password's digest.

    `secrets` are the page's short-lived ones, `password` is the exchange's. Raises Refused.
    """
    if text.strip("\r\n") == "":
        return text[:4]  # keeps the connection alive
    message = parse(text)
    if not message.method:
        return message.written()
    _may_pass(message, extension)
    for name in CREDENTIALS:
        if value := message.header(name):
            digest = _readdressed(message, value, extension, secrets, password)
            headers = tuple((key, digest if key == name else old) for key, old in message.headers)
            message = replace(message, headers=headers)
    return message.written()


def unanswered(text: str) -> tuple[str, str] | None:
    """Of a call that begins to ring: its name, and what a phone that has gone would answer."""
    if not text.startswith("INVITE "):
        return None
    message = parse(text)
    if _TAG.search(_address(message.header("to"))[1]):
        return None  # a change within a call
    headers = [
        (name, f"{value};tag=gone" if name == "to" else value)
        for name, value in message.headers
        if name in ("via", "from", "to", "call-id", "cseq")
    ]
    return message.header("call-id"), Message(GONE, tuple(headers), "").written()


def is_of_register(text: str) -> bool:
    """Whether this is an answer to a registration."""
    return text.startswith("SIP/2.0 ") and bool(_REGISTERS.search(text))


def page_of(text: str) -> str:
    """What tells a page's registration apart: the address it invented for itself, or ""."""
    if not text.startswith("REGISTER "):
        return ""
    found = _URI.match(_address(parse(text).header("contact"))[0])
    return found[2] if found else ""


def answered(text: str) -> str:
    """The name of the call whose ringing this response ends, or ""."""
    if not _FINAL.match(text):
        return ""
    message = parse(text)
    return message.header("call-id") if message.header("cseq").endswith(" INVITE") else ""


def _may_pass(message: Message, extension: str) -> None:
    method = message.method
    if method not in METHODS:
        raise Refused(f"a phone of ours never sends {method}")
    if message.header("cseq").split(" ")[-1] != method:
        raise Refused("CSeq names another method")
    if user_of(message.header("from")) != extension:
        raise Refused("From is another extension")
    if method == "REGISTER":
        _may_register(message, extension)
        return
    if method in ("ACK", "CANCEL") or _TAG.search(_address(message.header("to"))[1]):
        return  # about a call that is there; if it is not, the exchange says so
    if method != "INVITE" or not _user(message.uri) == user_of(message.header("to")) == ECHO:
        raise Refused("a phone of ours calls nobody by itself")


def _may_register(message: Message, extension: str) -> None:
    if user_of(message.header("to")) != extension or _user(message.uri):
        raise Refused("To is another extension")
    contact = message.header("contact")
    if contact in ("", "*"):
        return
    # Calls go to where the contact says: nowhere but back through this connection.
    uri = _URI.fullmatch(_address(contact)[0])
    if "," in contact or not uri or uri[1] != extension or not uri[2].endswith(".invalid"):
        raise Refused("Contact is not this page")


def user_of(address: str) -> str:
    """ "201" in "Ánh" <sip:201@callcenter.invalid>;tag=x, or ""."""
    return _user(_address(address)[0])


def _user(uri: str) -> str:
    found = _URI.fullmatch(uri)
    return (found[1] or "") if found else ""


def _address(value: str) -> tuple[str, str]:
    """The URI and the parameters after it."""
    found = _ADDRESS.fullmatch(value.strip())
    if not found:
        raise Refused("an address that makes no sense")
    return (found[1], found[2]) if found[1] is not None else (found[3], found[4])


def _header(row: str) -> tuple[str, str]:
    found = _HEADER.fullmatch(row)
    if not found or not all(letter.isprintable() or letter == "\t" for letter in row):
        raise Refused("a header that makes no sense")
    name = found[1].lower()
    return LONG.get(name, name), found[2].strip()


def _readdressed(
    message: Message, value: str, extension: str, secrets: Iterable[str], password: str
) -> str:
    """The digest made with the page's secret, made again with the exchange's password."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "digest":
        raise Refused("credentials that are no digest")
    given = parameters(rest)
    if given.get("username") != extension or given.get("uri") != message.uri:
        raise Refused("a digest for somebody or something else")
    if given.get("algorithm", "MD5").upper() != "MD5" or given.get("qop", "auth") != "auth":
        raise Refused("a digest of a kind we do not know")
    claimed = given.get("response", "").lower()
    told = claimed.encode("utf-8", "replace")  # of text it compares ASCII only
    right = [hmac.compare_digest(answer(given, message.method, s).encode(), told) for s in secrets]
    if not any(right):
        raise Refused("a digest that is wrong, or whose secret is too old")
    given["response"] = answer(given, message.method, password)
    plain = ("algorithm", "qop", "nc")
    pairs = (f"{key}={text}" if key in plain else f'{key}="{text}"' for key, text in given.items())
    return "Digest " + ", ".join(pairs)


def answer(given: dict[str, str], method: str, password: str) -> str:
    """The response of RFC 2617 to a challenge: MD5, qop=auth or none."""
    ours = _md5(f"{given['username']}:{given.get('realm', '')}:{password}")
    asked = _md5(f"{method}:{given['uri']}")
    if "qop" not in given:
        return _md5(f"{ours}:{given.get('nonce', '')}:{asked}")
    middle = [given.get(key, "") for key in ("nonce", "nc", "cnonce", "qop")]
    return _md5(":".join([ours, *middle, asked]))


def parameters(text: str) -> dict[str, str]:
    """What stands behind "Digest", by name. Raises Refused."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PARAMETER.match(text, at)
        if not pair or pair[1].lower() in found or pair[1].lower() not in DIGEST:
            raise Refused("a digest that makes no sense")
        value = pair[2]
        if value.startswith('"'):
            value = value[1:-1]
        if "\\" in value or '"' in value:
            raise Refused("a digest that makes no sense")
        found[pair[1].lower()] = value
        at = pair.end()
    return found


def _length(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise Refused("half a letter") from None


def _md5(text: str) -> str:
    # SIP's digest is MD5 by its standard; the connection below is loopback.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
