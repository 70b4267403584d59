"""Why did this call look like that? Reads a recorded AMI conversation and tells the calls in it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from callcenter.calls.board import Board, Change
from callcenter.calls.call import Call

from .protocol import Framer, parse
from .translate import translate

CHUNK = 1 << 20  # bytes


class NoTranscript(Exception):
    """The file cannot be read, or is no AMI conversation; the text is for people."""


def replay(path: Path | str) -> Iterator[dict[str, Any]]:
    """One dict for each call in the file as it ended; those still alive at the file's end follow.

    Keys: call_id, direction, number, did, queue, agents, result, waited_s, talked_s, held_s,
    ended_by, transfers (kind, from, to), digits, recordings. Raises NoTranscript.
    """
    ended: list[Call] = []

    def keep(change: Change) -> None:
        if change.after.ended_at:
            ended.append(change.after)

    board = Board([keep])
    understood = 0
    for message in messages(Path(path)):
        understood += "Event" in message or "Response" in message
        if event := translate(message):
            board.apply(event)
    if not understood:
        raise NoTranscript(
            f"{path} is not a recorded AMI conversation: no message in it makes sense."
        )
    for call in [*ended, *board.calls()]:
        yield told(call)


def messages(path: Path) -> Iterator[dict[str, str]]:
    """The messages in a file of raw AMI bytes."""
    framer = Framer()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield from map(parse, framer.feed(chunk))
    except OSError as error:
        raise NoTranscript(f"{path} cannot be read: {error.strerror}.") from error
    yield from map(parse, framer.feed(b"\r\n\r\n"))  # a last message may have been cut off


def told(call: Call) -> dict[str, Any]:
    """A call in the words of `callcenter replay`; lengths in seconds, to the millisecond."""
    return {
        "call_id": call.call_id,
        "direction": call.direction.value,
        "number": call.number,
        "did": call.did,
        "queue": call.queue,
        "agents": list(call.agents),
        "result": call.result.value if call.result else None,
        "waited_s": round(call.waited_s, 3),
        "talked_s": round(call.talked_s, 3),
        "held_s": round(call.held_s, 3),
        "ended_by": call.ended_by,
        "transfers": [
            {"kind": one.kind, "from": one.source, "to": one.target} for one in call.transfers
        ],
        "digits": call.digits,
        "recordings": list(call.recordings),
    }


def main(path: Path | str) -> int:
    """Print one JSON object a call and line; the exit status."""
    try:
        for call in replay(path):
            sys.stdout.write(json.dumps(call, ensure_ascii=False) + "\n")
    except NoTranscript as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
