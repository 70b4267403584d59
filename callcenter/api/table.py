"""The table of all endpoints: what answers a request and what describes it are the same entry.

So the description cannot drift from what happens: parameters and bodies are decoded by the types it
shows, and an answer of another type than the one declared is an error of ours.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Literal, ParamSpec

from aiohttp import web

from callcenter.api.wire import TooLarge, body_of, json_answer, query_of
from callcenter.errors import CallcenterError, Forbidden, Invalid, SignedOut
from callcenter.people.permissions import Door, Needed, Permission, needs

PREFIX = "/api/v1"

P = ParamSpec("P")
Errors = tuple[type[CallcenterError], ...]
Endpoint = Callable[Concatenate[web.Request, P], Awaitable[Any]]
Method = Literal["GET", "POST", "PUT", "DELETE"]

# What may stand in the {places} of a path, as a pattern and as JSON Schema.
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "call_id": (r"[A-Za-z0-9.-]{1,64}", {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}),
    "callback_id": (r"\d{1,9}", {"type": "integer", "minimum": 0, "maximum": 999_999_999}),
    "note_id": (r"\d{1,9}", {"type": "integer", "minimum": 0, "maximum": 999_999_999}),
    "customer_id": (r"\d{1,9}", {"type": "integer", "minimum": 0, "maximum": 999_999_999}),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One endpoint. Its function is given the request, then the query or the body if it has one."""

    method: Method
    path: str  # below PREFIX, with {places}
    name: str
    summary: str
    answer: Any
    status: int
    query: type | None
    body: type | None
    errors: Errors
    needs: Needed
    function: Callable[..., Awaitable[Any]] | None  # None: another room answers, we describe

    @property
    def places(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def all_errors(self) -> list[type[CallcenterError]]:
        """Those that follow from the entry itself, and those it names; by status."""
        implied: list[type[CallcenterError]] = []
        implied += [SignedOut] if self.needs is not Door.ANYONE else []
        implied += [Forbidden] if isinstance(self.needs, Permission) else []
        implied += [Invalid] if self.query or self.body else []
        implied += [TooLarge] if self.body else []
        return sorted({*implied, *self.errors}, key=lambda error: error.status)

    async def answer_to(self, request: web.Request) -> web.Response:
        if self.function is None:
            raise TypeError(f"{self.path} is only described here")
        given: list[Any] = []
        if self.query:
            given.append(query_of(request.query, self.query))
        if self.body:
            given.append(await body_of(request, self.body))
        return json_answer(await self.function(request, *given), self.status)


class Table:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def endpoint(
        self,
        method: Method,
        path: str,
        summary: str,
        answer: Any,
        *,
        status: int = 200,
        query: type | None = None,
        body: type | None = None,
        errors: Errors = (),
        needs: Needed,
    ) -> Callable[[Endpoint[P]], Endpoint[P]]:
        """Put the decorated function into the table: `answer` is the type of what it returns."""

        def add(function: Endpoint[P]) -> Endpoint[P]:
            self.entries.append(
                Entry(
                    method=method,
                    path=path,
                    name=getattr(function, "__name__", ""),
                    summary=summary,
                    answer=answer,
                    status=status,
                    query=query,
                    body=body,
                    errors=errors,
                    needs=needs,
                    function=function,
                )
            )
            return function

        return add

    def describe(
        self, method: Method, path: str, name: str, summary: str, answer: Any, errors: Errors = ()
    ) -> None:
        """An endpoint below PREFIX that another room answers."""
        self.entries.append(
            Entry(
                method=method,
                path=path,
                name=name,
                summary=summary,
                answer=answer,
                status=200,
                query=None,
                body=None,
                errors=errors,
                needs=Door.SIGNED_IN,
                function=None,
            )
        )

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route(entry.method, PREFIX + _with_patterns(entry.path), _handler(entry))
            for entry in self.entries
            if entry.function
        ]


def _handler(entry: Entry) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """What answers that entry, with what it needs on it for the middleware to see."""

    @needs(entry.needs)
    async def answer(request: web.Request) -> web.StreamResponse:
        return await entry.answer_to(request)

    return answer


def _with_patterns(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda place: f"{{{place[1]}:{PLACES[place[1]][0]}}}", path)


table = Table()
