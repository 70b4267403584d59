"""The past of the demo's agents follows from their calls."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from callcenter.settings.demo_states import Call, past_states

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NINE = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ANSWERED = Call("a", 4, "inbound", NINE, NINE + 9 * SECOND, NINE + 99 * SECOND, 30.0)
LOST = Call("b", 4, "inbound", NINE + 900 * SECOND, None, NINE + 920 * SECOND)


def past(*calls, until=NINE + timedelta(days=1), reasons=("lunch",)):
    rows = past_states(Random(1), calls, reasons, until, SAIGON)
    return [(row["at"], row["state"], row["reason"], row["cause"]) for row in rows]


def test_a_call_rings_is_talked_and_wrapped_up_when_the_call_says_so():
    found = past(ANSWERED, LOST)

    assert found[1:7] == [
        (NINE, "ringing", "", "call a"),
        (NINE + 9 * SECOND, "talking", "", "call a"),
        (NINE + 99 * SECOND, "wrap_up", "", "call a"),
        (NINE + 129 * SECOND, "ready", "", "wrap-up over"),
        (NINE + 900 * SECOND, "ringing", "", "call b"),
        (NINE + 920 * SECOND, "ready", "", "wrap-up over"),
    ]


def test_a_day_begins_with_signing_in_has_its_breaks_and_ends_offline():
    found = past(ANSWERED)

    assert [state for _, state, _, _ in (found[0], found[-1])] == ["ready", "offline"]
    assert [reason for _, state, reason, _ in found if state == "break"] == ["lunch"]
    assert [at for at, *_ in found] == sorted(at for at, *_ in found)


def test_nothing_is_after_now_and_nobody_is_left_at_work():
    found = past(ANSWERED, until=NINE + 50 * SECOND)

    assert found[-2:] == [
        (NINE + 9 * SECOND, "talking", "", "call a"),
        (NINE + 50 * SECOND, "offline", "", "page closed"),
    ]
