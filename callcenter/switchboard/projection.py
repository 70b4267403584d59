"""Queues and numbers of the live plan, as rows: other rooms read them, other tables name them."""

from collections.abc import Iterator

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.settings.models import Did, Queue, QueueSkill
from callcenter.settings.queries import keep_value
from callcenter.switchboard.plan import Kind, Plan, Way
from callcenter.switchboard.ways import legs, parts_with_ways, way_to


async def project(session: AsyncSession, plan: Plan) -> None:
    """Bring the rows in line with the plan, without committing. What else a queue's row says (the
    time after its calls) is left; of a queue that is gone, too, nothing is left."""
    rows = {row.name: row for row in await session.scalars(select(Queue))}
    for each in plan.queues:
        row = rows.get(each.name) or Queue(name=each.name, title=each.title)
        row.title, row.department_id = each.title, each.department_id
        row.service_level_s = each.service_level_s or None
        session.add(row)
    await session.flush()
    await session.execute(delete(Did))
    await session.execute(delete(QueueSkill))
    await session.flush()
    session.add_all(
        Did(number=number.number, queue=queue)
        for number in plan.numbers
        if (queue := first_queue(plan, number.way))
    )
    session.add_all(
        QueueSkill(queue=each.name, skill_id=skill) for each in plan.queues for skill in each.skills
    )
    gone = rows.keys() - {each.name for each in plan.queues}
    await session.flush()
    await session.execute(delete(Queue).where(Queue.name.in_(gone)))
    default = plan.default.name if plan.default.kind is Kind.QUEUE else ""
    await keep_value(session, "caller_id", plan.caller_id)
    await keep_value(session, "default_queue", default)
    await session.flush()


def first_queue(plan: Plan, way: Way) -> str:
    """The queue that calls which go that way reach first, in the order of hours and keys; "" when
    they reach none."""
    return next((each.name for each in _along(plan, way) if each.kind is Kind.QUEUE), "")


def _along(plan: Plan, start: Way) -> Iterator[Way]:
    """All that a call may come by from there, the nearest first."""
    parts = {}
    for field, _, _, part in parts_with_ways(plan):
        if field != "numbers":
            parts[way_to(part)] = part
    seen, rest = {start}, [start]
    while rest:
        way = rest.pop(0)
        yield way
        for leg in legs(parts[way]) if way in parts else ():
            if leg.way not in seen:
                seen.add(leg.way)
                rest.append(leg.way)
