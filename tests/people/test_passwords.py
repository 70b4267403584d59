"""Passwords are kept as argon2 hashes, and checked away from the event loop."""

import asyncio

import pytest

from callcenter.people import passwords
from tests.shared import HASHER


@pytest.fixture(autouse=True)
def as_in_the_service(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", HASHER)


async def test_a_guess_costs_what_owasp_asks_for():
    assert "$m=19456,t=2,p=1$" in await passwords.hashed("secret-1")


async def test_the_right_password_matches_and_a_wrong_one_does_not():
    kept = await passwords.hashed("Bí mật 123")

    assert kept.startswith("$argon2id$")
    assert await passwords.matches(kept, "Bí mật 123")
    assert not await passwords.matches(kept, "bí mật 123")


async def test_the_same_password_is_kept_differently_each_time():
    assert await passwords.hashed("secret-1") != await passwords.hashed("secret-1")


async def test_nothing_matches_a_hash_that_is_none():
    assert not await passwords.matches("", "")
    assert not await passwords.matches("", "nobody's guess")
    assert not await passwords.matches("plain text", "plain text")


async def test_the_loop_goes_on_while_passwords_are_checked():
    kept = await passwords.hashed("secret-1")
    turns = 0
    checks = asyncio.gather(*(passwords.matches(kept, "wrong") for _ in range(4)))

    while not checks.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 10
