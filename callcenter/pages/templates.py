"""Pages from templates: whole, or only the main part for a browser that has the rest already."""

import html
import re
from collections.abc import Callable, Hashable, Iterable, MutableMapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from sqlalchemy import select

from callcenter.db import Sessions
from callcenter.keys import CARRIER, TEMPLATES
from callcenter.pages import formats
from callcenter.pages.assets import Assets
from callcenter.pages.done import DONE_SENTENCES
from callcenter.pages.formats import Formats
from callcenter.pages.known import Known
from callcenter.pages.language import LANGUAGES, NAMES, Words, current, number
from callcenter.people.models import Role
from callcenter.people.permissions import ROLES
from callcenter.people.session import SIGNED_IN
from callcenter.reports.lines import for_pages
from callcenter.reports.written import FIGURES
from callcenter.settings.models import Setting

DONE = "done"
MOST_DRAWN = 1_000  # templates that are kept drawn, of some kilobytes each
UNDOING = re.compile(r"/[a-z][\w/+.-]*")  # an address of ours


class Templates:
    """The templates below `folder`, with what they may use: words, formats, addresses of assets."""

    def __init__(
        self, folder: Path, words: Words, assets: Assets, shown: Formats, development: bool = False
    ) -> None:
        self.words = words
        self.assets = assets
        self.formats = shown
        self.company = ""  # its name stands in the shell
        self._development = development
        self._drawn: dict[Hashable, Markup] = {}  # by template, language, and what it is told
        self._environments = self._for_each_language(folder)

    def _for_each_language(self, folder: Path) -> dict[str, Environment]:
        base = _Environment(
            extensions=[] if self._development else [Known],
            loader=FileSystemLoader(folder),
            autoescape=True,
            auto_reload=self._development,
            undefined=StrictUndefined,  # a misspelt name is an error, not an empty place
            trim_blocks=True,
            lstrip_blocks=True,
        )
        base.globals |= self._globals()
        # A call out of a template costs thrice what a filter does: for labels of many things.
        base.filters |= _filters(self.formats) | {"say": self.words.say}
        base.filters["icon"] = self._icon
        base.filters |= for_pages(self.words, self.formats)
        base.extend(known={"_": self.words.say, "icon": self._icon, "static": self.assets.address})
        return {language: base.overlay() for language in LANGUAGES}

    def _globals(self) -> dict[str, Any]:
        return {
            "_": self.words.say,
            "_n": self.words.count,
            "static": self.assets.address,
            "language": current,
            "languages": LANGUAGES,
            "language_names": NAMES,
            "words_address": self._words_address,
            "company": lambda: self.company,
            "today": self.formats.today,
            "address": formats.address,
            "icon": self._icon,
            "still": self._still,
            "csrf_field": _csrf_field,
            "options": _options,
            "figures": FIGURES,
            "role_name": lambda role: self.words.say(ROLES[Role(role)]),
        }

    def _icon(self, name: str, extra: str = "") -> Markup:
        address = self.assets.address("icons.svg")
        return _icon(address, name, extra)

    async def load(self, sessions: Sessions) -> None:
        """Read what every page shows from the settings: the company's name."""
        async with sessions() as session:
            self.company = (
                await session.scalar(select(Setting.value).where(Setting.name == "company")) or ""
            )

    def html(self, name: str, values: dict[str, Any]) -> str:
        return self._environments[current()].get_template(name).render(values)

    def _still(self, name: str, /, **told: Hashable) -> Markup:
        """A template that is told `told` and nothing else of the request: drawn once for each.

        For what stands on page after page, in few ways: neither rows nor what is searched for.
        """
        key = name, current(), *told.items()
        if self._development or key not in self._drawn:
            if len(self._drawn) >= MOST_DRAWN:
                self._drawn.clear()
            self._drawn[key] = Markup(self.html(name, told))
        return self._drawn[key]

    def _words_address(self) -> str:
        language = current()
        return f"/words/{language}.json?v={self.words.marks[language]}"


class _Environment(Environment):
    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of all templates as they are: Jinja puts a map of two over them for each template,
        which it then walks for each page, and again for each page's imports."""
        return super().make_globals(d) if d else self.globals


