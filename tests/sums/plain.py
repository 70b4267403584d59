"""The figures of calls as one would count them by hand: plain Python over rows, sharing nothing
with the program but the names of figures. And calls made up for it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

# Midnight at the end of a month, both changes of the clocks in Berlin and New York in 2026, and a
# new year: calls begin around them.
MOMENTS = [
    datetime(2026, 1, 31, 23, 59, tzinfo=UTC),
    datetime(2026, 2, 28, 17, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
]
ZONES = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]

TOLD = st.fixed_dictionaries(
    {
        "call_id": st.sampled_from([f"1.{n}" for n in range(9)]),
        "moment": st.sampled_from(MOMENTS),
        "minutes": st.integers(-2000, 2000),
        "agents": st.sampled_from([(), ("201",), ("202",), ("201", "202"), ("203",)]),
        "queue": st.sampled_from([None, "sales", "care"]),
        "did": st.sampled_from([None, "02873001234", "19006789"]),
        "direction": st.sampled_from(["inbound", "inbound", "outbound", "internal"]),
        "result": st.sampled_from(["answered", "answered", "abandoned", "busy", "failed", None]),
        "waited_s": st.sampled_from([0.0, 3.25, 5.0, 12.5, 20.0, 20.5, 75.0]),
        "talked_s": st.sampled_from([0.0, 1.5, 60.0, 7200.25]),
        "held_s": st.sampled_from([0.0, 4.5]),
        "ended": st.booleans(),
        "wrapped_s": st.sampled_from([None, 8.0, 90.5]),
    }
)


def counted(rows, zone, keys, wanted=lambda row: True):
    """{key: figures} of calls as they stand in the table."""
    found = defaultdict(lambda: defaultdict(float))
    for row in rows:
        if row.ended_at is None or row.direction == "internal" or not wanted(row):
            continue
        sums = found[tuple(_value(row, zone, key) for key in keys)]
        came = row.direction == "inbound" and row.queue is not None
        answered, left = row.result == "answered", row.result == "abandoned"
        sums["calls"] += 1
        sums["answered"] += answered
        sums["offered"] += came
        sums["offered_answered"] += came and answered
        sums["answered_in_time"] += came and answered and row.waited_s <= row.within_s
        sums["abandoned"] += came and left
        sums["abandoned_short"] += came and left and row.waited_s < 5
        sums["waited_s"] += row.waited_s
        sums["waited_answered_s"] += row.waited_s if came and answered else 0
        sums["waited_abandoned_s"] += row.waited_s if came and left else 0
        sums["talked_s"] += row.talked_s
        sums["held_s"] += row.held_s
        sums["wrapped_s"] += row.wrapped_s
        sums["longest_wait_s"] = max(sums["longest_wait_s"], row.waited_s if came else 0)
    return {key: dict(sums) for key, sums in found.items()}


def _value(row, zone, key):
    began = row.started_at.astimezone(ZoneInfo(zone))
    monday = began.date() - timedelta(days=began.weekday())
    return {
        "day": began.date(),
        "week": monday,
        "month": began.date().replace(day=1),
        "hour": began.hour,
        "weekday": began.weekday(),
        "user": row.user_id or 0,
        "department": row.department_id or 0,
        "queue": row.queue or "",
        "did": row.did or "",
        "direction": row.direction,
        "result": row.result or "",
        "slot": began.hour * 60 + began.minute // 15 * 15,
    }[key]


def of(sums):
    """What the program says, in the same shape."""
    return {each.key: {n: x for n, x in each._asdict().items() if n != "key"} for each in sums}
