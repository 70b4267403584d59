"""The headers of a call that an agent places: their own phone first, then the number."""

RING_MS = 30_000  # how long the agent's own phone rings


def originate(
    call_id: str, phone: str, extension: str, number: str, caller_id: str, queue: str
) -> list[tuple[str, str]]:
    """For AMI; `phone` is "PJSIP/201", `queue` is the one whose call it is, for the record."""
    return [
        ("Channel", phone),
        ("Context", "click2call"),
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
        ("Variable", f"CDR(ccid)={call_id}"),
        ("Variable", f"CHANNEL(userfield)={call_id}"),  # what CEL knows it by
        ("Variable", f"PJSIP_HEADER(add,X-Call)={call_id}"),
    ]
