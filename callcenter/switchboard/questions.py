"""What one may want to know of a plan. Pure."""

from collections.abc import Iterable

from callcenter.switchboard.plan import Plan, Queue, Way


def caller_id(plan: Plan) -> str:
    """What customers see when we call: a company that has set nothing shows its first number."""
    first = plan.numbers[0].number if plan.numbers else "0"
    return plan.caller_id or first


def goes_on(queue: Queue) -> bool:
    """Whether callers may leave it for its overflow."""
    return bool(queue.longest_wait_s) or queue.needs_agents


def ways(plan: Plan) -> Iterable[Way]:
    """All that calls can take, wherever they begin."""
    yield plan.default
    yield from (each.way for each in plan.numbers)
    for hours in plan.hours:
        yield from (hours.open, hours.closed)
    for menu in plan.menus:
        yield from (*menu.keys.values(), menu.otherwise)
    yield from (each.overflow for each in plan.queues if goes_on(each))


def prompts(plan: Plan) -> Iterable[str]:
    """The names of the prompts that are played, "" among them."""
    for parts in (plan.menus, plan.messages, plan.voicemails):
        yield from (each.prompt for each in parts)
    for queue in plan.queues:
        yield from (queue.music, queue.callback_prompt)
