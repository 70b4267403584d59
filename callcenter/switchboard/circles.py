"""Parts that lead to each other with nobody in between, so that a call would go round. Pure."""

from collections.abc import Callable, Iterable

from callcenter.switchboard.plan import Kind, Plan, Queue, Way
from callcenter.switchboard.ways import way_to


def circles(plan: Plan, takes_calls: Callable[[Queue], bool]) -> list[tuple[Way, ...]]:
    """Each as the parts that lead to the next, the last to the first.

    A caller goes on alone, without anybody speaking or any key: from hours, from a menu where
    nothing is pressed, from a queue with an overflow. A queue where somebody takes calls, and where
    one waits also when they are away for a moment, is no part of one.
    """
    on: dict[Way, tuple[Way, ...]] = {
        way_to(hours): (hours.open, hours.closed) for hours in plan.hours
    }
    on |= {way_to(menu): (menu.otherwise,) for menu in plan.menus}
    on |= {way_to(each): (each.overflow,) for each in plan.queues if _passes(each, takes_calls)}
    found: list[tuple[Way, ...]] = []
    done: set[Way] = set()
    for start in on:
        if start not in done:
            found += _from(start, on, done)
    return [each for each in found if not (len(each) == 1 and each[0].kind is Kind.QUEUE)]


def _passes(queue: Queue, takes_calls: Callable[[Queue], bool]) -> bool:
    return queue.goes_on and (queue.needs_agents or not takes_calls(queue))


def _from(start: Way, on: dict[Way, tuple[Way, ...]], done: set[Way]) -> Iterable[tuple[Way, ...]]:
    """Walk everything that can be reached from there; without recursion, plans may be long."""
    path: list[Way] = [start]
    rest = [list(dict.fromkeys(on[start]))]
    found = []
    while path:
        if not rest[-1]:
            done.add(path.pop())
            rest.pop()
            continue
        following = rest[-1].pop()
        if following in path:
            found.append(tuple(path[path.index(following) :]))
        elif following in on and following not in done:
            path.append(following)
            rest.append(list(dict.fromkeys(on[following])))
    return found
