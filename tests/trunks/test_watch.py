"""How the trunks are, by what the exchange's console says; and who is told."""

import asyncio
import socket
from datetime import UTC, datetime
from types import SimpleNamespace

import asyncpg
import msgspec
import pytest

from callcenter.errors import ExchangeUnavailable
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.switchboard.models import PlanVersion
from callcenter.switchboard.plan import Plan, Trunk
from callcenter.tasks import running
from callcenter.trunk_parts import failing
from callcenter.trunks import watch as watching
from callcenter.trunks.console import IDENTIFIES, REGISTRATIONS
from callcenter.trunks.news import TrunkNews
from callcenter.trunks.watch import Watch
from tests.trunks.test_probe import provider

# As Asterisk 22 writes them.
SIGNED_IN = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk-viettel/sip:127.0.0.1:5070                        trunk-viettel               {}
"""
THERE = """
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  100/sip:100@127.0.0.1:41325;line=wrtgukx       9c52e91d16 NonQual        -nan
  Contact:  trunk-viettel/sip:127.0.0.1:5070               4264f71e17 {}
"""
IDENTIFIED = """
 Identify:  <Identify/Endpoint.........................................................>
      Match:  <criteria.........................>
==========================================================================================

 Identify:  trunk-viettel/trunk-viettel
      Match: 203.0.113.5/32
