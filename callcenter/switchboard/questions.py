"""What one may want to know of a plan. Pure."""

from collections.abc import Iterable

from callcenter.switchboard.plan import Plan, Way
from callcenter.switchboard.ways import legs, parts_with_ways


def caller_id(plan: Plan) -> str:
    """What customers see when we call: a company that has set nothing shows its first number."""
    first = plan.numbers[0].number if plan.numbers else "0"
    return plan.caller_id or first


def ways(plan: Plan) -> Iterable[Way]:
    """All that calls can take, wherever they begin."""
    yield plan.default
    for *_, part in parts_with_ways(plan):
        yield from (leg.way for leg in legs(part))


def prompts(plan: Plan) -> Iterable[str]:
    """The names of the prompts that are played, "" among them."""
    for parts in (plan.menus, plan.messages, plan.voicemails):
        yield from (each.prompt for each in parts)
    for queue in plan.queues:
        yield from (queue.music, queue.callback_prompt)
