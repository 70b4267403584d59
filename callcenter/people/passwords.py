"""Passwords: argon2, hashed away from the event loop, two at a time and no more."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8

# OWASP's second choice (19 MiB, two passes): about 40 ms of a core a sign-in.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Two threads are the bound: a storm of sign-ins must not take both cores and all memory.
_threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")


async def hashed(password: str) -> str:
    """The argon2id hash to keep for `password`."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(hash: str, password: str) -> bool:
    """Whether `password` is the one behind `hash`; False for a hash that is none, or is empty."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verify, hash, password)


def is_stale(hash: str) -> bool:
    """Whether `hash` was made with other costs than today's."""
    return _hasher.check_needs_rehash(hash)


def _verify(hash: str, password: str) -> bool:
    try:
        return _hasher.verify(hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False


def _nobody() -> str:
    """A hash nobody knows the password of: an unknown user takes as long as a wrong password."""
    global _nobodys_hash
    if not _nobodys_hash:
        _nobodys_hash = _hasher.hash("nobody's")
    return _nobodys_hash


_nobodys_hash = ""
