"""Schedules of reports, a postman whose clock a test sets, and a real SMTP server."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from callcenter.jobs.models import Job
from callcenter.jobs.models import State as JobState
from callcenter.keys import DIRECTORY, JOBS, TEMPLATES
from callcenter.mail.server import MailServer, Tls, keep_server
from callcenter.people.models import GroupPermission, PermissionGroup, User, UserGroup
from callcenter.people.permissions import Permission, Reach
from callcenter.report_files.models import ReportView
from callcenter.report_files.work import path_of
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail
from callcenter.report_mail.postman import Postman
from tests.mail.smtp import MailHouse
from tests.pages.site import CAST, IDS, password_hash, site

__all__ = ["password_hash", "site"]

MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # half past seven in Saigon
LATER = datetime(2100, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Office:
    """The site with mail. `now` is the postman's clock; `told` whose pages heard of a letter."""

    def __init__(self, site, house):
        self.site, self.house, self.box = site, house, house.box
        self.sessions = site.sessions
        self.now, self.told = MONDAY - MINUTE, []
        self.postman = None
        self.restarts()

    def restarts(self):
        """The service ends where it stands, and another one begins."""
        app = self.site.app
        self.postman = Postman(
            self.sessions,
            app[DIRECTORY],
            app[JOBS],
            app[TEMPLATES],
            tell=lambda user_id, message: self.told.append((user_id, message["href"])),
            now=lambda: self.now,
        )

    async def server(self, **values):
        server = MailServer(
            **{
                **{"host": "127.0.0.1", "port": self.house.port, "tls": Tls.NONE},
                **{"sender": "baocao@phat.vn", "sender_name": "An Phát", **values},
            }
        )
        async with self.sessions.begin() as session:
            await keep_server(session, server)

    async def mail(self, who="root", people=("root",), name="Của tôi", **values):
        """A schedule: each day at half past seven, of yesterday's calls."""
        view = ReportView(
            user_id=IDS[who],
            name=name,
            report="calls",
            asked="",
            span="yesterday",
            used_at=MONDAY,
        )
        await self.site.add(view)
        mail = ReportMail(
            **{
                **{"user_id": IDS[who], "view_id": view.id, "every": "day", "minute": 450},
                **{"format": "csv", "language": "vi", "created_at": MONDAY - DAY},
                **{"next_at": MONDAY, "people": ",".join(str(IDS[each]) for each in people)},
                **values,
            }
        )
        return await self.site.add(mail)

    async def look(self):
        """The postman looks, as jobs have become that are under way; then once more."""
        await self.postman.round()
        await self._jobs_are_done()
        return await self.postman.round()

    async def at(self, now):
        self.now = now
        return await self.look()

    async def _jobs_are_done(self):
        async with self.sessions.begin() as session:
            for job in await session.scalars(select(Job).where(Job.state == JobState.WAITING)):
                path = path_of(self.site.app[JOBS].folder(job.id), job.params["format"])
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("Ngày;Cuộc gọi\n")
                job.state = JobState.DONE
                name = f"Báo cáo cuộc gọi {job.params['asked'][-10:]}.csv"
                job.result = {"rows": 1, "size": path.stat().st_size, "name": name}

    async def rows(self, what):
        async with self.sessions() as session:
            return (await session.scalars(select(what).order_by(what.id))).all()

    async def sets(self, what, **values):
        """In all rows of that table."""
        async with self.sessions.begin() as session:
            await session.execute(update(what).values(**values))

    async def copies(self):
        """(address, state) of each."""
        return [(each.address, each.state) for each in await self.rows(ReportCopy)]

    async def problems(self):
        return [each.problem.get("text", "") for each in await self.rows(ReportLetter)]

    def arrived(self):
        return [to for to, _ in self.box.letters]

    async def changes(self, who, **values):
        """Somebody's account, or with `group` what a permission group gives them."""
        async with self.sessions.begin() as session:
            await session.execute(update(User).where(User.id == IDS[who]).values(**values))
        await self.site.app[DIRECTORY].load(self.sessions)

    async def may_export(self, who):
        async with self.sessions.begin() as session:
            session.add(PermissionGroup(id=7, name="Exporters"))
            await session.flush()
            session.add(
                GroupPermission(group_id=7, permission=Permission.EXPORT, reach=Reach.DEPARTMENT)
            )
            session.add(UserGroup(user_id=IDS[who], group_id=7))
        await self.site.app[DIRECTORY].load(self.sessions)

    async def may_not_export(self, who):
        async with self.sessions.begin() as session:
            mine = await session.get_one(UserGroup, (IDS[who], 7))
            await session.delete(mine)
        await self.site.app[DIRECTORY].load(self.sessions)


@pytest.fixture
async def office(site, tmp_path):
    async with site.sessions.begin() as session:
        for who in CAST:
            email = "" if who == "jon" else f"{who}@phat.vn"
            mine = update(User).where(User.id == IDS[who])
            await session.execute(mine.values(email=email))
    with MailHouse(tmp_path) as house:
        office = Office(site, house)
        await office.server()
        yield office
