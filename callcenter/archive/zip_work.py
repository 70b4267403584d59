"""Many recordings in one zip, as long work: copied as they are, in a memory that does not grow."""

import csv
import io
import shutil
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from callcenter.archive.zips import LIST, ZIP
from callcenter.calls.list_views import filters_of, narrowed_to, read
from callcenter.calls.models import CallRecord
from callcenter.calls.queries import conditions
from callcenter.config import ROOT
from callcenter.customers.models import Customer
from callcenter.errors import N_, Conflict, Forbidden
from callcenter.jobs.work import Work
from callcenter.pages.formats import Formats, duration, size
from callcenter.pages.language import Words, speak
from callcenter.people.directory import Directory
from callcenter.people.permissions import Permission
from callcenter.people.rights import Scope
from callcenter.recordings.disk import to_disk
from callcenter.recordings.models import Recording

KIND: Final = "recordings_zip"  # in jobs.kinds
TITLE: Final = N_("Recordings as a zip")
MOST: Final = 10_000  # recordings of one zip
LARGEST: Final = 10 * 2**30  # bytes of them
SPARE: Final = 2**30  # bytes that stay free on the disk
PIECE: Final = 500  # rows read at once
BLOCK: Final = 2**20  # bytes copied at once
COLUMNS: Final = (
    *(N_("File"), N_("Time"), N_("Direction"), N_("Number"), N_("Customer"), N_("Employee")),
    *(N_("Length"), N_("Size (bytes)"), N_("Checksum (SHA-256)"), N_("Call’s code")),
)
CHANGED = N_(
    "A recording in it was deleted or changed meanwhile, or you may not have it any more: make the"
    " zip again."
)
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"/\\|?*', "-"))  # by Windows, and in paths


