"""What became of a trial of a trunk, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from callcenter.errors import N_

Kind = Literal[
    "signs_in", "answers", "no_name", "closed", "silent", "wrong", "no_account", "says", "local"
]

SENTENCES: Final[Mapping[Kind, str]] = {
    "signs_in": N_("Works: {host} knows the account. Answered in {ms} ms."),
    "answers": N_("{host} answers, in {ms} ms. Only a call shows whether it takes our calls."),
    "no_name": N_("There is no {host}: the name is not found. Is it spelled right?"),
    "closed": N_("Nobody listens at {host}, port {port}. Is the port right?"),
    "silent": N_("{host} does not answer within {seconds} seconds."),
    "wrong": N_("{host} refuses us: wrong user name or password ({code})."),
    "no_account": N_("{host} does not know this user name ({code})."),
    "says": N_("{host} answers, but not as it should: {code}."),
    "local": N_(
        "The exchange speaks to this machine only. Set [asterisk] trunk_address in config.toml to"
        " the address at which providers reach it, and start again."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`values` belong to its sentence."""

    kind: Kind
    host: str = ""
    port: int = 0
    ms: int = 0
    seconds: int = 0
    code: str = ""

    @property
    def works(self) -> bool:
        return self.kind in ("signs_in", "answers")

    @property
    def sentence(self) -> str:
        """A message id."""
        return SENTENCES[self.kind]

    @property
    def values(self) -> dict[str, object]:
        return {
            "host": self.host,
            "port": self.port,
            "ms": self.ms,
            "seconds": self.seconds,
            "code": self.code,
        }
