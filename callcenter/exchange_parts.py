"""What our own exchange is told: of a plan, and of another year."""

import logging
from datetime import datetime

from aiohttp import web

from callcenter.asterisk.dialplan import Ports, render_exchange
from callcenter.asterisk.layout import own_sounds
from callcenter.asterisk.ways import Sounds
from callcenter.carrier.demo import carrier_ports
from callcenter.config import home
from callcenter.db import Sessions
from callcenter.errors import ExchangeUnavailable
from callcenter.jobs.daily import Daily
from callcenter.keys import CONFIG, SECRETS, SWITCH
from callcenter.switchboard.calendar import calendar_of
from callcenter.switchboard.plan import Plan
from callcenter.switchboard.versions import live

log = logging.getLogger(__name__)


def exchange_files(app: web.Application, plan: Plan) -> dict[str, str]:
    """What our own exchange is told of a plan: name of a file -> text. Raises Invalid."""
    config = app[CONFIG]
    return render_exchange(
        config=config.asterisk,
        ports=Ports.from_first(config.asterisk.port),
        secrets=app[SECRETS],
        plan=plan,
        sounds=Sounds(path=str(own_sounds(home() / "exchange"))),
        carrier=f"127.0.0.1:{carrier_ports(config).sip}",
        calendar=calendar_of(plan, config.zone, datetime.now(config.zone).date()),
    )


def keep_holidays(app: web.Application) -> Daily:
    """The errand that tells our exchange of another year: holidays are dates there."""

    async def keep(sessions: Sessions) -> None:
        if switch := app.get(SWITCH):
            async with switch.lock:
                async with sessions() as session:
                    plan = (await live(session)).plan
                try:
                    await switch.take(plan)
                except ExchangeUnavailable as error:
                    log.error("holidays of another year: %s", error)

    return keep
