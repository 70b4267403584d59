"""Style sheets, scripts and icons, under addresses that change whenever any of them does.

The mark stands in the path, not behind a question mark: a module's relative imports then carry it
as well, so each module is loaded once, and the browser may keep everything for a year.
"""

import hashlib
import mimetypes
from pathlib import Path

from aiohttp import web

from callcenter.errors import N_, Missing
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
        file = (self._folder / (rest if marked else path)).resolve()
        if not file.is_relative_to(self._folder) or not file.is_file():
            raise Missing(N_("There is no such page."))
        kept = FOREVER if first == f"v-{self._mark}" and not self._development else "no-cache"
        kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
        headers = {"Cache-Control": kept, "Content-Type": kind or "application/octet-stream"}
        return web.FileResponse(file, headers=headers)

    def _marked(self) -> str:
        known = hashlib.sha256()
        for file in sorted(path for path in self._folder.rglob("*") if path.is_file()):
            state = file.stat()
            known.update(
                f"{file.relative_to(self._folder)} {state.st_size} {state.st_mtime_ns}\n".encode()
            )
        return known.hexdigest()[:12]
