"""What a company asks of every customer's file: fields that must be filled [2.11], and fields
that no two customers may share [2.10]."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.customers.fields import FIELDS
from callcenter.errors import N_, Invalid
from callcenter.settings.queries import keep_value, value

ALWAYS: Final = frozenset({"name", "phone"})  # required whatever is ticked
MAY_BE_REQUIRED: Final = frozenset(each.name for each in FIELDS.values() if each.may_be_required)
MAY_BE_UNIQUE: Final = frozenset(each.name for each in FIELDS.values() if each.may_be_unique)

_REQUIRED, _UNIQUE = "required_fields", "duplicate_fields"  # rows of `settings`
_NONE = "-"  # nothing ticked: an empty row would be taken for one that was never saved


@dataclass(frozen=True, slots=True)
class Policy:
    """Names of customers.fields.FIELDS. `required` always has name and phone."""

    required: frozenset[str] = ALWAYS
    duplicate: frozenset[str] = frozenset({"phone"})


async def policy(session: AsyncSession) -> Policy:
    """As saved; names that are fields no more are left out."""
    required, unique = await value(session, _REQUIRED), await value(session, _UNIQUE)
    return Policy(
        required=ALWAYS | (_read(required) & MAY_BE_REQUIRED),
        duplicate=_read(unique) & MAY_BE_UNIQUE if unique else Policy().duplicate,
    )


async def save_policy(session: AsyncSession, new: Policy) -> None:
    """Keep it, without committing. Raises Invalid for a field that cannot be ticked there."""
    if new.required - MAY_BE_REQUIRED:
        raise Invalid(N_("This field cannot be required."), field="required")
    if new.duplicate - MAY_BE_UNIQUE:
        raise Invalid(N_("Duplicates are not looked for in this field."), field="duplicate")
    await keep_value(session, _REQUIRED, _written(new.required | ALWAYS))
    await keep_value(session, _UNIQUE, _written(new.duplicate))


def _read(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


def _written(names: Iterable[str]) -> str:
    return ",".join(sorted(names)) or _NONE
