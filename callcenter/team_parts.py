"""Parts of the application that show a team to its leads; app.py says when each is built."""

from datetime import datetime

from aiohttp import web

from callcenter.customers.cards import Cards, Miss
from callcenter.db import Sessions
from callcenter.jobs.daily import Daily
from callcenter.keys import (
    ALARM_LOG,
    BOARD,
    CARDS,
    COMPARISON,
    CONFIG,
    DESK,
    DIRECTORY,
    GROUP,
    JOURNAL,
    KEPT,
    LISTENINGS,
    PARAMETERS,
    PRESENCE,
    SESSIONS,
    TEAM,
)
from callcenter.listening.listenings import Listenings
from callcenter.listening.log import Log
from callcenter.live.alarm_log import AlarmLog
from callcenter.live.alarm_news import AlarmNews
from callcenter.live.drawing import Drawing
from callcenter.live.lines import House, LeadLine
from callcenter.live.messages import Messages
from callcenter.live.rules import CurrentRules
from callcenter.live.sight import Sight
from callcenter.live.team import Team
from callcenter.live.today import Day
from callcenter.popups.team_news import TeamNews
from callcenter.staffing.counting import catch_up, count_rings, count_states
from callcenter.staffing.first_calls import count_days
from callcenter.staffing.rings import Rings


def team(app: web.Application) -> Team:
    """What leads and walls are shown. It hears agents, rows of calls, customers; the board too."""
    directory, presence, cards, zone = app[DIRECTORY], app[PRESENCE], app[CARDS], app[CONFIG].zone
    rules = CurrentRules()

    def house(sight: Sight) -> House:
        people = (directory.known(each.user_id or 0) for each in app[COMPARISON].open)
        seen = [each for each in people if sight.everything or (each and sight.person(each))]
        there = bool(presence.exchange and presence.exchange.connected)
        return House(exchange=there, out_of_step=0 if sight.wall else len(seen))

    day = Day(zone, today=lambda: datetime.now(zone).date())
    drawing = Drawing(directory, presence, day, rules, lambda number: customer_of(cards, number))
    drawing.leads_of = lambda call_id: leads_of(app, call_id)
    drawing.kept_in = lambda queue: app[KEPT].count(queue)
    found = Team(directory, drawing, day, rules, app[BOARD], house)
    found.sure = lambda: bool(presence.exchange and presence.exchange.connected)
    presence.listeners.append(found.agent_changed)
    app[JOURNAL].listeners.append(found.written)
    cards.listeners.append(lambda keys: found.customers_changed())
    app[KEPT].listeners.append(found.queue_changed)
    AlarmNews(directory, app[DESK], found)
    app[ALARM_LOG] = AlarmLog(app[SESSIONS], found.alerts)
    found.alarms_changed.append(app[ALARM_LOG].note)
    return found


def vain_rings(app: web.Application) -> Rings:
    """Who did not pick up. From here on agents' states and such rings are summed by the day."""
    sessions, zone = app[SESSIONS], app[CONFIG].zone
    found = Rings(sessions, app[DIRECTORY])
    found.diary.also = lambda session: count_rings(session, zone)
    app[PRESENCE].roll.diary.also = lambda session: count_states(session, zone)
    app[GROUP].start(catch_up(sessions, zone), name="agents' time")
    return found


def count_first_calls(app: web.Application) -> Daily:
    """The errand that sums what became of callers, a week after their calls."""
    zone = app[CONFIG].zone

    async def count(sessions: Sessions) -> None:
        await count_days(sessions, zone, datetime.now(zone).date())

    return count


def listenings(app: web.Application) -> Listenings:
    """Leads who are in calls. It hears the board, the link and pages that go; boards show it."""
    found = Listenings(
        app[BOARD],
        app[DIRECTORY],
        Log(app[SESSIONS]),
        may_call=app[PRESENCE].may_place,
        tell=app[DESK].tell,
        told=lambda: bool(app[PARAMETERS].now.listening_told),
    )
    app[DESK].also.append(found.state)
    app[DESK].moved.append(found.ends.page_moved)
    found.ends.has_page = app[DESK].has_page
    found.changed.append(app[TEAM].call_changed)
    return found


def leads_of(app: web.Application, call_id: str) -> tuple[LeadLine, ...]:
    if LISTENINGS not in app:  # a board without an exchange
        return ()
    return tuple(
        LeadLine(id=each.lead.id, name=each.lead.name, way=each.way)
        for each in app[LISTENINGS].of_call(call_id)
        if each.where != "calling"
    )


def messages(app: web.Application) -> Messages:
    found = Messages(app[SESSIONS], app[DIRECTORY], app[DESK].tell)
    app[DESK].also.append(found.state)
    return found


def customer_of(cards: Cards, number: str | None) -> tuple[int, str] | None:
    """The id and the name of whose number it is (0, "" for nobody's); None: not in memory."""
    card = cards.peek(number)
    if isinstance(card, Miss):
        return None
    if card is None:
        return 0, ""
    return card.customer_id, f"{card.contact} · {card.name}" if card.contact else card.name


def team_news(app: web.Application) -> TeamNews:
    return TeamNews(app[DIRECTORY], app[DESK], app[PRESENCE].lines, app[COMPARISON])
