"""Everything that lives as long as the application: the inventory, and views' way to it."""

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:  # the keys are needed by rooms that the types themselves come from
    from sqlalchemy.ext.asyncio import AsyncEngine

    from callcenter.agents.comparison import Comparison
    from callcenter.agents.presence import Presence
    from callcenter.archive.erasing import Eraser
    from callcenter.asterisk.backfill import BackFill
    from callcenter.asterisk.link import Link
    from callcenter.callbacks.inbox import Inbox
    from callcenter.callbacks.kept import KeptPlaces
    from callcenter.calls.board import Board
    from callcenter.calls.journal import Journal
    from callcenter.carrier.carrier import Carrier
    from callcenter.config import Config
    from callcenter.customers.cards import Cards
    from callcenter.db import Sessions
    from callcenter.dialling.gate import Gate
    from callcenter.explain.ear import Ear
    from callcenter.jobs.runner import Jobs
    from callcenter.listening.listenings import Listenings
    from callcenter.live.alarm_log import AlarmLog
    from callcenter.live.messages import Messages
    from callcenter.live.team import Team
    from callcenter.pages.templates import Templates
    from callcenter.people.directory import Directory
    from callcenter.phone.phones import Phones
    from callcenter.phone.rescue import Rescue
    from callcenter.phone.what_rings import WhatRings
    from callcenter.popups.desk import Desk
    from callcenter.prompts.shelf import Shelf
    from callcenter.reconciler.reconciler import Reconciler
    from callcenter.recordings.library import Library
    from callcenter.report_mail.postman import Postman
    from callcenter.routing.owner_first import OwnerFirst
    from callcenter.secrets import Secrets
    from callcenter.settings.parameters import Current
    from callcenter.staffing.rings import Rings
    from callcenter.sums.keeper import Keeper
    from callcenter.switchboard.exchange import Switch
    from callcenter.tasks import Group
    from callcenter.trunks.watch import Watch
    from callcenter.wrap_up.unfinished import Debts

CONFIG: "web.AppKey[Config]" = web.AppKey("CONFIG")
SECRETS: "web.AppKey[Secrets]" = web.AppKey("SECRETS")
ENGINE: "web.AppKey[AsyncEngine]" = web.AppKey("ENGINE")
SESSIONS: "web.AppKey[Sessions]" = web.AppKey("SESSIONS")
GROUP: "web.AppKey[Group]" = web.AppKey("GROUP")  # short jobs that end with the application
DIRECTORY: "web.AppKey[Directory]" = web.AppKey("DIRECTORY")  # who has which extension
PARAMETERS: "web.AppKey[Current]" = web.AppKey("PARAMETERS")  # the company's, as saved
GATE: "web.AppKey[Gate]" = web.AppKey("GATE")  # who may call which number outside
OWNER_FIRST: "web.AppKey[OwnerFirst]" = web.AppKey("OWNER_FIRST")  # whom a new call rings
CARDS: "web.AppKey[Cards]" = web.AppKey("CARDS")  # number -> customer, quickly
BOARD: "web.AppKey[Board]" = web.AppKey("BOARD")  # the calls alive now
JOURNAL: "web.AppKey[Journal]" = web.AppKey("JOURNAL")  # writes calls down
DEBTS: "web.AppKey[Debts]" = web.AppKey("DEBTS")  # calls whose outcome is not chosen yet
VAIN_RINGS: "web.AppKey[Rings]" = web.AppKey("VAIN_RINGS")  # writes down phones nobody picked up
DESK: "web.AppKey[Desk]" = web.AppKey("DESK")  # open pages
PRESENCE: "web.AppKey[Presence]" = web.AppKey("PRESENCE")  # agents' states
EAR: "web.AppKey[Ear]" = web.AppKey("EAR")  # notes why calls ring where they do
ALARM_LOG: "web.AppKey[AlarmLog]" = web.AppKey("ALARM_LOG")  # what was wrong, written down
TEAM: "web.AppKey[Team]" = web.AppKey("TEAM")  # told live to those who lead it, and to walls
MESSAGES: "web.AppKey[Messages]" = web.AppKey("MESSAGES")  # what leads said, until it is read
LISTENINGS: "web.AppKey[Listenings]" = web.AppKey("LISTENINGS")  # leads in calls of their people
COMPARISON: "web.AppKey[Comparison]" = web.AppKey("COMPARISON")  # with the exchange
PHONES: "web.AppKey[Phones]" = web.AppKey("PHONES")  # pages' phones, passed on to the exchange
WHAT_RINGS: "web.AppKey[WhatRings]" = web.AppKey("WHAT_RINGS")  # the page or a desk phone
RESCUE: "web.AppKey[Rescue]" = web.AppKey("RESCUE")  # customers whose agent's phone has gone
SUMS: "web.AppKey[Keeper]" = web.AppKey("SUMS")  # compares what reports add up with the calls
SWITCH: "web.AppKey[Switch]" = web.AppKey("SWITCH")  # with an exchange of our own only
LINK: "web.AppKey[Link]" = web.AppKey("LINK")  # the AMI connection
BACK_FILL: "web.AppKey[BackFill]" = web.AppKey("BACK_FILL")  # calls that nobody heard
TRUNKS: "web.AppKey[Watch]" = web.AppKey("TRUNKS")  # how the providers are
LIBRARY: "web.AppKey[Library]" = web.AppKey("LIBRARY")  # recordings
ERASER: "web.AppKey[Eraser]" = web.AppKey("ERASER")  # of recordings
RECONCILER: "web.AppKey[Reconciler]" = web.AppKey("RECONCILER")  # whether they are all there
PROMPTS: "web.AppKey[Shelf]" = web.AppKey("PROMPTS")  # what callers hear of us
INBOX: "web.AppKey[Inbox]" = web.AppKey("INBOX")  # missed calls and callbacks
KEPT: "web.AppKey[KeptPlaces]" = web.AppKey("KEPT")  # of callers who hung up and are called back
JOBS: "web.AppKey[Jobs]" = web.AppKey("JOBS")  # long work, in processes of its own
POSTMAN: "web.AppKey[Postman]" = web.AppKey("POSTMAN")  # sends reports when they are due
TEMPLATES: "web.AppKey[Templates]" = web.AppKey("TEMPLATES")
CARRIER: "web.AppKey[Carrier | None]" = web.AppKey("CARRIER")  # only with the demo
