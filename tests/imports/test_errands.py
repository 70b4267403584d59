"""Files of imports are kept for thirty days, and what an upload left behind for one."""

import os
from datetime import timedelta

from callcenter.imports.errands import forget_files
from callcenter.imports.views import imports_folder
from tests.pages.site import NOW

HUONG = ["Hường", "0912345678"]


async def test_old_files_go_and_their_imports_stay(office):
    lea = await office.site.signed_in("lea")
    old, new = await office.imported(lea, HUONG), await office.begun(lea, HUONG)
    async with office.sessions.begin() as session:
        made = await session.get(type(await office.made(old)), old)
        made.finished_at = NOW - timedelta(days=31)
    lost = imports_folder() / "incoming-lost"
    lost.mkdir()
    os.utime(lost, (0, 0))

    await forget_files(imports_folder())(office.sessions)

    assert [each.name for each in imports_folder().iterdir()] == [str(new)]
    page = await lea.get(f"/imports/{old}")
    assert page.status == 200
    assert "The file of this import is not kept any more." in page.text
