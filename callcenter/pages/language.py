"""The two languages: English sentences are the message ids, web/locale/vi holds the Vietnamese.

Each room keeps a catalogue of its own (web/locale/vi/<room>.po); they are read at start and merged.
The language of a request stands in a context variable, so that templates need not be told.
"""

import hashlib
from contextvars import ContextVar
from pathlib import Path

import msgspec
from babel.messages.pofile import read_po

from callcenter.errors import Word

LANGUAGES = ("vi", "en")
NAMES = {"vi": "Tiếng Việt", "en": "English"}
_current: ContextVar[str] = ContextVar("language", default="vi")


class Words:
    """The merged catalogues. `folder` is web/locale; what stands in none of them stays English."""

    def __init__(self, folder: Path) -> None:
        self._catalogues = {language: _read(folder / language) for language in LANGUAGES}
        # What /words/<language>.json answers, and the mark in its address, so that it may be kept.
        self.json = {
            language: msgspec.json.encode(words) for language, words in self._catalogues.items()
        }
        self.marks = {
            language: hashlib.sha256(text).hexdigest()[:12] for language, text in self.json.items()
        }

    def say(self, sentence: str, **values: object) -> str:
        """`sentence` in the language of this request, its {braces} filled in."""
        catalogue = self._catalogues[current()]
        found = catalogue.get(sentence, sentence)
        if not values:
            return found
        return found.format(
            **{
                name: catalogue.get(value, value) if isinstance(value, Word) else value
                for name, value in values.items()
            }
        )

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """`one` or `many`, whichever `n` asks for; {n} is filled in as people write numbers."""
        found = self._catalogues[current()].get(one) or (one if n == 1 else many)
        return found.format(**{"n": number(n), **values})


def current() -> str:
    """ "vi" or "en": the language of the request that is being answered."""
    return _current.get()


def speak(language: str) -> None:
    """From here on this request is answered in `language`."""
    _current.set(language if language in LANGUAGES else LANGUAGES[0])


def number(value: int | float) -> str:
    """1.248 in Vietnamese, 1,248 in English."""
    text = f"{value:,}"
    return text.translate(_VIETNAMESE) if current() == "vi" else text


_VIETNAMESE = str.maketrans(",.", ".,")


def _read(folder: Path) -> dict[str, str]:
    words: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=folder.name, abort_invalid=True):
                text = _first(message.string)
                if text and not message.fuzzy:
                    words |= dict.fromkeys(_forms(message.id), text)
    return words


def _forms(sentence: str | list[str] | tuple[str, ...]) -> list[str]:
    """A sentence with a count has two in English, for one and for many; "" is the file's head."""
    forms = [sentence] if isinstance(sentence, str) else list(sentence)
    return [each for each in forms if each]


def _first(text: str | list[str] | tuple[str, ...] | None) -> str:
    """A plural comes as (one, many), and Vietnamese has a single form for both."""
    return text if isinstance(text, str) else text[0] if text else ""
