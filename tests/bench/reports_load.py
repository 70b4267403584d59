"""Ten million calls of two years for the benchmark of reports: the same ones in three databases.

Everything about a call follows from its number, by arithmetic that all three do alike: 200 agents
in 12 departments, 12 queues with two numbers each, three queues an agent, days from half past seven
to half past eight in the evening with most calls in the middle.
"""

from collections.abc import Callable
from datetime import date

CALLS, DAYS = 10_000_000, 730
FIRST, LAST = date(2024, 3, 1), date(2026, 2, 28)  # of Saigon
A_DAY = -(-CALLS // DAYS)
AGENTS, DEPARTMENTS, QUEUES = 200, 12, 20


def chance(salt: int, below: int) -> str:
    """A whole number from 0 to below - 1 that looks like chance, by the call's number `n`."""
    return f"(((n + {salt * 7919}) * 2654435761 % 4294967296) / 1024 % {below})"


def select(series: str, moment: Callable[[str], str]) -> str:
    """The calls as a SELECT: `series` gives n, `moment` makes a time of seconds since 1970 (UTC).

    "0.5e0" is a double in all three; "0.5" would be a decimal in DuckDB, which is slow.
    """
    first = (FIRST - date(1970, 1, 1)).days * 86400 - 7 * 3600
    second = f"(27000 + {chance(1, 23400)} + {chance(2, 23400)})"
    return f"""
    WITH told AS (
        SELECT n, {first} + n / {A_DAY} * 86400 + {second} AS began, 1 + {chance(3, AGENTS)} AS who,
            {chance(4, 100)} < 60 AS came, {chance(5, 100)} AS luck, {chance(6, 3)} AS which,
            {chance(7, 2)} AS line, {chance(8, 45)} AS wait, {chance(9, 300)} AS length,
            {chance(10, 20)} AS hold, {chance(11, 60)} AS wrap, {chance(12, 2)} AS rang
        FROM {series}
    ), known AS (
        SELECT *, 1 + who % {DEPARTMENTS} AS department,
            (who % {DEPARTMENTS} * 5 + which) % {QUEUES} AS queue_number,
            CASE WHEN came AND luck < 88 OR NOT came AND luck < 62 THEN 'answered'
                WHEN came THEN 'abandoned' WHEN luck < 82 THEN 'no_answer'
                WHEN luck < 90 THEN 'busy' WHEN luck < 96 THEN 'cancelled' ELSE 'unreachable' END
                AS result
        FROM told
    )
    SELECT '1790.' || n AS call_id, 'exchange' AS exchange,
        CASE WHEN came THEN 'inbound' ELSE 'outbound' END AS direction, 'ended' AS state,
        CASE WHEN came THEN '0287300' || (1000 + queue_number * 2 + line) END AS did,
        CASE WHEN came THEN 'queue' || queue_number END AS queue,
        CASE WHEN result <> 'abandoned' OR rang = 1 THEN who END AS user_id,
        department AS department_id, {moment("began")} AS started_at,
        CASE WHEN result = 'answered' THEN {moment("began + wait")} END AS answered_at,
        {moment("began + wait + 320")} AS ended_at, result,
        wait + 0.5e0 AS waited_s, CASE WHEN result = 'answered' THEN 20.25e0 + length ELSE 0e0 END
            AS talked_s,
        CASE WHEN result = 'answered' AND hold = 0 THEN 12.5e0 ELSE 0e0 END AS held_s,
        CASE WHEN came THEN 20 END AS within_s,
        CASE WHEN result = 'answered' THEN 5e0 + wrap ELSE 0e0 END AS wrapped_s
    FROM known"""


COLUMNS = (
    *("call_id", "exchange", "direction", "state", "did", "queue", "user_id", "department_id"),
    *("started_at", "answered_at", "ended_at", "result", "waited_s", "talked_s", "held_s"),
    *("within_s", "wrapped_s"),
)
# What the table has besides, where its model fills it in.
EMPTY = ("caller_name", "agents", "rung", "transfers", "digits")
