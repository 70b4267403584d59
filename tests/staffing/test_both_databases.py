"""The questions of the agents' reports, on both databases."""

from datetime import UTC, date, datetime, timedelta

from callcenter.agents.models import AgentState
from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.calls.queries import CallFilters, calls_cut
from callcenter.people.directory import Directory
from callcenter.people.models import User
from callcenter.people.rights import Scope
from callcenter.reports.asked import Asked
from callcenter.reports.frame import Asker
from callcenter.staffing import days, report
from callcenter.staffing.counting import count_rings, count_states
from callcenter.staffing.first_calls import count_days
from callcenter.staffing.models import VainRing

TODAY = date(2026, 11, 27)
NINE = datetime(2026, 11, 10, 9, tzinfo=UTC)
NOON = NINE + timedelta(hours=3)
CALL = {
    **{"exchange": "", "state": "ended", "direction": "inbound", "result": "answered"},
    **{"number": "0911", "number_key": "0911", "user_id": 1, "talked_s": 60.0},
}


def cut(session, first):
    return calls_cut(session, lambda statement: statement, CallFilters(first=first))


async def test_reports_lines_and_rings_of_one_agent(engine, sessions):
    def call(call_id, at):
        return CallRecord(
            call_id=call_id, started_at=at, ended_at=at + timedelta(minutes=1), **CALL
        )

    async with sessions.begin() as session:
        session.add_all(
            User(id=id, username=f"u{id}", name=f"U{id}", password="", role="agent")
            for id in (1, 2)
        )
        session.add(Outcome(code="sold", name_vi="Bán", name_en="Sold", position=0))
        session.add(
            Outcome(code="big", name_vi="To", name_en="Big", position=1, parent_code="sold")
        )
        session.add_all([call("a", NINE), call("b", NINE + timedelta(days=1))])
        session.add(CallNote(call_id="a", user_id=1, outcome="big", updated_at=NINE))
        session.add(VainRing(user_id=1, at=NINE, call_id="a", declined=False))
        for at, state in (
            (NINE - timedelta(days=1), "ready"),
            (NINE, "talking"),
            (NOON, "offline"),
        ):
            session.add(AgentState(user_id=1, at=at, state=state))
            await session.flush()
        await count_states(session, UTC)
        await count_rings(session, UTC)
    await count_days(sessions, UTC, TODAY)
    directory = Directory()
    await directory.load(sessions)
    asker = Asker(Scope(everything=True, user_id=2), directory, TODAY, "UTC")
    asked = Asked(since=NINE.date(), until=NINE.date())

    async with sessions() as session:
        table = await report.agents(session, asker, asked)
        ended = await report.outcomes(session, asker, asked)
        [person, other] = directory.people()
        [one, none] = await days.days_of(
            session,
            days.Asked(
                people=[person, other],
                days=[NINE.date()],
                zone=UTC,
                now=NOON,
                calls=asker.scope.calls,
            ),
        )
        rings = await days.rings_of(session, 1, one.since, one.until)

    [row] = table.rows
    found = dict(zip((each.key for each in table.columns), row.cells, strict=True))
    assert (found["ready"], found["talking"], found["signed_in"]) == (9 * 3600, 3 * 3600, 12 * 3600)
    assert (found["missed"], found["first_calls"]) == (1, 0.0)  # they rang in again the next day
    async with sessions() as session:
        of_first = {
            first: [call.call_id for call, _ in (await cut(session, first)).rows]
            for first in ("resolved", "again")
        }
    assert of_first == {"resolved": ["b"], "again": ["a"]}
    assert [each.cells for each in ended.rows] == [("U1", 1, 1, 0)]
    assert [(each.state, each.start, each.end) for each in one.spells] == [
        ("ready", one.since, NINE),
        ("talking", NINE, NOON),
    ]
    assert [each.call_id for each in one.calls] == ["a"] and not none.spells
    assert [each.call_id for each in rings] == ["a"]
