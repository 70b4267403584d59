"""CPU of the list of customers beyond its queries: python -m tests.bench.bench_pages

The whole application, asked for the list of 50 rows by an agent: what everything that is worked out
besides questions to the database (its rows, what it offers, its template, its bytes) takes of the
loop's thread, for the whole page and for the part that htmx swaps; beside it the same list without
rows (what stands around them), and fifty rows of as many cells written by plain Python, which no
template can beat. Each row has a status, an owner, a last contact, and every third two numbers. The
best of many times: the rest is the machine's.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from sqlalchemy import insert

from callcenter.calls.call import Direction, State
from callcenter.calls.models import CallRecord
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers import search
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of
from callcenter.lists import views
from callcenter.settings.demo_catalogues import items
from tests.bench.report import keep
from tests.pages.site import IDS
from tests.people.whole import whole

ROWS, TIMES = 50, 200
GOAL = 1.5  # milliseconds
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)


class Clock:
    """CPU of the loop's thread spent in what is wrapped; nothing of it waits."""

    def __init__(self) -> None:
        self.spent = 0.0

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return work(*given, **named)
            finally:
                self.spent += time.thread_time() - began

        return timed


def customers() -> list[Any]:
    rows: list[Any] = []
    for id in range(1, ROWS + 1):
        name, raw = f"Trần Thị Mỹ Hạnh {id}", f"09123456{id:02}"
        rows.append(
            Customer(
                id=id,
                code=f"KH-{id:06}",
                name=name,
                search_key=search.key_of(name),
                company="Cơ khí Đặng Gia",
                owner_id=IDS["mara"],
                status_id=id % 5 + 1,
                created_at=NOW,
                updated_at=NOW,
            )
        )
        rows += [phone(id, raw, 0), *([phone(id, f"02437{id:06}", 1)] if id % 3 == 0 else [])]
        rows.append(
            CallRecord(
                call_id=f"{id}.1",
                customer_id=id,
                direction=Direction.OUTBOUND,
                state=State.ENDED,
                started_at=NOW - timedelta(hours=id),
                answered_at=NOW - timedelta(hours=id),
            )
        )
    return rows


def phone(customer_id: int, raw: str, place: int) -> CustomerPhone:
    key = key_of(raw)
    return CustomerPhone(
        customer_id=customer_id,
        number_key=key,
        raw=raw,
        reversed_digits=digits_of(key)[::-1],
        position=place,
    )


def plain() -> str:
    """As much as a table needs at least."""
    cells = ("Trần Thị Mỹ Hạnh", "Cơ khí Đặng Gia", "0912 345 678", "Mới", "Mara", "Hôm qua")
    return "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for _ in range(ROWS)
    )


async def measured(place: Path, patch: pytest.MonkeyPatch) -> dict[str, float]:
    found: dict[str, float] = {}
    async with whole(place, patch, "x", ["mara"]) as app:
        async with app.sessions.begin() as session:
            await session.execute(insert(CatalogueItem), items(demo=True))
            session.add_all(customers())
        clock = Clock()
        for work in ("rows", "render", "_around", "_offers", "_chips"):
            patch.setattr(views, work, clock.around(getattr(views, work)))
        signed_in = {"Accept": "text/html", "Authorization": f"Bearer {app._tokens['mara']}"}
        asked: dict[str, tuple[str, dict[str, str]]] = {
            "page": ("/customers", {}),
            "part for htmx": ("/customers", {"HX-Request": "true"}),
            "part without rows": ("/customers?q=zzz", {"HX-Request": "true"}),
        }
        for _ in range(TIMES):
            for name, (path, headers) in asked.items():
                clock.spent = 0.0
                async with app._client.get(path, headers=signed_in | headers) as answer:
                    assert answer.status == 200
                found[name] = min(found.get(name, 9.0), clock.spent)
    began = time.thread_time()
    for _ in range(TIMES):
        plain()
    found["fifty rows by plain Python"] = (time.thread_time() - began) / TIMES
    return {name: round(seconds * 1000, 3) for name, seconds in found.items()}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="callcenter-bench-") as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        found = asyncio.run(measured(Path(name), patch))
    report = {
        "name": "pages",
        "unit": "milliseconds of CPU of the loop's thread beyond the queries",
        "goal": GOAL,
        **found,
        "rows alone": round(found["part for htmx"] - found["part without rows"], 3),
        "ratio to plain Python": round(found["page"] / found["fifty rows by plain Python"], 1),
    }
    keep(report)


if __name__ == "__main__":
    main()
