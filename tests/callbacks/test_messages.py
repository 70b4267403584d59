"""What callers have said whom nobody answered: with their missed call, for those who see that."""

import pytest

from callcenter.customers.numbers import key_of
from callcenter.keys import INBOX
from callcenter.recordings.models import Listening, Recording
from tests.pages.site import IDS, NOW
from tests.recordings.sounds import tone

AN = "0912345678"


@pytest.fixture
async def message(site, tmp_path):
    """An's call to sales, with a message."""
    call = await site.call(None, AN, result="no_answer", department_id=1, queue="sales")
    tone(tmp_path / "recordings/a.mp3", 440, 1)
    await site.add(
        Recording(
            call_id=call.call_id,
            state="ready",
            kind="voicemail",
            path="a.mp3",
            duration_s=7.0,
            created_at=NOW,
        )
    )
    await site.app[INBOX].load()
    return f"/callbacks/missed/{key_of(AN)}/messages/{call.call_id}.mp3"


async def test_a_message_stands_beside_its_missed_call_and_is_played_there(site, message):
    mara = await site.signed_in("mara")

    page = await mara.get("/callbacks")
    async with mara.session.get(message) as answer:
        status, kind = answer.status, answer.headers["Content-Type"]

    assert f'<sound-play src="{message}" seconds="7.0">' in page.text
    assert (status, kind) == (200, "audio/mpeg")
    async with site.sessions() as session:
        assert (await session.get(Listening, 1)).user_id == IDS["mara"]


@pytest.mark.parametrize("who, status", [("lea", 200), ("root", 200), ("kim", 404), ("tom", 404)])
async def test_it_is_heard_by_the_queues_people_and_by_nobody_else(site, message, who, status):
    visitor = await site.signed_in(who)

    page = await visitor.get("/callbacks?tab=all")

    assert (message in page.text) == (status == 200)
    async with visitor.session.get(message, headers={"Accept": "application/json"}) as answer:
        assert answer.status == status


async def test_what_is_said_in_a_conversation_is_no_message(site, message):
    talk = await site.call("mara", "0987654321")
    mara = await site.signed_in("mara")

    assert (await mara.get(message.replace("call-1", talk.call_id))).status == 404
    assert (await mara.get(message.replace(key_of(AN), key_of("0987654321")))).status == 404