def _filters(shown: Formats) -> dict[str, Callable[..., Any]]:
    return {
        "phone": formats.phone,
        "duration": formats.duration,
        "money": formats.money,
        "number": number,
        "percent": formats.percent,
        "size": formats.size,
        "initials": formats.initials,
        "given_name": formats.given_name,
        "short_name": formats.short_name,
        "counted": formats.counted,
        "name_of": formats.name_of,
        "day": shown.day,
        "told_day": shown.told_day,
        "short_day": shown.short_day,
        "weekday": shown.weekday,
        "clock": shown.clock,
        "seconds": shown.seconds,
        "when": shown.when,
        "local": shown.local,
        "moment": datetime.fromisoformat,
    }


def render(request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
    """The page `name` filled with `values`; only its title and main part when htmx asks for it.

    Templates extend `layout`. They are given `me` (SignedIn or None), `path`, and the values.
    """
    part = request.headers.get("HX-Request") == "true"
    values |= {
        "layout": "pages/part.html" if part else "pages/shell.html",
        "me": request.get(SIGNED_IN),
        "path": request.path,
        "theme": theme_of(request),
        "done": _done(request),
        "undo": _undo(request),
        "demo": CARRIER in request.app and request.app[CARRIER] is not None,
    }
    answer = web.Response(
        text=request.app[TEMPLATES].html(name, values),
        content_type="text/html",
        status=status,
        headers={"Cache-Control": "no-store", "Vary": "HX-Request, Accept-Encoding"},
    )
    if not part and request.method == "GET" and not request.query_string and status == 200:
        # Only where nothing of the request stands in the page: what is typed beside a token, the
        # two compressed together, would tell of the token by their length (BREACH).
        answer.enable_compression()
    if DONE in request.cookies:
        answer.del_cookie(DONE, path="/")
    return answer


def see_other(where: str, done: str = "", undo: str = "") -> web.Response:
    """After a form: go to `where`, which says once that it is `done` (a key of DONE_SENTENCES).

    `undo` is where to take it back, offered beside that sentence.
    """
    answer = web.Response(status=303, headers={"Location": where})
    if done:
        said = f"{done}:{undo}" if undo else done
        answer.set_cookie(DONE, said, max_age=60, httponly=True, samesite="Lax", path="/")
    return answer


def _done(request: web.Request) -> str:
    done, _, _ = request.cookies.get(DONE, "").partition(":")
    sentence = DONE_SENTENCES.get(done, "")
    return request.app[TEMPLATES].words.say(sentence) if sentence else ""


def _undo(request: web.Request) -> str:
    _, _, undo = request.cookies.get(DONE, "").partition(":")
    return undo if UNDOING.fullmatch(undo) else ""


def theme_of(request: web.Request) -> str:
    """ "light", "dark" or "system": the user's, else the cookie's."""
    who = request.get(SIGNED_IN)
    theme = who.user.theme if who else request.cookies.get("theme", "")
    return theme if theme in ("light", "dark") else "system"


@lru_cache(1000)
def _icon(address: str, name: str, extra: str) -> Markup:
    return Markup(  # the names are the templates' own
        '<svg class="i {}" aria-hidden="true"><use href="{}#i-{}"/></svg>'
    ).format(extra, address, name)


@pass_context
def _csrf_field(context: Context) -> Markup:
    """The hidden field every form with method="post" needs."""
    return Markup(f'<input type="hidden" name="_csrf" value="{escape(context["me"].csrf)}">')


def _options(choices: Iterable[tuple[object, str]], chosen: object = None) -> Markup:
    """What a <select> offers, as (value, text). Lists have hundreds: a template is slow at that."""
    return _drawn_options(tuple(choices), str(chosen))


@lru_cache(500)  # the same lists stand on page after page
def _drawn_options(choices: tuple[tuple[object, str], ...], own: str) -> Markup:
    return Markup(
        "".join(
            f'<option value="{html.escape(str(value))}"{" selected" if str(value) == own else ""}>'
            f"{html.escape(text)}</option>"
            for value, text in choices
        )
    )
