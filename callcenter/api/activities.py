"""Activities: what was done with a customer besides calls."""

from aiohttp import web

from callcenter.activities import queries
from callcenter.activities.forms import ActivityForm
from callcenter.api.table import table
from callcenter.api.types import ActivityItem, NewActivity, PersonRef
from callcenter.customers.queries import one_customer
from callcenter.errors import Missing
from callcenter.keys import SESSIONS
from callcenter.people.permissions import Permission
from callcenter.people.session import signed_in


@table.endpoint(
    "POST",
    "/customers/{customer_id}/activities",
    "Note what was done with a customer",
    ActivityItem,
    status=201,
    body=NewActivity,
    errors=(Missing,),
    needs=Permission.CUSTOMERS,
)
async def add_activity(request: web.Request, new: NewActivity) -> ActivityItem:
    who, customer_id = signed_in(request), int(request.match_info["customer_id"])
    form = ActivityForm(new.name.strip(), new.description.strip(), new.type_id, new.at, new.minutes)
    async with request.app[SESSIONS]() as session:
        customer = await one_customer(session, who.scope, customer_id)
        activity = await queries.add(session, customer.id, who.user.id, form)
        names = {item.id: item.name for item in await queries.types(session)}
        await session.commit()
    return ActivityItem(
        id=activity.id,
        customer_id=customer.id,
        name=activity.name,
        type_id=activity.type_id,
        type=names[activity.type_id],
        description=activity.description,
        user=PersonRef(id=who.user.id, name=who.user.name),
        at=activity.at,
        minutes=activity.minutes,
        created_at=activity.created_at,
    )
