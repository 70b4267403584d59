"""The national list out of a file: checked first, then in the place of the one before."""

import asyncio
import io
import re

import pytest
import xlsxwriter
from sqlalchemy import func, select

from callcenter.dialling import listed, national, national_views, national_work
from callcenter.dialling.finding import counts
from callcenter.dialling.models import DoNotCall
from callcenter.dialling.national import Found, find_numbers, lines_of, whole
from callcenter.errors import Invalid
from callcenter.jobs.work import Cancelled
from callcenter.keys import JOBS
from callcenter.sheets.caps import Caps
from callcenter.tasks import running
from tests.pages.site import NOW

PAGE = "/switchboard/do-not-call/national"


@pytest.fixture(autouse=True)
def uploads_beside_jobs(tmp_path, monkeypatch):
    """One disk has both, as in a service."""
    monkeypatch.setattr(national_views, "imports_folder", lambda: tmp_path / "imports")


def read(path):
    found = Found()
    list(find_numbers(lines_of(path), found))
    return found


@pytest.mark.parametrize(
    "typed, number",
    [("912345678", "0912345678"), ("2873001234", "02873001234"), ("912345678.0", "0912345678")],
)
def test_the_0_that_excel_has_eaten_comes_back(typed, number):
    assert whole(typed) == number


@pytest.mark.parametrize(
    "content",
    [
        "0912345678\n0987654321\n",
        "Số điện thoại\n84912345678\n+84 987 654 321\n",
        "STT;Số;Ngày\n1;0912.345.678;01/01/2026\n2;987654321;02/01/2026\n",
        '"0912345678","x"\r\n"0987654321","y"\r\n',
        "\ufeff0912345678\n0987654321",
    ],
)
def test_a_list_is_read_as_it_is_published(tmp_path, content):
    (tmp_path / "list").write_text(content)

    found = read(tmp_path / "list")

    assert found.keys == {"+84912345678", "+84987654321"} and found.bad_count == 0


