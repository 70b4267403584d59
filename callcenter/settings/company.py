"""The company's own values."""

import re
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, Invalid
from callcenter.settings.models import Queue, Setting

LONGEST_NAME = 100
LONGEST = {"address": 300, "phone": 64, "email": 200, "tax_code": 32, "website": 200}
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """`caller_id` is the number customers see when we call; calls to a number of ours that leads
    nowhere go to `default_queue`, or are refused. The rest stands on reports [15.17]."""

    name: str
    caller_id: str = ""
    default_queue: str | None = None
    address: str = ""
    phone: str = ""
    email: str = ""
    tax_code: str = ""
    website: str = ""


async def company(session: AsyncSession) -> Company:
    """As saved; an empty one before the first time."""
    rows = await session.execute(select(Setting.name, Setting.value))
    values: dict[str, str] = {row.name: row.value for row in rows}
    return Company(
        name=values.get("company", ""),
        caller_id=values.get("caller_id", ""),
        default_queue=values.get("default_queue") or None,
        **{name: values.get(f"company_{name}", "") for name in LONGEST},
    )


def company_problems(new: Company) -> dict[str, Invalid]:
    """What must be put right, by field: "company" is the name's."""
    found: dict[str, Invalid] = {}
    if not new.name or len(new.name) > LONGEST_NAME:
        sentence = N_("A company has a name of at most {longest} letters.")
        found["company"] = Invalid(sentence, field="company", longest=LONGEST_NAME)
    for name, longest in LONGEST.items():
        if len(getattr(new, name)) > longest:
            found[name] = Invalid(N_("Too long: {n} letters at most."), field=name, n=longest)
    if new.email and not is_email(new.email):
        found["email"] = Invalid(N_("This is not an email address."), field="email")
    if new.website and not re.fullmatch(r"https?://[^\s<>\"]+", new.website):
        found["website"] = Invalid(
            N_("A website begins with https:// or http://."), field="website"
        )
    return found


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


async def save_company(session: AsyncSession, new: Company) -> None:
    """Save it, without committing. Raises Invalid in words."""
    new = replace(new, name=" ".join(new.name.split()))
    for problem in company_problems(new).values():
        raise problem
    if new.default_queue and await session.get(Queue, new.default_queue) is None:
        raise Invalid(
            N_("There is no queue {value}."), field="default_queue", value=new.default_queue
        )
    values = {
        "company": new.name,
        "caller_id": new.caller_id,
        "default_queue": new.default_queue or "",
        **{f"company_{name}": getattr(new, name) for name in LONGEST},
    }
    for key, value in values.items():
        await session.merge(Setting(name=key, value=value))
