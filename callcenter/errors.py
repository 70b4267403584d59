"""Every error we raise on purpose: a noun with a status, a code and a sentence.

The sentence is an English message id; web/locale holds the Vietnamese. Values go into `values`, so
that it can be translated: Invalid(N_("{number} is not a number one can call."), number="12ab").
"""

from typing import ClassVar


def N_(text: str) -> str:
    """Mark a sentence for the catalogue without translating it here."""
    return text


def N_n(one: str, many: str, n: int) -> str:
    """The same for a sentence with a count, {n}: the form that so many ask for in English."""
    return one if n == 1 else many


class Word(str):
    """A value of a sentence that is a message id itself, to be translated with it: a label."""


class CallcenterError(Exception):
    """Root of the family. `code` is for programs, the sentence is for people."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values


class Invalid(CallcenterError):
    """What was asked makes no sense; `field` names the form field it is about."""

    status, code = 400, "invalid"

    def __init__(self, sentence: str, field: str = "", **values: object) -> None:
        super().__init__(sentence, **values)
        self.field = field


class SignedOut(CallcenterError):
    status, code = 401, "signed-out"


class Forbidden(CallcenterError):
    status, code = 403, "forbidden"


class PasswordDue(Forbidden):
    """Their password was given to them, and they have to choose one of their own first."""


class Missing(CallcenterError):
    """It does not exist, or the one who asks may not know that it does."""

    status, code = 404, "not-found"


class Conflict(CallcenterError):
    status, code = 409, "conflict"


class TooMany(CallcenterError):
    status, code = 429, "too-many"


class ExchangeUnavailable(CallcenterError):
    """Asterisk is away, silent, or refuses us."""

    status, code = 503, "exchange-unavailable"


class DatabaseUnavailable(CallcenterError):
    """It is away, restarting, locked or full; nothing was changed."""

    status, code = 503, "database-unavailable"


class StorageFull(CallcenterError):
    """The disk has no room; nothing was kept."""

    status, code = 507, "storage-full"