"""
GOOD, REFUSED, SILENT = (
    ("Registered        (exp. 285s)", "Avail         0.797"),
    ("Rejected          (exp. 0s)", "Avail         0.797"),
    ("Registered        (exp. 200s)", "Unavail        -nan"),
)


class Console:
    """What the exchange's console answers. `identified`: it knows where the provider's calls come
    from."""

    def __init__(self, said=GOOD, identified=True):
        self.said, self.identified = said, identified

    async def __call__(self, command):
        if self.said is None:
            raise ExchangeUnavailable("exchange does not run.")
        if command == IDENTIFIES:
            return IDENTIFIED if self.identified else "No objects found."
        registration, contact = self.said
        return SIGNED_IN.format(registration) if command == REGISTRATIONS else THERE.format(contact)


class Pages:
    """Open pages: of root and of lea."""

    def __init__(self):
        self.also, self.present, self.told = [], [1, 2], []

    def tell(self, user_id, message):
        self.told.append((user_id, message["trunks"]))


def trunk(port=5070, **values):
    return Trunk(
        **{
            "name": "viettel",
            "title": "Viettel",
            "host": "127.0.0.1",
            "port": port,
            "username": "028",
            "password": "x",
            "registers": True,
            **values,
        }
    )


async def published(sessions, *trunks):
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        session.add(
            PlanVersion(
                plan=msgspec.json.encode(Plan(trunks=trunks)).decode(),
                revision=1,
                changed_at=now,
                published_at=now,
                note="",
            )
        )


@pytest.mark.parametrize(
    "said, registers, kind",
    [
        (GOOD, True, "registered"),
        (REFUSED, True, "refused"),
        (SILENT, True, "silent"),
        (("Unregistered      (exp. 0s)", "NonQual        -nan"), True, "starting"),
        (GOOD, False, "reachable"),
        (("", "NonQual        -nan"), False, "starting"),
        (("", "Unavail        -nan"), False, "silent"),
    ],
)
async def test_the_console_says_how_a_trunk_is(sessions, said, registers, kind):
    async with provider(lambda _: ["SIP/2.0 200 OK"]) as (_, port):
        await published(sessions, trunk(port, registers=registers), trunk(name="off", is_on=False))
        watch = Watch(sessions, Console(said))
        await watch.look()

    assert {name: each.kind for name, each in watch.now.items()} == {"viettel": kind}
    assert watch.now["viettel"].ms == (0.797 if "Avail " in said[1] else None)


async def test_of_a_trunk_that_fails_it_is_asked_why_and_since_when_it_is_so(sessions):
    async with provider(lambda _: ["SIP/2.0 403 Forbidden"]) as (one, port):
        await published(sessions, trunk(port))
        console = Console()
        watch = Watch(sessions, console)
        await watch.look()
        good = watch.now["viettel"]
        console.said = REFUSED
        await watch.look()
        bad = watch.now["viettel"]
        await watch.look()  # it is not asked again while nothing changes

    assert (good.is_bad, good.why) == (False, None)
    assert (bad.is_bad, bad.why.kind, bad.why.code) == (True, "wrong", "403 Forbidden")
    assert len(one.asked) == 1
    assert bad.since > good.since
    assert watch.now["viettel"].since == bad.since


async def test_a_trunk_that_is_set_anew_and_fails_again_is_asked_why_again(sessions):
    async with provider(lambda _: ["SIP/2.0 403 Forbidden"]) as (_, port):
        await published(sessions, trunk(port))
        watch = Watch(sessions, Console(REFUSED))
        await watch.look()
        before = watch.now["viettel"]
    await published(sessions, trunk(port))  # nobody is there any more, and nothing is new
    await watch.look()
    same = watch.now["viettel"]
    await published(sessions, trunk(port, password="another"))
    await watch.look()

    assert (before.why.kind, same.why.kind, same.since) == ("wrong", "wrong", before.since)
    assert watch.now["viettel"].why.kind == "closed"
    assert watch.now["viettel"].since > before.since


async def test_a_database_that_is_away_does_not_end_the_watch(sessions):
    await published(sessions, trunk())
    away = [asyncpg.CannotConnectNowError("the database system is starting up")]

    def opened():
        if away:
            raise away.pop()
        return sessions()

    watch = Watch(opened, Console())
    async with running(watch.run(), "trunks"):
        await watch.looked.wait()
        assert (watch.now, failing(watch)) == ({}, None)  # not known: no alert ends by that
        watch.looked.clear()
        watch.soon()
        await watch.looked.wait()

    assert watch.now["viettel"].kind == "registered"
    assert failing(watch) == []


@pytest.mark.parametrize(
    "host, identified, long_ago, found, looks_up",
    [
        ("sip.example.vn", True, False, True, 0),
        ("sip.example.vn", False, False, True, 1),  # nobody knew the name when it was read
        ("sip.example.vn", True, True, True, 1),  # it may be at another address meanwhile
        ("sip.example.vn", True, True, False, 0),  # nobody knows it now: it stays where it was
        ("203.0.113.5", False, True, True, 0),  # this is no name
    ],
)
async def test_names_of_providers_are_looked_up_again(
    sessions, monkeypatch, host, identified, long_ago, found, looks_up
):
    asked = []

    async def look_up():
        asked.append(host)

    async def is_found(name):
        return found

    monkeypatch.setattr(watching, "is_found", is_found)
    await published(sessions, trunk(host=host))
    if long_ago:
        monkeypatch.setattr(watching, "NAMES_S", -1)
    await Watch(sessions, Console(identified=identified), "", look_up).look()

    assert len(asked) == looks_up


class Names:
    """Of two providers: which are found now, and which addresses the exchange has. It looks them
    all up again when it is told to. A look is each ten seconds."""

    def __init__(self, sessions, monkeypatch):
        self.now, self.found, self.known = 0.0, {"a.vn", "b.vn"}, {"a.vn", "b.vn"}
        self.asked, self.looked_up = 0, []
        monkeypatch.setattr(watching, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(watching, "is_found", self.is_found)
        self.watch = Watch(sessions, self.cli, "", self.look_up)

    async def is_found(self, name):
        self.asked += 1
        return name in self.found

    async def look_up(self):
        self.looked_up.append(self.now)
        self.known = set(self.found)

    async def cli(self, command):
        if command == IDENTIFIES:
            return "".join(IDENTIFIED.replace("viettel", name[0]) for name in sorted(self.known))
        return ""

    async def lasts(self, seconds):
        for _ in range(seconds // 10):
            self.now += 10
            await self.watch.look()


@pytest.fixture
async def names(sessions, monkeypatch):
    await published(sessions, *(trunk(name=each[0], host=each) for each in ("a.vn", "b.vn")))
    return Names(sessions, monkeypatch)


async def test_a_dead_name_is_asked_for_each_minute_and_told_of_once(names, caplog):
    names.found = {"b.vn"}
    await names.lasts(1200)

    assert names.looked_up == []  # the address that the exchange has of it stays
    assert 0 < names.asked <= 2 * 11  # none in the first ten minutes
    assert caplog.text.count("a.vn") == 1


async def test_a_name_that_the_exchange_lacks_waits_for_a_dead_one_but_not_for_ever(names):
    names.found, names.known = {"b.vn"}, {"a.vn"}
    await names.lasts(120)
    before = list(names.looked_up)
    await names.lasts(600)

    assert (before, len(names.looked_up), names.known) == ([], 1, {"b.vn"})

    names.found.add("a.vn")
    await names.lasts(120)

    assert names.known == {"a.vn", "b.vn"}


async def test_nobody_is_forgotten_while_no_name_is_found_at_all(names):
    names.found = set()
    await names.lasts(3 * 3600)

    assert (names.looked_up, names.known) == ([], {"a.vn", "b.vn"})


async def test_addresses_that_may_be_old_are_looked_up_in_spite_of_a_name_that_stays_dead(names):
    names.found = {"b.vn"}
    await names.lasts(3 * 3600)

    assert names.looked_up


async def test_a_name_that_has_only_records_below_it_is_found(monkeypatch):
    async def below(*_):
        raise socket.gaierror(socket.EAI_NODATA, "No address associated with hostname")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", below)

    assert await watching.is_found("sip.example.vn")


async def test_a_name_is_found_or_not_and_a_resolver_that_is_away_is_no_error(monkeypatch):
    async def away(*_):
        raise OSError("Temporary failure in name resolution")

    assert await watching.is_found("localhost")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", away)
    assert not await watching.is_found("sip.example.vn")


async def test_an_exchange_that_is_away_or_somebody_elses_is_not_guessed_about(sessions):
    await published(sessions, trunk())
    with pytest.raises(ExchangeUnavailable):
        await Watch(sessions, Console(None)).look()
    others = Watch(sessions, None)
    await others.look()

    assert others.now == {}


async def test_who_sets_the_switchboard_is_told_of_a_trunk_that_fails_and_nobody_else(sessions):
    async with sessions.begin() as session:
        session.add_all(
            User(
                id=user_id,
                username=role,
                name=role,
                password="",
                role=role,
                language="en",
                theme="system",
                active=True,
            )
            for user_id, role in ((1, "superadmin"), (2, "team_lead"))
        )
    await published(sessions, trunk())
    directory, pages, console = Directory(), Pages(), Console()
    await directory.load(sessions)
    watch = Watch(sessions, console)
    TrunkNews(directory, pages, watch)

    await watch.look()
    console.said = SILENT
    await watch.look()
    await watch.look()

    assert [user_id for user_id, _ in pages.told] == [1, 1]
    assert [(each["kind"], each["bad"]) for _, [each] in pages.told] == [
        ("registered", False),
        ("silent", True),
    ]
    assert pages.also[0](1) == {"trunks": pages.told[-1][1]}
    assert pages.also[0](2) == {"trunks": []}