def test_a_workbook_is_read_with_its_numbers_as_numbers(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "list.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["STT", "Số thuê bao"])
        sheet.write_row(1, 0, [1, 912345678])
        sheet.write_row(2, 0, [2, "0987654321"])

    assert read(tmp_path / "list.xlsx").keys == {"+84912345678", "+84987654321"}


def test_rows_that_are_no_number_are_told_with_their_reason_and_doubles_are_counted(tmp_path):
    (tmp_path / "list").write_text("0912345678\n0912 345 678\nabc\n0913\n0987654321\n")

    found = read(tmp_path / "list")

    assert (len(found.keys), found.doubled, found.bad_count) == (2, 1, 2)
    assert [(row, text) for row, text, _ in found.bad] == [(3, "abc"), (4, "0913")]
    assert "is not a phone number" in str(found.bad[0][2])


@pytest.mark.parametrize("content", ["", "\n\n", "Tên\nAn\nBình\n"])
def test_a_file_without_numbers_is_refused(tmp_path, content):
    (tmp_path / "list").write_text(content)

    with pytest.raises(Invalid):
        read(tmp_path / "list")


def test_a_file_with_more_rows_than_fit_in_memory_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(national, "CAPS", Caps(rows=2))
    (tmp_path / "list").write_text("0912345678\n\n0987654321\n")
    assert len(read(tmp_path / "list").keys) == 2

    (tmp_path / "list").write_text("0912345678\n" * 3)
    with pytest.raises(Invalid, match="more than 2 rows"):
        read(tmp_path / "list")


async def imported(site, root, content, name="list.txt"):
    """(page after the check, page after the replacement)."""
    checked = await uploaded(site, root, content, name)
    started = await root.post(checked + "/replace")
    assert started.status == 303
    await over(site, started.headers["Location"])
    return await root.get(checked), await root.get(started.headers["Location"])


async def uploaded(site, root, content, name="list.txt"):
    answer = await root.session.post(
        f"{PAGE}?name={name}",
        data=io.BytesIO(content.encode()),
        headers={"Accept": "application/json", "X-CSRF-Token": root.csrf},
    )
    address = (await answer.json())["address"]
    await over(site, address)
    return address


async def over(site, address):
    async with asyncio.timeout(60):
        await site.app[JOBS].over(int(address.rpartition("/")[2]))


def figures(page):
    return [int(re.search(rf'id="{each}">([\d.,]+)', page.text)[1]) for each in FIGURES]


ENOUGH = 40  # questions: a table that is locked answers none of them
FIGURES = ("numbers", "added", "removed", "bad")


async def keys(site):
    async with site.sessions() as session:
        return set(await session.scalars(select(DoNotCall.number_key)))


async def test_a_file_takes_the_place_of_the_list_once_that_was_wanted(site):
    own = DoNotCall(number_key="+84911111111", source="own", reason="x", added_at=NOW)
    await site.add(own)
    root = await site.signed_in("root")
    async with running(site.app[JOBS].run(), "jobs"):
        checked = await uploaded(site, root, "0912345678\n0987654321\nabc\n")
        assert await keys(site) == {"+84911111111"}
        assert figures(await root.get(checked)) == [2, 2, 0, 1]
        await imported(site, root, "0912345678\n0987654321\nabc\n")
        assert await keys(site) == {"+84911111111", "+84912345678", "+84987654321"}

        seen, done = await imported(site, root, "0912345678\n0911111111\n0903333333\n", "new.txt")

    assert figures(seen) == [3, 2, 1, 0] and "A large part of the list would go." in seen.text
    assert "2 numbers came, 1 went" in done.text
    assert await keys(site) == {"+84911111111", "+84912345678", "+84903333333"}
    async with site.sessions() as session:
        now = await counts(session)
    assert (now.own, now.national.count, now.national.file) == (1, 3, "new.txt")
    assert "new.txt" in (await root.get("/switchboard/do-not-call")).text


class CutOff:
    """Work that is told to stop after so many transactions; None: never."""

    def __init__(self, engine, folder, transactions):
        self.engine, self.folder, self.params = engine, folder / "2", PARAMS
        self.left = transactions

    def check(self):
        if self.left == 0:
            raise Cancelled
        if self.left is not None:
            self.left -= 1

    def progress(self, done, total, **counts):
        pass


PARAMS = {"check": 1, "by": 1, "file": "list.txt"}


@pytest.mark.parametrize("transactions", range(4))
async def test_a_replacement_that_is_cut_off_leaves_no_number_less_protected_and_goes_on(
    engine, sessions, tmp_path, monkeypatch, transactions
):
    monkeypatch.setattr(national_work, "TOGETHER", 1)
    before, wanted = {"+841", "+842", "+843"}, {"+843", "+844", "+845"}
    async with sessions.begin() as session:
        for key in before:
            session.add(DoNotCall(number_key=key, source="national", added_at=NOW))
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / national_work.KEYS).write_text("\n".join(wanted))

    with pytest.raises(Cancelled):  # two come, two go
        await national_work.replace(CutOff(engine, tmp_path, transactions))
    async with sessions() as session:
        there = set(await session.scalars(select(DoNotCall.number_key)))
    assert there >= before or there >= wanted
    await national_work.replace(CutOff(engine, tmp_path, None))

    async with sessions() as session:
        assert set(await session.scalars(select(DoNotCall.number_key))) == wanted


async def test_what_is_no_list_ends_in_a_sentence_and_changes_nothing(site):
    root = await site.signed_in("root")
    async with running(site.app[JOBS].run(), "jobs"):
        address = await uploaded(site, root, "Tên\nAn\nBình\n")

    assert "No column of this file has phone numbers." in (await root.get(address)).text
    assert (await root.post(address + "/replace")).status == 409
    assert await keys(site) == set()


async def test_100_000_numbers_come_in_while_calls_are_asked_about_all_the_time(site):
    root = await site.signed_in("root")
    lines = "".join(f"09{number:08}\n" for number in range(100_000))
    asked = 0

    async def ask_until(done):
        nonlocal asked
        while not done.is_set() and asked < ENOUGH:
            async with site.sessions() as session:
                await listed.entry(session, "+84900000000", NOW)
            asked += 1

    async def bring_in(done):
        await imported(site, root, lines)
        done.set()

    async with running(site.app[JOBS].run(), "jobs"):
        done = asyncio.Event()
        await asyncio.gather(bring_in(done), ask_until(done))

    assert asked == ENOUGH  # before it was over
    async with site.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(DoNotCall)) == 100_000
        assert await listed.entry(session, "+84900099999", NOW)


async def test_only_who_sets_the_switchboard_imports(site):
    lea = await site.signed_in("lea")

    assert (await lea.get(PAGE)).status == 403
    assert (await lea.post(PAGE)).status == 403
