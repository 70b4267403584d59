"""What nobody foresaw about one letter does not stop the others."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from callcenter.db import is_away
from callcenter.errors import N_

log = logging.getLogger(__name__)

UNFORESEEN = N_("Something went wrong that nobody foresaw. The log of the service says what.")

Result = TypeVar("Result")


async def guarded(
    step: Callable[[], Awaitable[Result]], failed: Callable[[], Awaitable[Result]], about: str
) -> Result:
    """What `step` answers; when it fails otherwise than it may, what `failed` does. A database that
    is away is not such: then all letters wait."""
    try:
        return await step()
    except Exception as error:
        if is_away(error):
            raise
        log.exception("%s failed", about)
    return await failed()
