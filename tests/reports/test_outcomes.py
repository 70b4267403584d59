"""How many calls ended in what: in the report, sub-outcomes below theirs, as far as one may see."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.models import CallNote, CallRecord, Outcome
from callcenter.calls.queries import CallFilters
from callcenter.reports.outcomes import outcome_report, tree
from tests.pages.site import IDS, NOW

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def an_outcome(code, position, parent=None):
    return Outcome(
        code=code, name_vi=code, name_en=code.title(), position=position, parent_code=parent
    )


OUTCOMES = [an_outcome("sold", 1), an_outcome("no", 2), an_outcome("dear", 1, "no")]


def a_call(number, user_id=1, result="answered", minutes=0):
    return CallRecord(
        call_id=f"c{number}",
        direction="inbound",
        state="ended",
        user_id=user_id,
        result=result,
        started_at=START + timedelta(minutes=minutes),
        ended_at=START + timedelta(minutes=minutes + 1),
        talked_s=10.0,
    )


def a_note(number, outcome):
    return CallNote(call_id=f"c{number}", user_id=1, outcome=outcome, updated_at=START)


async def report_of(sessions, narrow=lambda statement: statement, **filters):
    async with sessions() as session:
        return await outcome_report(session, narrow, CallFilters(**filters))


async def test_calls_are_counted_by_outcome_and_those_without_are_not_forgotten(sessions):
    async with sessions.begin() as session:
        session.add_all([an_outcome("sold", 1), an_outcome("no", 2), an_outcome("dear", 1, "no")])
        session.add_all([a_call(n) for n in range(5)] + [a_call(9, result="busy")])
        session.add_all([a_note(0, "sold"), a_note(1, "dear"), a_note(2, "dear"), a_note(3, None)])

    report = await report_of(sessions)

    assert (report.calls, report.without) == (3, 2)
    assert [(each.code, each.calls, each.talked_s) for each in report.sums] == [
        ("no", 2, 20.0),
        ("sold", 1, 10.0),
    ]
    assert [(each.code, each.calls) for each in report.sums[0].below] == [("dear", 2)]


async def test_only_what_was_asked_for_and_may_be_seen_is_counted(sessions):
    async with sessions.begin() as session:
        session.add_all([an_outcome("sold", 1)])
        session.add_all([a_call(1), a_call(2, user_id=2), a_call(3, minutes=60)])
        session.add_all([a_note(n, "sold") for n in (1, 2, 3)])

    early = await report_of(sessions, until=START + timedelta(minutes=30))
    own = await report_of(sessions, lambda statement: statement.where(CallRecord.user_id == 2))

    assert (early.calls, own.calls) == (2, 1)


@given(st.dictionaries(st.sampled_from(["sold", "no", "dear"]), st.integers(1, 99)))
def test_nothing_is_counted_twice_and_nothing_lost(counts):
    sums = tree(OUTCOMES, {code: (n, float(n)) for code, n in counts.items()})

    assert sum(each.calls for each in sums) == sum(counts.values())
    assert sum(each.talked_s for each in sums) == sum(counts.values())
    for each in sums:
        assert each.calls >= sum(sub.calls for sub in each.below)


async def test_the_report_shows_them_with_ways_to_the_calls(site):
    await site.add(
        Outcome(code="no", name_vi="Không", name_en="Refused", position=1),
        Outcome(code="dear", name_vi="Đắt", name_en="Too dear", position=2, parent_code="no"),
    )
    await site.call("mara", call_id="one")
    await site.call("kim", call_id="hers")
    await site.add(
        *(
            CallNote(call_id=each, user_id=IDS["mara"], outcome="dear", updated_at=NOW)
            for each in ("one", "hers")
        )
    )

    lea = await site.signed_in("lea")
    page = await lea.get("/reports/calls")
    part = await lea.part("/reports/calls/outcomes")

    assert "/reports/calls/outcomes?" in page.text or "No calls in this period" in page.text
    assert "Too dear" in part.text and "outcome=dear" in part.text
    assert ">1</a>" in part.text and ">2</a>" not in part.text
