"""What the command line does with the database, beside the running service or without one."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.api.tokens import make_token
from callcenter.asterisk.dialplan import write_external
from callcenter.config import ROOT, Config, database_url, home
from callcenter.db import DATABASE_ERRORS, Sessions, complaint, database
from callcenter.errors import CallcenterError, Conflict, Missing
from callcenter.migrations import migrate
from callcenter.people.models import Session, User
from callcenter.people.passwords import hashed
from callcenter.secrets import load_secrets
from callcenter.settings.demo import make_company, make_demo
from callcenter.settings.demo_many import add_customers
from callcenter.staffing.counting import recount
from callcenter.staffing.first_calls import count_again
from callcenter.sums import check
from callcenter.switchboard.calendar import calendar_of
from callcenter.switchboard.versions import live


def carry_out(job: Coroutine[Any, Any, int]) -> int:
    """Run one of the words below; its exit status. What goes wrong is said in a sentence."""
    try:
        return asyncio.run(job)
    except (CallcenterError, OSError) as error:
        sys.stderr.write(f"{error}\n")
    except DATABASE_ERRORS as error:
        sys.stderr.write(f"{complaint(error)}\n")
    return 1


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


async def migrate_database(config: Config) -> int:
    async with _paper(config):
        say("The database is at this version.")
    return 0


async def init(config: Config, arguments: argparse.Namespace) -> int:
    """One superadmin, one department, one queue; only in an empty database."""
    async with _paper(config) as (engine, sessions):
        async with sessions() as session:
            if await session.scalar(select(func.count()).select_from(User)):
                raise Conflict("There is a company in this database already.")
        account = await make_company(
            engine,
            arguments.company,
            arguments.username,
            name=arguments.name or arguments.username,
            number=arguments.number,
        )
    say(f"{arguments.company}: sign in as {account.username} with {account.password}")
    say("The password is shown this once; `callcenter password` makes another one.")
    return 0


async def new_password(config: Config, username: str) -> int:
    """A new password, printed once; all sessions of that user end."""
    async with _paper(config) as (_, sessions), sessions.begin() as session:
        user = await session.scalar(select(User).where(User.username == username.lower()))
        if user is None:
            raise Missing("There is no user {name}.", name=username)
        password = secrets.token_urlsafe(12)
        user.password = await hashed(password)
        await session.execute(delete(Session).where(Session.user_id == user.id))
    say(f"{username}: {password}")
    return 0


async def token(config: Config, arguments: argparse.Namespace) -> int:
    async with _paper(config) as (_, sessions):
        say(await make_token(sessions, arguments.username, arguments.name, arguments.days))
    return 0


async def rebuild_reports(config: Config) -> int:
    """Beside the running service or without one: nobody waits for longer than a day's sums take."""
    async with _paper(config) as (engine, sessions):
        say(f"Summed up {await check.anew(engine, sessions, config.zone)} calls.")
        await count_again(sessions, config.zone)
        say(f"Summed up {await recount(sessions, config.zone)} changes of agents' states.")
        found = await check.compared(engine, sessions, config.zone)
    if found.differences:
        say(f"{found.differences} sums still differ from their calls: please report this.")
    return int(found.differences > 0)


async def write_dialplan(config: Config, out: Path) -> int:
    async with _paper(config) as (_, sessions), sessions() as session:
        plan = (await live(session)).plan
    calendar = calendar_of(plan, config.zone, datetime.now(config.zone).date())
    written = write_external(config.asterisk, load_secrets(home()), plan, out, calendar=calendar)
    say(f"Written; {written[0]} says what to include where:")
    for path in written:
        say(f"  {path}")
    say("What is published takes effect once callcenter-*.conf are in the exchange's /etc/asterisk")
    say('and it has read them: asterisk -rx "core reload"')
    return 0


async def more_customers(config: Config, count: int) -> int:
    """Beside the running service or without one; an empty database becomes the demo first."""
    if not config.demo.on:
        raise Conflict("Customers can be made up in the demo only.")
    async with _paper(config) as (engine, _):
        accounts = await make_demo(
            engine, config.zone, ROOT / config.recordings.folder, tell=say, recordings=0
        )
        for account in accounts:
            say(f"  {account.username:10} {account.password:32} {account.name}, {account.what}")
        say(f"The company has {await add_customers(engine, count, say):,} customers now.")
    return 0


@asynccontextmanager
async def _paper(config: Config) -> AsyncIterator[tuple[AsyncEngine, Sessions]]:
    home().mkdir(parents=True, exist_ok=True)
    async with database(database_url(config)) as (engine, sessions):
        await migrate(engine)
        yield engine, sessions
