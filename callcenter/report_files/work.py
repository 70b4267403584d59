"""A report as a file, as long work in its own process: asked again, written, noted, then there."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from multidict import MultiDict
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.config import ROOT
from callcenter.jobs.work import Work
from callcenter.pages.formats import Formats
from callcenter.pages.language import Words, speak
from callcenter.people.directory import Directory
from callcenter.report_files.asking import Printer, note, report_of
from callcenter.report_files.forms import check, file_name, form_of
from callcenter.reports import asked as asking

KIND = "report_file"  # in jobs.kinds


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken out: the job's params. `asked` is the question as it stands in an address."""

    report: str
    format: str
    asked: str
    user_id: int
    language: str
    zone: str


def path_of(folder: Path, form: str) -> Path:
    """Where the finished file lies in the job's folder."""
    return folder / f"report.{form}"


async def run(work: Work) -> dict[str, Any]:
    """Raises Forbidden when whoever wished it may no longer; cancelled it leaves nothing."""
    wish = msgspec.convert(work.params, Wish)
    speak(wish.language)
    sessions = async_sessionmaker(work.engine, expire_on_commit=False)
    directory, formats = Directory(), Formats(ZoneInfo(wish.zone))
    await directory.load(sessions)
    printer = Printer(directory, Words(ROOT / "web" / "locale"), formats)
    report, form = report_of(wish.report), form_of(wish.format)
    asked = asking.read(MultiDict(parse_qsl(wish.asked)), formats.today())
    path = path_of(work.folder, form.name)
    part = path.with_suffix(".part")
    try:
        async with sessions() as session:
            person = directory.person(wish.user_id)
            paper = await printer.prepare(session, person, report, asked)
            check(paper, form)
            work.progress(0, len(paper.rows))
            work.check()
            form.write(paper, part)
            work.check()
            note(session, wish.user_id, report, asked, form.name, len(paper.rows))
            await session.commit()
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    rows = len(paper.rows)
    work.progress(rows, rows)
    name = file_name(paper, asked, form)
    return {"rows": rows, "size": path.stat().st_size, "name": name}
