"""An import without pages: a file's rows, and the jobs that check, run and undo it, in process."""

import os
from datetime import UTC, datetime

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.customers.models import Customer
from callcenter.imports.check import check
from callcenter.imports.models import Import, ImportRow, State
from callcenter.imports.reading import facts_of
from callcenter.imports.run import run
from callcenter.imports.stored import write_rows
from callcenter.imports.undo import undo
from callcenter.jobs.work import Cancelled, Order, Work
from callcenter.people.models import Department, User
from callcenter.sheets.tables import Row, Sheet


class Interrupted(Work):
    """A job that is stopped after so many looks at whether it should stop."""

    def __init__(self, order, engine, report, looks):
        super().__init__(order, engine, report)
        self.looks = looks

    def check(self):
        self.looks -= 1
        if self.looks < 0:
            raise Cancelled


class Workshop:
    def __init__(self, engine, folder):
        self.engine, self.home = engine, folder
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)

    async def open(self):
        async with self.sessions.begin() as session:
            session.add(Department(id=1, name="Sales"))
            await session.flush()
            for user_id, name, role in ((1, "root", "superadmin"), (2, "mara", "agent")):
                session.add(
                    User(
                        id=user_id,
                        username=name,
                        name=name.title(),
                        password="!",
                        role=role,
                        department_id=1 if role == "agent" else None,
                    )
                )

    async def file(self, headings, rows, mapping, **choices):
        """An import of these rows, its columns matched and its choices made: the id."""
        sheet = Sheet(
            kind="csv",
            headings=headings,
            heading_row=1,
            rows=[Row(number, list(texts)) for number, texts in enumerate(rows, 2)],
            empty_rows=0,
        )
        async with self.sessions.begin() as session:
            made = Import(
                user_id=1,
                file_name="khach.csv",
                size=1,
                sha256="",
                headings_key="",
                state=State.CHOSEN,
                sheet=msgspec.to_builtins(facts_of(sheet)),
                has_headings=True,
                mapping=mapping,
                choices=choices,
                created_at=datetime.now(UTC),
            )
            session.add(made)
            await session.flush()
            folder = self.folder(made.id)
            folder.mkdir(parents=True)
            write_rows(folder, [Row(1, headings), *sheet.rows])
            return made.id

    def folder(self, import_id):
        return self.home / str(import_id)

    async def check(self, import_id, looks=10**9):
        await self._does(check, import_id, looks)

    async def run(self, import_id, looks=10**9):
        """True when it came to the end."""
        async with self.sessions.begin() as session:
            await session.execute(
                update(Import)
                .where(Import.id == import_id, Import.state != State.DONE)
                .values(state=State.RUNNING)
            )
        try:
            await self._does(run, import_id, looks)
        except Cancelled:
            return False
        return True

    async def undo(self, import_id):
        await self._does(undo, import_id)

    async def _does(self, function, import_id, looks=10**9):
        report = os.open(os.devnull, os.O_WRONLY)
        order = Order(
            job_id=1,
            run="",
            params={"import_id": import_id, "folder": str(self.folder(import_id))},
            attempt=1,
            database_url="",
            folder=str(self.home),
            memory_mb=0,
        )
        try:
            await function(Interrupted(order, self.engine, report, looks))
        finally:
            os.close(report)

    async def made(self, import_id):
        async with self.sessions() as session:
            return await session.get(Import, import_id)

    async def customers(self, import_id):
        async with self.sessions() as session:
            return list(
                await session.scalars(select(Customer).where(Customer.import_id == import_id))
            )

    async def refused(self, import_id):
        """Numbers of the rows that are no customers."""
        async with self.sessions() as session:
            return list(
                await session.scalars(
                    select(ImportRow.number).where(ImportRow.import_id == import_id)
                )
            )

    async def count(self):
        async with self.sessions() as session:
            return await session.scalar(select(func.count()).select_from(Customer))
