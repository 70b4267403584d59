"""What a zip of recordings holds: a list beside it, so that none outlives what is in it."""

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec

log = logging.getLogger(__name__)

ZIP: Final = "recordings.zip"
LIST: Final = "contents.json"  # {call_id: sha256} of what is in the zip


def contents(folder: Path) -> dict[str, str] | None:
    """Of the zip in a job's folder; None where there is none that can be read. Blocking."""
    try:
        return msgspec.json.decode((folder / LIST).read_bytes(), type=dict[str, str])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.error("the list of a zip in %s cannot be read: %s", folder, error)
        return None


def forget_zips(jobs: Path, call_ids: Collection[str]) -> None:
    """Remove zips with a recording of these calls, below the folder of long work; and those of
    which nobody knows what is in them. Blocking."""
    for listed in jobs.glob(f"*/{LIST}"):
        held = contents(listed.parent)
        if held is not None and held.keys().isdisjoint(call_ids):
            continue
        log.info("a zip of job %s goes: a recording in it was deleted", listed.parent.name)
        try:
            (listed.parent / ZIP).unlink(missing_ok=True)
            listed.unlink(missing_ok=True)
        except OSError:  # whoever asks for it is refused: something in it is there no more
            log.exception("a zip of job %s cannot be removed", listed.parent.name)
