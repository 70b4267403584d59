"""Errands of each day: at the start, and one that cannot be done keeps no other from its turn."""

import asyncio
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from callcenter.jobs import daily
from callcenter.tasks import running


class Errand:
    def __init__(self, error=None):
        self.error, self.times, self.done = error, 0, asyncio.Event()

    async def __call__(self, sessions):
        self.times += 1
        if self.times == 2:
            self.done.set()
        if self.error:
            raise self.error


async def test_each_day_every_errand_is_run_also_after_one_that_could_not_be(monkeypatch):
    monkeypatch.setattr(daily, "DAY", timedelta(milliseconds=1))
    monkeypatch.setattr(daily, "LOOK_S", 0.001)
    locked = OperationalError("DELETE", {}, sqlite3.OperationalError("database is locked"))
    first, second = Errand(locked), Errand()

    async with running(daily.each_day(None, [first, second]), "each day"):
        async with asyncio.timeout(5):
            await second.done.wait()

    assert first.times >= 2


async def test_an_errand_is_not_run_twice_on_one_day():
    once, other = Errand(), Errand()

    async with running(daily.each_day(None, [once, other]), "each day"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await other.done.wait()

    assert (once.times, other.times) == (1, 1)
