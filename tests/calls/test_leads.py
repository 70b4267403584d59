"""Leads who listen to a call, join it, or take it over: what the call is for everybody else."""

from dataclasses import replace

import pytest

from callcenter.calls.call import State, Transfer
from callcenter.calls.events import SpyingBegan, WaitBegan

from .exchange import Exchange
from .test_board import in_talk


@pytest.fixture
def exchange():
    return Exchange()


def lead_listens(exchange, customer, at=8):
    lead = exchange.originates(at, "104", "listen-1", number="104", ccid=customer.ccid)
    return lead.rings(at).answers(at + 1).says(SpyingBegan, at + 1)


def lead_joins(exchange):
    """The lead 104 talks with the customer and their agent 201: (customer, agent, lead)."""
    customer, mara = in_talk(exchange)
    lead = lead_listens(exchange, customer)
    for leg in customer, mara:
        leg.leaves(12)
        leg.enters(12, "room")
    lead.enters(12, "room")
    return customer, mara, lead


def takes_over(exchange):
    """The lead 104 has the customer of 201: (customer, lead)."""
    customer, mara = in_talk(exchange)
    lead = lead_listens(exchange, customer)
    mara.leaves(12).ends(12)
    customer.leaves(12)
    lead.enters(12, "room")
    customer.enters(12.2, "room")
    return customer, lead


def test_a_lead_who_listens_is_named_and_is_no_part_of_the_call(exchange):
    customer, _mara = in_talk(exchange)
    before = exchange.call

    lead_listens(exchange, customer)

    assert exchange.call == replace(before, heard_by=frozenset({"104"}))
    assert exchange.board.channels(before.call_id).agents.keys() == {"201"}


def test_a_leads_phone_that_rings_to_listen_is_no_call_though_nobody_knows_yet_to_which(exchange):
    customer, _mara = in_talk(exchange)
    told = len(exchange.changes)

    lead = exchange.originates(8, "104", "listen-1", number="104").rings(8).answers(9)
    assert (len(exchange.changes), len(exchange.board.calls())) == (told, 1)

    lead.ccid = customer.ccid
    lead.says(SpyingBegan, 9)
    assert exchange.call.heard_by == {"104"}


def test_a_lead_who_joins_talks_and_the_call_stays_the_agents(exchange):
    customer, mara, lead = lead_joins(exchange)
    assert (exchange.call.talking, exchange.call.conference) == ({"201", "104"}, True)
    assert (exchange.call.agents, exchange.call.heard_by) == (("201",), frozenset())

    lead.leaves(14, "room")
    assert (exchange.call.talking, exchange.call.heard_by) == ({"201"}, {"104"})
    lead.asks(15).ends(15)
    customer.asks(16).leaves(16, "room").ends(16)
    mara.leaves(16, "room").ends(16)

    [call] = exchange.ended
    assert (call.agents, call.transfers, call.ended_by) == (("201",), (), "customer")


def test_a_lead_who_stays_with_the_customer_has_taken_the_call_over(exchange):
    customer, lead = takes_over(exchange)
    assert exchange.call.agents == ("201", "104")

    customer.asks(16).leaves(16, "room").ends(16)
    lead.leaves(16, "room").ends(16)

    [call] = exchange.ended
    assert call.agents == ("201", "104")
    assert call.transfers == (Transfer(kind="blind", source="201", target="104"),)


def test_a_lead_who_has_talked_along_for_long_takes_the_call_over_from_its_agent(exchange):
    _customer, mara, _lead = lead_joins(exchange)
    mara.asks(30).leaves(30, "room").ends(30)

    assert exchange.call.agents == ("201", "104")
    assert exchange.call.transfers == (Transfer(kind="blind", source="201", target="104"),)


def test_a_lead_who_has_had_the_customer_alone_was_an_agent_of_the_call_whoever_came_then(exchange):
    customer, lead = takes_over(exchange)
    exchange.dials(20, "202", customer).rings(21).answers(22).enters(25, "room")

    lead.asks(30).leaves(30, "room").ends(30)

    assert exchange.call.agents == ("201", "104", "202")


def test_a_lead_who_joins_another_one_makes_the_call_not_theirs(exchange):
    customer, _ = takes_over(exchange)
    other = exchange.originates(18, "105", "listen-2", number="105", ccid=customer.ccid)
    other.rings(18).answers(19).says(SpyingBegan, 19).enters(20, "room")
    assert (exchange.call.conference, exchange.call.agents) == (True, ("201", "104"))

    other.asks(25).leaves(25, "room").ends(25)

    assert exchange.call.agents == ("201", "104")


def test_of_two_leads_who_stay_with_the_customer_the_first_one_has_the_call(exchange):
    customer, mara = in_talk(exchange)
    lead = lead_listens(exchange, customer)
    other = exchange.originates(9, "105", "listen-2", number="105", ccid=customer.ccid)
    other.rings(9).answers(10).says(SpyingBegan, 10)
    for leg in customer, mara:
        leg.leaves(12)
    for leg in mara, lead, customer:
        leg.enters(12, "room")
    other.enters(14, "room")

    mara.asks(20).leaves(20, "room").ends(20)
    assert exchange.call.agents == ("201", "104")
    lead.asks(25).leaves(25, "room").ends(25)

    assert exchange.call.agents == ("201", "104", "105")


def test_a_customer_whose_agent_was_lost_waits_for_them_though_a_lead_still_listens(exchange):
    customer, mara, lead = lead_joins(exchange)
    lead.leaves(14, "room")

    mara.leaves(20, "room").ends(20, cause=44)
    customer.leaves(20, "room").says(WaitBegan, 20, agent="201")

    assert exchange.call.waits_for == "201"


def test_a_call_that_ends_as_soon_as_it_was_taken_over_is_the_leads_all_the_same(exchange):
    customer, lead = takes_over(exchange)
    lead.asks(12.9).leaves(12.9, "room").ends(12.9)
    customer.leaves(12.9, "room").ends(13.1)

    assert exchange.ended[0].agents == ("201", "104")


def test_a_lead_whose_agent_has_gone_does_not_keep_the_call_alive(exchange):
    customer, mara = in_talk(exchange)
    lead_listens(exchange, customer)
    mara.asks(12).leaves(12).ends(12)
    customer.leaves(12).ends(12)

    assert exchange.call.state is State.ENDED
