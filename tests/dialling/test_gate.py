"""The gate before every call to a number outside, asked as programs and pages ask."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace as replaced
from sqlalchemy import select

from callcenter.call_parts import call_back
from callcenter.callbacks.models import Callback
from callcenter.config import ROOT, load
from callcenter.dialling.gate import Gate
from callcenter.dialling.models import DoNotCall, DoNotCallChange
from callcenter.errors import Forbidden
from callcenter.keys import DIRECTORY, GATE
from callcenter.switchboard import versions
from callcenter.switchboard.plan import HANG_UP, Dialling, Number, Plan, Shown, Trunk
from callcenter.switchboard.publishing import publish
from tests.api.house import a_call

NOW = datetime.now(UTC)
AGENTS, LEADS = frozenset({"agent", "team_lead"}), frozenset({"team_lead"})
RULES = (
    Dialling(prefix="+84", title="Việt Nam", roles=AGENTS),
    Dialling(prefix="+841900", title="1900", roles=LEADS),
    Dialling(prefix="+8491", title="VinaPhone", roles=AGENTS, per_hour=2),
)
PLAN = Plan(dialling=RULES, numbers=(Number(number="19001111", way=HANG_UP),))


def listed(key, source="own", reason="Không muốn nhận quảng cáo", **values):
    return DoNotCall(
        number_key=key, source=source, reason=reason, added_by=2, added_at=NOW, **values
    )


async def calls(api, who, number, status=201):
    api.phones_are("reachable", "201", "202", "210")
    return await api.says(who, "POST", "/calls", status, json={"number": number})


def originated(api):
    return [each for each in api.asterisk.asked if each["Action"] == "Originate"]


async def test_without_any_rule_everybody_may_call_everywhere(api):
    assert (await calls(api, "mara", "+442079460958"))["number"] == "+442079460958"


@pytest.mark.parametrize("written", ["1900 6789", "+84 1900 6789", "0084 1900 6789"])
async def test_a_rule_that_leaves_the_role_out_refuses_in_words_and_rings_nobody(api, written):
    api.app[GATE].take(PLAN)

    answer = await calls(api, "mara", written, 403)

    assert answer["message"] == (
        "Your role may not call here: rule “1900” (+841900). It is set on the switchboard: ask"
        " Admin."
    )
    assert originated(api) == []


async def test_the_longest_rule_lets_a_lead_call_where_an_agent_may_not(api):
    api.app[GATE].take(PLAN)

    assert (await calls(api, "lead", "19006789"))["number"] == "19006789"


async def test_what_no_rule_names_is_refused(api):
    api.app[GATE].take(PLAN)

    answer = await calls(api, "mara", "+442079460958", 403)

    assert "No rule allows calls to +44 20 7946 0958." in answer["message"]


@pytest.mark.parametrize("number", ["113", "114", "115", "112", "19001111"])
async def test_emergency_numbers_and_our_own_are_never_refused(api, number):
    api.app[GATE].take(replaced(PLAN, dialling=RULES[2:]))
    await api.add(listed(number))

    assert (await calls(api, "mara", number))["number"] == number


@pytest.mark.parametrize("number", ["0912345678", "113"])
async def test_while_no_trunk_is_on_nobodys_phone_rings_for_nothing(api, number):
    api.app[GATE].take(replaced(PLAN, trunks=(Trunk(name="a", title="A", is_on=False),)))

    answer = await calls(api, "mara", number, 409)

    assert answer["message"] == (
        "Nobody can call out: no trunk is on. That is set on the switchboard: ask Admin."
    )
    assert originated(api) == []


@pytest.mark.parametrize("number", ["19006789", "+442079460958", "113", "19001111", "1080"])
async def test_a_caller_cannot_make_us_call_what_they_show(api, number):
    """As whoever keeps a place in a queue: that they ring from there may be a lie."""
    api.app[GATE].take(replaced(PLAN, dialling=()))
    api.phones_are("reachable", "201")

    with pytest.raises(Forbidden):
        await call_back(api.app, api.app[DIRECTORY].person(3), number, "sales", "c1")

    assert originated(api) == []


@pytest.mark.parametrize("number, rings", [("+442079460958", True), ("19006789", False)])
async def test_where_rules_say_who_may_call_they_decide_about_who_keeps_a_place_too(
    api, number, rings
):
    api.app[GATE].take(replaced(PLAN, dialling=(*RULES, Dialling(prefix="+44", roles=AGENTS))))
    api.phones_are("reachable", "201")

    with nullcontext() if rings else pytest.raises(Forbidden):
        await call_back(api.app, api.app[DIRECTORY].person(3), number, "sales", "c1")

    assert [each["Exten"] for each in originated(api)] == ([number] if rings else [])


async def test_who_keeps_a_place_sees_the_number_of_the_department_that_calls_back(api):
    api.phones_are("reachable", "201")
    async with api.sessions.begin() as session:
        shows = (Shown(department_id=1, number="19001111"),)
        edited = await versions.change(session, 1, lambda plan: replaced(plan, shown=shows))
    await publish(api.app, 1, edited.revision, "")

    await call_back(api.app, api.app[DIRECTORY].person(3), "84912345678", "sales", "c1")

    [asked] = originated(api)
    assert asked["Exten"] == "0912345678"
    assert "__CCSHOWN=19001111" in str(asked)


async def test_the_limit_counts_calls_that_were_placed_and_says_when_the_next_is_possible(api):
    gate, mara = api.app[GATE], api.app[DIRECTORY].person(3)
    gate.take(PLAN)
    for call_id in ("c1", "c2"):
        with gate.placing(mara, "0912345678", call_id):
            pass

    answer = await calls(api, "mara", "0913456789", 429)

    assert "You have called “VinaPhone” (+8491) 2 times within an hour" in answer["message"]
    assert originated(api) == []
    assert (await calls(api, "mara", "0987654321"))["number"] == "0987654321"  # another rule
    assert (await calls(api, "jon", "0913456789"))["number"] == "0913456789"  # another person


async def test_a_call_that_the_exchange_refused_was_not_placed(api):
    gate, mara = api.app[GATE], api.app[DIRECTORY].person(3)
    gate.take(PLAN)
    api.asterisk.refuses["Originate"] = "Extension does not exist."

    await calls(api, "mara", "0912345678", 409)

    assert gate.placed(mara.id, RULES[2]) == 0


async def test_a_service_that_has_just_started_knows_the_calls_of_the_last_hour(api):
    def minutes_ago(minutes, call_id, **facts):
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        values = {"direction": "outbound", "started_at": at, "ended_at": at, "queue": None}
        return a_call(call_id, **{**values, **facts})

    moved = '[{"kind":"blind","from":"202","to":"0912000000"}]'
    await api.add(
        minutes_ago(61, "old"),
        minutes_ago(59, "answered"),
        minutes_ago(30, "now", state="talking", ended_at=None, result=None, agents="", rung=""),
        minutes_ago(20, "her phone was away", result="failed"),
        minutes_ago(10, "theirs", direction="inbound"),
        minutes_ago(5, "handed over", who="jon", agents="201,202", user_id=4, transfers=moved),
    )
    gate = Gate(api.app[DIRECTORY], UTC)

    await gate.load(api.sessions)
    gate.take(PLAN)

    assert gate.placed(3, RULES[2]) == 3  # answered, now, and the one she handed to Jon
    assert gate.placed(4, RULES[2]) == 1  # to whom he handed it


async def test_whoever_asked_not_to_be_called_is_not_called_by_anybody(api):
    await api.add(listed("+84912345678"))

    for who in ("mara", "lead"):
        answer = await calls(api, who, "0912.345.678", 403)

        day = NOW.astimezone(load(ROOT / "config.toml").zone)  # the company's
        assert f"0912 345 678 asked not to be called, on {day:%d/%m/%Y}" in answer["message"]
        assert "“Không muốn nhận quảng cáo”. A team lead can take it off" in answer["message"]
    assert originated(api) == []


async def test_an_entry_whose_time_is_over_stands_in_nobodys_way(api):
    await api.add(listed("+84912345678", until=NOW - timedelta(seconds=1)))

    await calls(api, "mara", "0912345678")


async def test_the_national_list_is_about_advertising_so_who_rang_is_called_back(api):
    await api.add(
        listed("+84912345678", "national", ""),
        listed("+84987654321", "national", ""),
        a_call("rang", None, result="abandoned", started_at=NOW - timedelta(days=6), agents=""),
    )

    refused = await calls(api, "mara", "0987654321", 403)
    started = await calls(api, "mara", "0912345678")

    assert "0987 654 321 is on the national do-not-call list" in refused["message"]
    async with api.sessions() as session:
        [kept] = await session.scalars(select(DoNotCallChange))
    assert (kept.call_id, kept.what, kept.reason, kept.user_id) == (
        started["call_id"],
        "permitted",
        "missed",
        3,
    )


async def test_a_missed_call_of_long_ago_is_no_reason_any_more(api):
    await api.add(
        listed("+84912345678", "national", ""),
        a_call("rang", None, result="abandoned", started_at=NOW - timedelta(days=8), agents=""),
    )

    await calls(api, "mara", "0912345678", 403)


async def test_a_planned_callback_may_be_kept_but_not_with_who_asked_us_not_to_call(api):
    callback = {"number": "0912345678", "number_key": "+84912345678", "at": NOW, "remind_at": NOW}
    await api.add(
        listed("+84912345678", "national", ""),
        Callback(**callback, user_id=3, state="open", created_by=3, created_at=NOW),
    )
    await calls(api, "mara", "0912345678")

    await api.add(listed("+84912345678"))

    await calls(api, "jon", "0912345678", 403)


async def test_rules_count_from_the_moment_they_are_published(api):
    async with api.sessions.begin() as session:
        edited = await versions.change(session, 1, lambda plan: replaced(plan, dialling=RULES))
    await calls(api, "jon", "19006789")

    await publish(api.app, 1, edited.revision, "")

    await calls(api, "mara", "19006789", 403)
    again = Gate(api.app[DIRECTORY], UTC)  # as after a restart
    await again.load(api.sessions)
    assert again.rules == RULES