class ZipWish(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted: the job's params. `ids` of calls, or `of`, the query of the list of calls."""

    ids: list[str]
    of: str
    user_id: int
    language: str
    zone: str
    folder: str  # of the recordings


def scope_of(directory: Directory, user_id: int) -> Scope:
    """Whose recordings they may take away: as far as both rights reach. Raises Forbidden."""
    person = directory.person(user_id)
    rights = directory.rights_of(person) if person else None
    if person is None or rights is None or not rights.may(Permission.DOWNLOAD):
        raise Forbidden(N_("You may not do this."))
    nearer = min(Permission.DOWNLOAD, Permission.CALLS, key=rights.reach)
    return directory.scope_of(person, nearer)


def chosen(
    directory: Directory, scope: Scope, ids: Sequence[str], of: str, zone: ZoneInfo, today: date
) -> Select[Any]:
    """Over Recording and CallRecord: what there is to take away, of what is wanted. Raises
    Invalid."""
    statement: Select[Any] = (
        select(Recording.call_id)
        .join(CallRecord, CallRecord.call_id == Recording.call_id)
        .where(Recording.state == "ready")
    )
    if ids:
        return scope.calls(statement.where(CallRecord.call_id.in_(ids)))
    asked, period = read(dict(parse_qsl(of)), today)
    wanted = conditions(filters_of(directory, zone, asked, period))
    return narrowed_to(scope, asked)(statement.where(*wanted))


async def measured(session: AsyncSession, statement: Select[Any]) -> tuple[int, int]:
    """How many recordings, and bytes."""
    asked = statement.with_only_columns(func.count(), func.coalesce(func.sum(Recording.size), 0))
    count, total = (await session.execute(asked)).one()
    return int(count), int(total)


def check(count: int, total: int, folder: Path) -> None:
    """Raises Conflict, in words, for nothing, too much, and no room below `folder`. Blocking."""
    if not count:
        raise Conflict(N_("There is no recording among these calls that you may take away."))
    if count > MOST or total > LARGEST:
        sentence = N_("At most {n} recordings and {size} at once: choose fewer days, please.")
        raise Conflict(sentence, n=MOST, size=size(LARGEST))
    while not folder.exists():
        folder = folder.parent
    if shutil.disk_usage(folder).free < total + SPARE:
        raise Conflict(N_("There is not enough room on the disk for this zip."))


async def run(work: Work) -> dict[str, Any]:
    """Raises Forbidden when whoever wished it may no longer; cancelled it leaves nothing."""
    wish = msgspec.convert(work.params, ZipWish)
    speak(wish.language)
    path, listed = work.folder / ZIP, work.folder / LIST
    part, told = path.with_suffix(".part"), listed.with_suffix(".part")
    sessions = async_sessionmaker(work.engine, expire_on_commit=False)
    directory = Directory()
    await directory.load(sessions)
    done = False
    try:
        async with sessions() as session:
            held, missing = await _write(work, session, directory, wish, part)
        told.write_bytes(msgspec.json.encode(held))
        to_disk(told)
        told.rename(listed)
        part.rename(path)
        # From here on whoever deletes a recording finds the zip; who did so before is found here.
        async with sessions() as session:
            if not await is_current(session, scope_of(directory, wish.user_id), held):
                raise Conflict(CHANGED)
        done = True
    finally:
        for each in (part, told) if done else (part, told, path, listed):
            each.unlink(missing_ok=True)
    result = {"rows": len(held), "size": path.stat().st_size}
    return result | ({"missing": missing} if missing else {})


async def is_current(session: AsyncSession, scope: Scope, held: dict[str, str]) -> bool:
    """Whether all that is in a zip is still there as it was, and still for these eyes."""
    ids = list(held)
    for start in range(0, len(ids), PIECE):
        part = ids[start : start + PIECE]
        asked = (
            select(Recording.call_id, Recording.sha256)
            .join(CallRecord, CallRecord.call_id == Recording.call_id)
            .where(Recording.call_id.in_(part), Recording.state == "ready")
        )
        there = {call_id: sha256 for call_id, sha256 in await session.execute(scope.calls(asked))}
        if any(each not in there or there[each] not in ("", held[each]) for each in part):
            return False
    return True


async def _write(
    work: Work, session: AsyncSession, directory: Directory, wish: ZipWish, part: Path
) -> tuple[dict[str, str], int]:
    """The zip; the sums of what is in it, by call, and how many files are not there."""
    zone, words = ZoneInfo(wish.zone), Words(ROOT / "web" / "locale")
    scope = scope_of(directory, wish.user_id)
    today = Formats(zone).today()
    statement = chosen(directory, scope, wish.ids, wish.of, zone, today)
    count, total = await measured(session, statement)
    check(count, total, work.folder)
    held, names, table = dict[str, str](), set[str](), io.StringIO()  # of MOST at most
    missing = 0
    lines = csv.writer(table, delimiter=";")
    lines.writerow([words.say(each) for each in COLUMNS])
    folder = Path(wish.folder).resolve()
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as packed:
        async for row in _rows(session, statement):
            work.check()
            person = directory.known(row.user_id) if row.user_id else None
            agent, started = person.name if person else "", row.started_at.astimezone(zone)
            source = (folder / row.path).resolve()
            if not source.is_relative_to(folder) or not source.is_file():
                missing += 1  # gone since it was kept: the reconciler tells of it
                continue
            name = _unique(file_name(started, row.number, agent, source.suffix), names)
            await _copy(work, packed, source, name, started)
            held[row.call_id] = row.sha256
            texts = (row.direction, row.number or "", row.customer or "", agent)
            rest = (duration(row.duration_s), row.size, row.sha256, row.call_id)
            lines.writerow([name, f"{started:%Y-%m-%d %H:%M:%S}", *map(_harmless, texts), *rest])
            work.progress(len(held), max(count, len(held)))
        packed.writestr("contents.csv", "\ufeff" + table.getvalue())
    work.check()
    return held, missing


async def _rows(session: AsyncSession, statement: Select[Any]) -> AsyncIterator[Any]:
    """The oldest first, a piece at a time."""
    columns = (CallRecord.started_at, CallRecord.call_id)
    asked = (
        statement.outerjoin(Customer, Customer.id == CallRecord.customer_id)
        .with_only_columns(
            *(CallRecord.started_at, CallRecord.call_id, CallRecord.direction, CallRecord.number),
            *(CallRecord.user_id, Customer.name.label("customer")),
            *(Recording.path, Recording.size, Recording.sha256, Recording.duration_s),
        )
        .order_by(*columns)
        .limit(PIECE)
    )
    after: Sequence[Any] = ()
    while True:
        there = [literal(value, each.type) for value, each in zip(after, columns, strict=False)]
        more = asked.where(tuple_(*columns) > tuple_(*there)) if there else asked
        rows = (await session.execute(more)).all()
        for row in rows:
            yield row
        if len(rows) < PIECE:
            return
        after = rows[-1][:2]


async def _copy(work: Work, packed: zipfile.ZipFile, source: Path, name: str, at: datetime) -> None:
    info = zipfile.ZipInfo(name, max(at.timetuple()[:6], (1980, 1, 1, 0, 0, 0)))
    info.external_attr = 0o644 << 16
    with source.open("rb") as file, packed.open(info, "w", force_zip64=True) as target:
        while block := file.read(BLOCK):
            work.check()
            target.write(block)


def file_name(at: datetime, number: str | None, agent: str, suffix: str) -> str:
    """ "2026-11-21 09-30-05 0912345678 Nguyễn Văn Ánh.mp3": a harmless name on any machine."""
    digits = "".join(letter for letter in number or "" if letter in "+0123456789")
    told = " ".join(filter(None, (f"{at:%Y-%m-%d %H-%M-%S}", digits, agent)))
    letters = unicodedata.normalize("NFC", told).translate(_FORBIDDEN)
    kept = "".join(c for c in letters if not unicodedata.category(c).startswith("C"))
    short = " ".join(kept.split()).encode()[:200].decode("utf-8", "ignore")
    return short.rstrip(" .") + suffix


def _unique(name: str, names: set[str]) -> str:
    """Told apart where letters' size is not."""
    path, found, place = Path(name), name, 1
    while found.lower() in names:
        place += 1
        found = f"{path.stem} ({place}){path.suffix}"
    names.add(found.lower())
    return found


def _harmless(text: str) -> str:
    """No formula for a spreadsheet; a number's + is none."""
    is_number = text.startswith("+") and text[1:].isdecimal()
    return f"'{text}" if text.startswith(tuple("=+-@\t\r")) and not is_number else text
