"""Whom a call rings before its queue."""

import pytest

from callcenter.people.directory import Person
from callcenter.people.models import Role
from callcenter.routing.decision import MOST, QUEUE_AT_ONCE, decide
from callcenter.settings.parameters import Parameters

SALES, CARE = 1, 2


def agent(user_id, department_id=SALES, extension="200"):
    name = f"agent{user_id}"
    return Person(user_id, name, name, extension, Role.AGENT, department_id, "vi")


MAI, TUAN, LINH, KIM = agent(1), agent(2), agent(3), agent(4, CARE)
HOUSE = [MAI, TUAN, LINH, KIM]


def route(own, queue_department=SALES, ready=(1, 2, 3, 4), **rules):
    found = decide(own, HOUSE, queue_department, ready.__contains__, Parameters(**rules))
    return found.owner, found.team


def test_a_stranger_goes_to_the_queue_at_once():
    assert route(None) == (QUEUE_AT_ONCE.owner, QUEUE_AT_ONCE.team) == (None, ())


def test_a_known_customer_rings_their_own_agent_and_then_the_queue():
    assert route(MAI) == (MAI, ())


def test_an_agent_of_another_department_has_a_team_that_is_rung_next():
    assert route(MAI, queue_department=CARE) == (MAI, (TUAN, LINH))


def test_nobody_is_disturbed_who_is_not_ready():
    assert route(MAI, ready=(2, 3)) == (None, ())
    assert route(MAI, queue_department=CARE, ready=(3,)) == (None, (LINH,))


def test_an_agent_without_a_phone_cannot_be_rung():
    assert route(agent(1, extension=None)) == (None, ())


def test_a_time_of_no_seconds_leaves_a_step_out():
    assert route(MAI, queue_department=CARE, owner_rings_s=0) == (None, (TUAN, LINH))
    assert route(MAI, queue_department=CARE, team_rings_s=0) == (MAI, ())


def test_an_agent_of_no_department_has_no_team():
    assert route(agent(1, department_id=None), queue_department=None) == (agent(1, None), ())


@pytest.mark.parametrize("size", [MOST, MOST + 1, 200])
def test_a_large_team_does_not_ring_all_at_once(size):
    team = [agent(user_id) for user_id in range(10, 10 + size)]

    assert decide(MAI, team, CARE, lambda _: True, Parameters()).team == tuple(team[:MOST])
