"""What the tests of administration do again and again."""

import re
from datetime import UTC, datetime

from sqlalchemy import select

from callcenter.customers.models import Customer
from callcenter.people.models import AuditEntry, User
from tests.pages.site import IDS

NEW = {"name": "Đỗ Thị Hoa", "username": "hoa", "role": "agent", "department": "1"}


async def user(site, username):
    async with site.sessions() as session:
        return await session.scalar(select(User).where(User.username == username))


async def adds(site, visitor, **fields):
    """(answer, the password that is shown or None)."""
    answer = await visitor.post("/team/new", NEW | fields)
    shown = re.search(r'class="secret">([^<]+)<', answer.text)
    return answer, shown and shown[1]


async def saves(site, visitor, username, **fields):
    """The account's form, sent again with those fields changed."""
    found = await user(site, username)
    form = {
        "name": found.name,
        "username": found.username,
        "role": found.role,
        "department": str(found.department_id or ""),
        "extension": found.extension or "",
        "language": found.language,
    }
    return await visitor.post(f"/team/{found.id}", form | fields)


async def customers_of(site, username, n, **values):
    now = datetime.now(UTC)
    await site.add(
        *(
            Customer(
                code=f"{username}-{i}",
                name=f"Customer {i} of {username}",
                search_key=f"customer {i}",
                owner_id=IDS[username],
                created_at=now,
                updated_at=now,
                **values,
            )
            for i in range(n)
        )
    )


async def audited(site):
    async with site.sessions() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [row.action for row in rows]


async def signs_in_anew(site, username, password, chosen="own horse 9"):
    """With a password that was given to them, in whose place they choose one of their own."""
    visitor = await site.visitor()
    await visitor.post("/sign-in", {"username": username, "password": password})
    page = await visitor.get("/me/password")
    visitor.csrf = re.search(r'name="_csrf" value="([^"]+)"', page.text)[1]
    answer = await visitor.post("/me/password", {"password": chosen, "again": chosen})
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    return visitor
