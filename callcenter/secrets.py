"""The secrets of this installation: made once, at first start, kept in a file that only its owner
can read.
"""

import logging
import os
import secrets
import tempfile
import tomllib
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each is 43 characters of A-Z a-z 0-9 _ -; they may stand in Asterisk's files as they are."""

    ami: str  # of our user on the exchange's AMI
    carrier: str  # of our user on the simulated carrier's AMI
    phones: str  # phones' SIP passwords are made from it: dialplan.phone_password
    pages: str  # signs what pages carry for us

    def __repr__(self) -> str:  # so that no log line and no traceback ever shows one
        return "Secrets(…)"


def load_secrets(home: Path) -> Secrets:
    """The secrets in home/secrets.toml, which is made (mode 600) when it is not there.

    Ends the program with a sentence when the file cannot be read or understood: making new secrets
    in its place would lock every phone out.
    """
    path = home / "secrets.toml"
    try:
        known = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if path.exists() and path.stat().st_mode & 0o077:
            log.warning("%s could be read by others; it cannot any more", path)
            path.chmod(0o600)
        fresh = {name: secrets.token_urlsafe(32) for name in Secrets.__struct_fields__}
        loaded = msgspec.convert(fresh | known, Secrets)
        if fresh.keys() - known.keys():  # the first start, or the first of a newer version
            _write(path, loaded)
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path}: {error}") from error
    return loaded


def _write(path: Path, loaded: Secrets) -> None:
    """All or nothing, and never readable by others, not even for a moment (mkstemp makes mode
    600).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".secrets-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("# Made at first start. Keep it: without it every phone needs a new password.\n")
        for field in Secrets.__struct_fields__:
            file.write(f'{field} = "{getattr(loaded, field)}"\n')
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
