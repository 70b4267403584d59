"""Voicemails in the browser: added, changed, refused in words, deleted."""

import re

import pytest

from callcenter.switchboard import versions
from callcenter.switchboard.plan import Voicemail

PATH = "/switchboard/voicemails"
BOX = {"title": "Ngoài giờ", "queue": "sales", "longest_s": "90", "prompt": ""}


@pytest.fixture
async def root(site):
    return await site.signed_in("root")


async def boxes(site):
    async with site.sessions() as session:
        return (await versions.working(session)).plan.voicemails


async def test_a_voicemail_is_added_changed_and_deleted(site, root):
    added = await root.post(PATH + "/new", BOX)
    page = await root.get(PATH + "/ngoai_gio")
    mark = re.search('name="mark" value="([^"]*)"', page.text)[1]
    await root.post(PATH + "/ngoai_gio", BOX | {"queue": "care", "mark": mark})
    shown = await root.get(PATH)

    assert (added.status, added.headers["Location"].split("?")[0]) == (303, PATH)
    assert await boxes(site) == (
        Voicemail(name="ngoai_gio", title="Ngoài giờ", queue="care", longest_s=90),
    )
    assert "Ngoài giờ" in shown.text and "Chăm sóc" in shown.text
    page = await root.get(PATH + "/ngoai_gio/delete")
    mark = re.search('name="mark" value="([^"]*)"', page.text)[1]
    await root.post(PATH + "/ngoai_gio/delete", {"mark": mark})
    assert await boxes(site) == ()


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"title": ""}, "Give it a name"),
        ({"queue": "nobody"}, "Choose whose missed call it is."),
        ({"longest_s": "4"}, "A number from 5 to 600."),
        ({"prompt": "none"}, "Choose one of the sounds."),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(site, root, wrong, words):
    answer = await root.post(PATH + "/new", BOX | {"longest_s": "77"} | wrong)

    assert answer.status == 400 and words in answer.text
    assert "longest_s" in wrong or 'value="77"' in answer.text
    assert await boxes(site) == ()
