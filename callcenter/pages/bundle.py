"""The browser's modules put together: four scripts and what they share, instead of forty files.

Done in memory when the service starts, by the esbuild that the set-up has brought. Where it is not
there, or in development, browsers get the modules themselves: the same, in more requests.
"""

import logging
import subprocess
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

ENTRIES: Final = ("app.js", "bare.js", "dock.js", "wall.js")  # what templates name
HOW: Final = (
    *("--bundle", "--splitting", "--format=esm", "--minify", "--log-level=error"),
    *("--legal-comments=eof", "--charset=utf8"),
)
PATIENCE: Final = 30  # seconds; it takes a tenth of one


@lru_cache(4)
def bundled(folder: Path, mark: str) -> Mapping[str, bytes]:
    """The scripts by their address below `folder` ("js/app.js"); {} without esbuild.

    `mark` is of the files as they are: they are put together once for each.
    """
    programs = sorted((folder.parent / "node_modules").glob("@esbuild/*/bin/esbuild"))
    if not programs:
        return {}
    with tempfile.TemporaryDirectory(prefix="callcenter-bundle-") as place:
        entries = [str(folder / "js" / name) for name in ENTRIES]
        command = [str(programs[0]), *entries, *HOW, f"--outdir={place}"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or b""
            log.warning("the scripts are served one by one: %s %s", error, said.decode().strip())
            return {}
        return {f"js/{file.name}": file.read_bytes() for file in sorted(Path(place).glob("*.js"))}
