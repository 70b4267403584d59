"""People who import customers through the pages, and what can be asked about it then."""

import asyncio
import json
from io import BytesIO

from sqlalchemy import func, select

from callcenter.customers.models import Customer, CustomerPhone
from callcenter.imports.models import Import, ImportRow, RowState
from callcenter.keys import JOBS
from tests.imports.files import xlsx

HEADINGS = ["Tên khách hàng", "Số điện thoại"]


def csv(*rows, headings=HEADINGS):
    """The bytes of a CSV file."""
    return "\n".join(",".join(row) for row in (headings, *rows)).encode()


class Office:
    def __init__(self, site):
        self.site, self.sessions, self.app = site, site.sessions, site.app

    async def upload(self, visitor, content, name="khach.csv"):
        """As the page's script sends a file: the answer."""
        headers = {"Accept": "application/json", "X-CSRF-Token": visitor.csrf}
        body = BytesIO(content) if isinstance(content, bytes) else content
        async with visitor.session.post(
            "/imports", params={"name": name}, data=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text)

    async def begun(self, visitor, *rows, headings=HEADINGS, name="khach.csv"):
        """A file that was uploaded: the import's id."""
        status, said = await self.upload(visitor, csv(*rows, headings=headings), name)
        assert status == 201, said
        return int(said["address"].split("/")[2])

    async def matched(self, visitor, import_id, *fields):
        """Its columns are those fields; as they were guessed when none are given."""
        made = await self.made(import_id)
        given = fields or made.sheet["guess"]
        form = [("column", field) for field in given]
        form += [("has_headings", "on")] if made.has_headings else []
        answer = await visitor.post(f"/imports/{import_id}/columns", form)
        assert answer.status == 303, answer.text
        return import_id

    async def checked(self, visitor, import_id, **choices):
        """Where its rows go is chosen, and they were checked."""
        people = choices.pop("people", ())
        form = {"destination": "unassigned"} | choices
        fields = [*form.items(), *(("person", str(each)) for each in people)]
        answer = await visitor.post(f"/imports/{import_id}/assignment", fields)
        assert answer.status == 303, answer.text
        return await self.over(import_id)

    async def ready(self, visitor, *rows, headings=HEADINGS, **choices):
        import_id = await self.begun(visitor, *rows, headings=headings)
        await self.matched(visitor, import_id)
        await self.checked(visitor, import_id, **choices)
        return import_id

    async def imported(self, visitor, *rows, headings=HEADINGS, **choices):
        """The whole way: the import's id."""
        import_id = await self.ready(visitor, *rows, headings=headings, **choices)
        await self.runs(visitor, import_id)
        return import_id

    async def runs(self, visitor, import_id, what="run"):
        answer = await visitor.post(f"/imports/{import_id}/{what}")
        assert answer.status == 303, answer.text
        return await self.over(import_id)

    async def over(self, import_id):
        """Its job, once it is over."""
        made = await self.made(import_id)
        async with asyncio.timeout(60):
            return await self.app[JOBS].over(made.job_id)

    async def made(self, import_id):
        async with self.sessions() as session:
            return await session.get(Import, import_id)

    async def customers(self, import_id=None):
        """By name."""
        statement = select(Customer).order_by(Customer.id)
        if import_id:
            statement = statement.where(Customer.import_id == import_id)
        async with self.sessions() as session:
            return {each.name: each for each in await session.scalars(statement)}

    async def numbers(self, customer_id):
        async with self.sessions() as session:
            return list(
                await session.scalars(
                    select(CustomerPhone.raw)
                    .where(CustomerPhone.customer_id == customer_id)
                    .order_by(CustomerPhone.position)
                )
            )

    async def errors(self, import_id, state=RowState.OPEN):
        async with self.sessions() as session:
            return list(
                await session.scalars(
                    select(ImportRow)
                    .where(ImportRow.import_id == import_id, ImportRow.state == state)
                    .order_by(ImportRow.number)
                )
            )

    async def count(self):
        async with self.sessions() as session:
            return await session.scalar(select(func.count()).select_from(Customer))


def workbook(*rows, headings=HEADINGS):
    return xlsx([headings, *rows])
