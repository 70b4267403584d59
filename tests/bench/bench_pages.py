"""CPU of the list of customers beyond its queries: python -m tests.bench.bench_pages

The whole application, asked for the list of 50 rows by an agent: what building its rows and filling
its template takes of the loop's thread, for the whole page and for the part that htmx swaps; beside
it the same list without rows (what stands around them), and fifty rows of as many cells written by
plain Python, which no template can beat. The best of many times: the rest is the machine's.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape

from callcenter.customers import search
from callcenter.customers.models import Customer, CustomerPhone
from callcenter.customers.numbers import digits_of, key_of
from callcenter.keys import TEMPLATES
from callcenter.lists import views
from tests.bench.crowd import folder
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
                created_at=NOW,
                updated_at=NOW,
            )
        )
        key = key_of(raw)
        backwards = digits_of(key)[::-1]
        rows.append(
            CustomerPhone(customer_id=id, number_key=key, raw=raw, reversed_digits=backwards)
        )
    return rows


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
            session.add_all(customers())
        clock, templates = Clock(), app.app[TEMPLATES]
        templates.html = clock.around(templates.html)  # type: ignore[method-assign]
        patch.setattr(views, "rows", clock.around(views.rows))
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
        "unit": "milliseconds of CPU beyond the queries",
        "goal": GOAL,
        **found,
        "rows alone": round(found["part for htmx"] - found["part without rows"], 3),
        "ratio to plain Python": round(found["page"] / found["fifty rows by plain Python"], 1),
    }
    (folder() / "pages.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
