"""Passwords: which will do, and argon2, hashed away from the event loop, two at a time."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from callcenter.errors import N_, Invalid

SHORTEST = 8
LONGEST = 200  # hashing a megabyte would take a while
# What is tried first by whoever guesses; longer ones that are only these and digits count as well.
_COMMON = (
    "password passw0rd matkhau mat-khau matkhau123 qwerty qwertyui qwertyuiop asdfghjk asdfghjkl "
    "1q2w3e4r 1qaz2wsx zaq12wsx abcd1234 abcdefgh iloveyou anhyeuem emyeuanh vietnam saigon hanoi "
    "callcenter tongdai welcome letmein superman football admin administrator manager user "
    "nhanvien khachhang congty dragon monkey sunshine princess trustno1 changeme"
)
COMMON = frozenset(_COMMON.split())
# Easy to read out and to type; four of these and four digits are 37 bits.
_WORDS = (
    "sen mai lan cam dua chanh mit xoai na khe gao ngo lua tre trau bo ngua de ga vit ca cua tom "
    "oc song suoi bien ho nui rung may mua nang gio sao trang xanh vang tim nau hong bac dong sat "
    "go giay but ban ghe den nen nha pho lang cau duong xe tau thuyen dan trong chuong"
)
WORDS = tuple(_WORDS.split())

# OWASP's second choice (19 MiB, two passes): about 40 ms of a core a sign-in.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Two threads are the bound: a storm of sign-ins must not take both cores and all memory.
_threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")


def generated() -> str:
    """A new password that can be read out over the phone."""
    words = [secrets.choice(WORDS) for _ in range(4)]
    return "-".join((*words, f"{secrets.randbelow(10_000):04}"))


def check(password: str, username: str) -> None:
    """Raises Invalid, in words, for a password that somebody else would guess."""
    low = password.casefold()
    if len(password) < SHORTEST:
        raise Invalid(N_("A password has at least {n} characters."), "password", n=SHORTEST)
    if len(password) > LONGEST:
        raise Invalid(N_("A password has at most {n} characters."), "password", n=LONGEST)
    if low == username or low.strip("0123456789!@#.") == username:
        raise Invalid(N_("The username is no password: everybody knows it."), "password")
    if _is_common(low):
        raise Invalid(N_("This password is among the first that anybody tries."), "password")


def _is_common(low: str) -> bool:
    digits = "0123456789"
    in_a_row = low in digits * 2 + "0" or low in (digits * 2)[::-1] or low in "abcdefghijklmnopqrst"
    bare = low.strip(digits + "!@#.")
    return len(set(low)) < 4 or in_a_row or not {low, bare}.isdisjoint(COMMON) or low.isdecimal()


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
