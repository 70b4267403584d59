"""Desk phones that ring instead of the page: chosen in the account, told to the exchange."""

import asyncio

import pytest

from callcenter.errors import ExchangeUnavailable
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.phone.what_rings import WhatRings
from tests.routing.house import PEOPLE, furnish


class Exchange:
    def __init__(self):
        self.rung, self.away, self.said = {}, False, []
        self._news = asyncio.Event()

    async def rings(self, extension, where):
        if self.away:
            raise ExchangeUnavailable("The exchange does not answer.")
        self.rung[extension] = where
        self.said.append(extension)
        self._news.set()

    async def until(self, true):
        async with asyncio.timeout(5):
            while not true():
                self._news.clear()
                await self._news.wait()


class House:
    def __init__(self, sessions, directory):
        self.sessions, self.directory, self.exchange = sessions, directory, Exchange()
        self.rings = WhatRings(directory)
        self.rings.exchange = self.exchange

    async def chooses(self, of, **values):
        async with self.sessions.begin() as session:
            user = await session.get_one(User, PEOPLE[of][0])
            for name, value in values.items():
                setattr(user, name, value)
        await self.directory.load(self.sessions)
        self.rings.people_changed()


@pytest.fixture
async def house(sessions):
    await furnish(sessions)
    directory = Directory()
    await directory.load(sessions)
    built = House(sessions, directory)
    yield built
    await built.rings.close()


def at_desks(house):
    return {extension for extension, where in house.exchange.rung.items() if where == "desk"}


async def test_an_exchange_is_told_at_the_first_login_of_every_phone(house):
    await house.rings.after_login()

    assert house.exchange.rung == dict.fromkeys(PEOPLE, "browser")


async def test_a_choice_is_told_at_once_and_alone(house):
    await house.rings.after_login()
    house.exchange.said.clear()

    await house.chooses("100", rings="desk")

    await house.exchange.until(lambda: at_desks(house) == {"100"})
    assert house.exchange.said == ["100"]


async def test_a_mobile_phone_is_told_by_its_number_and_again_when_that_changes(house):
    await house.rings.after_login()

    await house.chooses("100", rings="mobile", mobile="0912000111")
    await house.exchange.until(lambda: house.exchange.rung["100"] == "0912000111")
    await house.chooses("100", mobile="0912000222")

    await house.exchange.until(lambda: house.exchange.rung["100"] == "0912000222")
    assert house.directory.of_extension("100").endpoint == "mobile100"


async def test_without_a_number_the_page_rings(house):
    await house.chooses("100", rings="mobile")

    assert house.directory.of_extension("100").rings == "browser"


async def test_an_exchange_that_has_restarted_is_told_of_desk_phones_again(house):
    await house.rings.after_login()
    await house.chooses("100", rings="desk")
    await house.exchange.until(lambda: at_desks(house) == {"100"})
    house.exchange.rung.clear()

    await house.rings.after_login()

    assert house.exchange.rung == {"100": "desk"}


async def test_what_was_chosen_while_the_exchange_was_away_is_told_at_its_login(house):
    await house.rings.after_login()
    await house.chooses("100", rings="desk")
    await house.exchange.until(lambda: at_desks(house) == {"100"})
    house.exchange.away = True
    await house.chooses("100", rings="browser")
    await house.chooses("103", rings="desk")
    house.exchange.away = False

    await house.rings.after_login()

    assert at_desks(house) == {"103"}


async def test_an_extension_that_is_given_away_does_not_ring_the_desk_of_who_had_it(house):
    await house.rings.after_login()
    await house.chooses("100", rings="desk")
    await house.exchange.until(lambda: at_desks(house) == {"100"})

    await house.chooses("100", extension=None)

    await house.exchange.until(lambda: at_desks(house) == set())


async def test_a_phone_is_somebodys_only_while_it_is_the_one_that_rings(house):
    def who(endpoint):
        person = house.directory.rung_at(endpoint)
        return person and person.extension

    assert (who("100"), who("desk100"), who("carrier")) == ("100", None, None)

    await house.chooses("100", rings="desk")

    assert (who("100"), who("desk100")) == (None, "100")

    await house.chooses("100", rings="mobile", mobile="0912000111")

    assert (who("100"), who("desk100"), who("mobile100")) == (None, None, "100")
