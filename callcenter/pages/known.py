"""What a template says the same way on every page of a language, settled when it is compiled.

`_("Call")`, `icon("phone")` and `static("js/app.js")` are texts as good as written out: they are
most of what is worked out in a page, and of the phone beside it nearly everything.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

_CALL: Final = ["name", "lparen", "string", "rparen"]


class Known(Extension):
    """Where a function of `environment.known` is called with a text, its answer is put instead.

    `known` is {name: function of one str}; it is asked in the language of the request for which
    the template is compiled, so each language needs an environment of its own.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        environment: Any = self.environment
        known: Mapping[str, Callable[[str], str]] = environment.known
        tokens, at, before = list(stream), 0, ""
        while at < len(tokens):
            first, written = tokens[at], tokens[at : at + len(_CALL)]
            is_call = [token.type for token in written] == _CALL and before not in ("dot", "pipe")
            if is_call and first.value in known:
                yield from _text(known[first.value](written[2].value), first.lineno)
                at += len(_CALL)
            else:
                yield first
                at += 1
            before = first.type


def _text(text: str, line: int) -> Iterator[Token]:
    yield Token(line, "string", text)
    if isinstance(text, Markup):
        yield Token(line, "pipe", "|")
        yield Token(line, "name", "safe")
