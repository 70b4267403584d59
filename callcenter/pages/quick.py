"""Answers that need no question to the database, because it was asked a moment ago."""

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

Quick = Callable[[web.Request], web.Response | None]
Handler = TypeVar("Handler", bound=Callable[..., Any])


def quickly(answer: Quick) -> Callable[[Handler], Handler]:
    """Declare what is tried before the handler and before anybody is recognised: it looks after
    its own rights. None: go the usual way."""

    def declare(handler: Handler) -> Handler:
        handler.quick = answer  # type: ignore[attr-defined]  # read by quick_answer
        return handler

    return declare


def quick_answer(request: web.Request) -> web.Response | None:
    """The answer without a question, where there is one."""
    quick: Quick | None = getattr(request.match_info.handler, "quick", None)
    return quick(request) if quick else None
