"""By which channel one interacts: calls in, calls out, and each type of activity."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.calls.call import Direction
from callcenter.care.models import ACTIVITY
from callcenter.catalogues.models import Catalogue
from callcenter.catalogues.queries import items
from callcenter.errors import N_


@dataclass(frozen=True, slots=True)
class Channel:
    """`key`: Interaction's channel and type_id. `title` is a sentence of ours or (not
    `is_message`) the type's name. `query`: what narrows reports to it, as in an address."""

    key: tuple[str, int | None]
    title: str
    is_message: bool
    query: Mapping[str, str]
    offered: bool = True  # False: a type that was put away

    @property
    def value(self) -> str:
        """What the form of a report calls it (care.views.asked_of)."""
        return self.query["direction"] or self.query["type"]


CALLS = tuple(
    Channel((way.value, None), title, True, {"direction": way.value, "type": ""})
    for way, title in (
        (Direction.INBOUND, N_("Incoming calls")),
        (Direction.OUTBOUND, N_("Outgoing calls")),
    )
)


async def channels(session: AsyncSession) -> list[Channel]:
    """Calls first, then all types of activity in their order; those put away too."""
    types = await items(session, Catalogue.ACTIVITY_TYPE, put_away=True)
    return [
        *CALLS,
        *(
            Channel(
                (ACTIVITY, item.id),
                item.name,
                False,
                {"direction": "", "type": str(item.id)},
                item.active,
            )
            for item in types
        ),
    ]
