"""`callcenter run`: one service an installation, from its lock to the last process ended."""

import asyncio
import fcntl
import gc
import logging
import os
import resource
import signal
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from callcenter import app as application
from callcenter.config import Config, home
from callcenter.db import DATABASE_ERRORS, complaint
from callcenter.errors import CallcenterError
from callcenter.keys import DIRECTORY
from callcenter.priority import comes_first
from callcenter.settings.demo import Account

log = logging.getLogger(__name__)
GRACE = 10  # seconds for pages and calls in progress to be told


def serve(config: Config) -> int:
    """Run the service until it is asked to stop. The exit status."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    _log_to(folder / "callcenter.log")
    _raise_file_limit()
    with _only_one(folder / "run.lock") as free:
        if not free:
            sys.stderr.write(f"The call center already runs: {address(config)}. Left alone.\n")
            return 0
        return asyncio.run(_serve(config))


def address(config: Config) -> str:
    """Where a person on this machine finds the pages."""
    scheme = "https" if config.web.certificate else "http"
    host = "127.0.0.1" if config.web.host in ("0.0.0.0", "::") else config.web.host
    return f"{scheme}://{host}:{config.web.port}"


async def _serve(config: Config) -> int:
    comes_first()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        loop.add_signal_handler(number, stop.set)
    app = application.build(config)
    try:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE)
        try:
            await runner.setup()
            gc.collect()
            gc.freeze()  # what is built now stays: no need to look through it again and again
            await web.TCPSite(
                runner, config.web.host, config.web.port, ssl_context=_tls(config)
            ).start()
            people = app[DIRECTORY].people()
            _say_where(config, app[application.ACCOUNTS], anybody=bool(people))
            await stop.wait()
            sys.stdout.write("\nStopping …\n")
        finally:
            await runner.cleanup()
    except (CallcenterError, *DATABASE_ERRORS) as error:
        why = str(error) if isinstance(error, CallcenterError | OSError) else complaint(error)
        log.error("could not start: %s", why)
        accounts = app.get(application.ACCOUNTS, [])  # there is no other time to see them
        sys.stdout.write("\n".join([*_accounts(accounts), ""]))
        sys.stderr.write(f"The call center could not start. {why}\n")
        sys.stderr.write("`callcenter doctor` looks for the reason.\n")
        return 1
    return 0


def _say_where(config: Config, accounts: list[Account], anybody: bool) -> None:
    lines = [f"The call center is ready: {address(config)}"]
    if accounts:
        lines += _accounts(accounts)
    elif not anybody:
        lines += ["Nobody can sign in yet: `callcenter init COMPANY USERNAME` makes a superadmin."]
    elif config.demo.on:
        lines += ["The accounts were shown at the first start; `callcenter password NAME` helps."]
    lines += ["Ctrl+C stops everything.", ""]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()


def _accounts(accounts: list[Account]) -> list[str]:
    if not accounts:
        return []
    lines = [f"  {a.username:12} {a.password:24} {a.name}, {a.what}" for a in accounts]
    return ["", "Accounts of the demo company (shown once; kept in nobody's log):", *lines]


@contextmanager
def _only_one(path: Path) -> Iterator[bool]:
    """True inside when no other service holds this folder; the kernel lets go when we die."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _raise_file_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # a socket a page, files a call


def _tls(config: Config) -> ssl.SSLContext | None:
    if not config.web.certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(config.web.certificate, config.web.key)
    return context


def _log_to(path: Path) -> None:
    logging.basicConfig(
        filename=path,
        level=os.environ.get("CALLCENTER_LOG", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    errors = logging.StreamHandler()  # a person at the terminal sees what needs them
    errors.setLevel(logging.ERROR)
    errors.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger().addHandler(errors)
