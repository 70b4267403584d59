"""Rows of the demo company, put into their tables with the ids they have."""

from collections.abc import Sequence

from sqlalchemy import Table, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection


async def put(connection: AsyncConnection, model: type, rows: Sequence[dict[str, object]]) -> None:
    table: Table = model.__table__  # type: ignore[attr-defined]
    if not rows:
        return
    await connection.execute(insert(table), rows)
    if connection.dialect.name == "postgresql" and "id" in rows[0]:
        # PostgreSQL's counter does not notice ids that were given to it.
        last = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {len(rows)})"
        await connection.execute(text(last))
