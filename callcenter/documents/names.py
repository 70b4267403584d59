"""Names of documents, made harmless: they come from any machine and go to any other."""

import unicodedata
from typing import Final
from urllib.parse import quote

from callcenter.documents.content import KINDS, Kind
from callcenter.errors import N_, Invalid

LONGEST = 200  # letters; as bytes no more than a file system takes
BYTES = 240
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*', "-"))  # by Windows
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10))]
)
_EXTENSIONS: Final = frozenset(
    ("docm", "xlsm", "pptm", "zip", "html", "htm", "svg", "xml", "exe", "rtf"),
) | {extension for kind in KINDS.values() for extension in kind.extensions}


def tidy(name: str, kind: Kind) -> str:
    """A safe name like `name`, ending in what a `kind` ends in: no path, no control characters, no
    marks that turn the writing round, nothing that Windows would refuse."""
    stem, extension = _parts(_plain(name))
    if extension.lower() not in kind.extensions:
        if extension.lower() not in _EXTENSIONS:
            stem = f"{stem}.{extension}" if extension else stem
        extension = kind.extensions[0]
    stem = stem.strip(" .") or "document"
    if stem.partition(".")[0].lower() in _RESERVED:
        stem = f"_{stem}"
    return f"{_shortened(stem, len(extension) + 1)}.{extension}"


def typed(name: str, kind: Kind) -> str:
    """A name that somebody typed. Raises Invalid for none at all and for one that is too long."""
    plain = _plain(name).strip(" .")
    if not plain:
        raise Invalid(N_("Enter a name."), "name")
    if len(plain) > LONGEST:
        raise Invalid(N_("Too long: {n} letters at most."), "name", n=LONGEST)
    return tidy(plain, kind)


def disposition(name: str, *, inline: bool) -> str:
    """A Content-Disposition: the name as it is for today's browsers, in ASCII for the others."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_name = ascii_name.encode("ascii", "ignore").decode()
    ascii_name = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in ascii_name)
    way = "inline" if inline else "attachment"
    return f"{way}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


def _plain(name: str) -> str:
    """The last part of a path, on one line, each letter in its one spelling."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    letters = (" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", last))
    # C: control, format (which turns writing round), surrogates, private use, unassigned.
    kept = "".join(c for c in letters if not unicodedata.category(c).startswith("C"))
    return " ".join(kept.translate(_FORBIDDEN).split())


def _parts(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    is_one = dot and 0 < len(extension) <= 5 and extension.isascii() and extension.isalnum()
    return (stem, extension) if is_one else (name, "")


def _shortened(stem: str, rest: int) -> str:
    stem = stem[: LONGEST - rest]
    return stem.encode()[: BYTES - rest].decode("utf-8", "ignore").rstrip(" .") or "document"
