"""Style sheets, scripts and icons, under addresses that change whenever any of them does.

The mark stands in the path, not behind a question mark: a module's relative imports then carry it
as well, so each module is loaded once, and the browser may keep everything for a year.

Texts go out compressed, each compressed once and kept: with brotli, a seventh smaller than gzip,
to browsers that take it, as all do over HTTPS and from this machine.
"""

import asyncio
import gzip
import hashlib
import mimetypes
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from aiohttp import web

from callcenter.errors import N_, Missing
from callcenter.pages.bundle import bundled
from callcenter.people.permissions import Door, needs

PREFIX = "/static/"
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The files below `folder`. In `development` the mark is worked out anew for each page."""

    def __init__(self, folder: Path, development: bool = False) -> None:
        self._folder = folder.resolve()
        self._development = development
        self._mark = self._marked()
        self._bundle = {} if development else bundled(self._folder, self._mark)
        self._compressed: dict[tuple[str, str], bytes] = {}  # by version and encoding

    def address(self, path: str) -> str:
        """Where a page finds `path` ("css/base.css")."""
        if self._development:
            self._mark = self._marked()
        return f"{PREFIX}v-{self._mark}/{path}"

    @needs(Door.ANYONE)
    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        first, _, rest = path.partition("/")
        marked = first.startswith("v-")
        name = rest if marked else path
        current = first == f"v-{self._mark}" and not self._development
        kept = FOREVER if current else "no-cache"
        if current and name in self._bundle:
            headers = {"Cache-Control": kept, "Content-Type": TYPES[".js"]}
            return await self._sent(request, headers, name, self._bundle[name])
        file = (self._folder / name).resolve()
        if not file.is_relative_to(self._folder) or not file.is_file():
            raise Missing(N_("There is no such page."))
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
        headers = {"Cache-Control": kept, "Content-Type": kind or "application/octet-stream"}
        if file.suffix not in TYPES or not _encoding(request):
            if file.suffix in TYPES:
                headers["Vary"] = "Accept-Encoding"
            return web.FileResponse(file, headers=headers)
        state = await asyncio.to_thread(file.stat)
        version = f"{name} {state.st_mtime_ns:x}-{state.st_size:x}"
        return await self._sent(request, headers, version, file)

    async def _sent(
        self, request: web.Request, headers: dict[str, str], version: str, content: Path | bytes
    ) -> web.Response:
        """Compressed for whoever takes it. `version` is another for other content."""
        encoding = _encoding(request)
        headers |= {"Vary": "Accept-Encoding", "ETag": _tag(version, encoding)}
        if headers["ETag"] in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        if not encoding:
            assert isinstance(content, bytes)  # files are sent by FileResponse
            return web.Response(body=content, headers=headers)
        if (version, encoding) not in self._compressed:
            if self._development:  # else each version of each file would stay
                self._compressed.clear()
            made = await asyncio.to_thread(_compress, content, encoding)
            self._compressed[version, encoding] = made
        headers["Content-Encoding"] = encoding
        return web.Response(body=self._compressed[version, encoding], headers=headers)

    def _marked(self) -> str:
        known = hashlib.sha256()
        for file in sorted(path for path in self._folder.rglob("*") if path.is_file()):
            state = file.stat()
            known.update(
                f"{file.relative_to(self._folder)} {state.st_size} {state.st_mtime_ns}\n".encode()
            )
        return known.hexdigest()[:12]


def _encoding(request: web.Request) -> str:
    """The best that this browser takes, or ""."""
    if "Range" in request.headers:
        return ""
    taken = {
        part.split(";")[0].strip() for part in request.headers.get("Accept-Encoding", "").split(",")
    }
    return next((each for each in ("br", "gzip") if each in taken), "")


def _tag(version: str, encoding: str) -> str:
    mark = hashlib.sha256(version.encode()).hexdigest()[:16]
    return f'"{mark}-{encoding}"' if encoding else f'"{mark}"'


def _compress(content: Path | bytes, encoding: str) -> bytes:
    whole = content.read_bytes() if isinstance(content, Path) else content
    if encoding == "br":
        return bytes(brotli.compress(whole, mode=brotli.MODE_TEXT))
    return gzip.compress(whole, 9, mtime=0)
