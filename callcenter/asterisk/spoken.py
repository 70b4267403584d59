"""What queues say to those who wait: in English as Debian has it, in Vietnamese as the company says
it. Standard library only: the installer reads it.
"""

from typing import Final

WORDS: Final = (
    *("queue-youarenext", "queue-thereare", "queue-callswaiting", "queue-holdtime"),
    *("queue-minute", "queue-minutes", "queue-thankyou"),
)
NUMBERS: Final = tuple(
    f"digits/{n}"
    for n in (*range(20), *range(20, 100, 10), "hundred", "thousand", "1a", "4a", "5a", "odd")
)
# Of mốt, tư, lăm (21, 24, 25) and lẻ (105), which English does not have, what is said instead.
INSTEAD: Final = {
    **{"digits/1a": "digits/1", "digits/4a": "digits/4", "digits/5a": "digits/5"},
    "digits/odd": "digits/oh",
}
SPOKEN: Final = (*WORDS, *NUMBERS)
LANGUAGE: Final = "vi"  # the exchange's own is English: it says what there is no Vietnamese for


def prompt_for(sound: str) -> str:
    """The name of the company's prompt that is heard instead: "queue_youarenext", "digits_1"."""
    return sound.replace("-", "_").replace("/", "_")
