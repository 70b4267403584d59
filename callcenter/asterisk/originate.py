"""The headers of a call that an agent places: their own phone first, then the number."""

from callcenter.asterisk.moves import NUMBER
from callcenter.calls.endpoints import OF_AN_AGENT, is_mobile
from callcenter.errors import N_, Invalid

RING_MS = 30_000  # how long the agent's own phone rings


def originate(
    call_id: str,
    phone: str,
    extension: str,
    number: str,
    caller_id: str,
    queue: str,
    shown: str = "",
) -> list[tuple[str, str]]:
    """For AMI; `phone` is "PJSIP/201", or "PJSIP/0912345678@mobile201" where a mobile phone is to
    take the call by a key first; `queue` is the one whose call it is, for the record; `shown` what
    the customer sees, "" for the trunk's or the company's number. Raises Invalid.
    """
    if shown and not NUMBER.fullmatch(shown):
        raise Invalid(N_("This is no number one can call."))
    outside = "@" in phone
    return [
        ("Channel", phone),
        ("Context", "callcenter-mobile-calls" if outside else "click2call"),
        ("Exten", number),
        ("Priority", "1"),
        ("Async", "true"),
        ("ChannelId", call_id),
        ("Timeout", str(RING_MS)),
        ("CallerID", caller_id),
        # Two underscores: every channel of the call inherits it.
        ("Variable", f"__CCID={call_id}"),
        ("Variable", f"__CCAGENT={extension}"),
        ("Variable", f"__CCQUEUE={queue}"),
        *([("Variable", f"__CCSHOWN={shown}")] if shown else []),
        ("Variable", f"CDR(ccid)={call_id}"),
        ("Variable", f"CHANNEL(userfield)={call_id}"),  # what CEL knows it by
        *([] if outside else [("Variable", f"PJSIP_HEADER(add,X-Call)={call_id}")]),
    ]


def phone_of(endpoint: str, mobile: str) -> str:
    """The channel that calls an agent's phone; a mobile one by its number. Raises Invalid."""
    if not OF_AN_AGENT.fullmatch(endpoint):
        raise Invalid(N_("This is no extension."))
    if not is_mobile(endpoint):
        return f"PJSIP/{endpoint}"
    if not NUMBER.fullmatch(mobile):
        raise Invalid(N_("This is no number one can call."))
    return f"PJSIP/{mobile}@{endpoint}"
