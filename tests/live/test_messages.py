"""What a lead says to their people stays until it is read, and the lead sees who has read it."""

import pytest
from sqlalchemy import func, select

from callcenter.keys import DESK, DIRECTORY, SESSIONS
from callcenter.live.messages import Messages
from callcenter.live.models import TeamMessage
from tests.live.house import ANH, BINH, CUONG, a_team, visitor


@pytest.fixture
async def place(sessions, engine):
    async with a_team(sessions, engine) as place:
        yield place


async def state(page):
    message = await page.receive_json(timeout=5)
    assert message["type"] == "state"
    return message


async def heard(page, what):
    """The next message of that type, "note" by what it is about; others are passed over."""
    while True:
        message = await page.receive_json(timeout=5)
        if what in (message["type"], message.get("what")):
            return message


async def test_a_message_stays_on_the_page_until_it_is_read_and_the_sender_is_told(place):
    binh, anh = await visitor(place, "binh"), await visitor(place, "anh")
    async with place.page("anh") as page, place.page("binh") as lead:
        assert (await state(page))["messages"] == []
        await state(lead)
        sent = {"to": str(ANH), "text": "  Gọi lại chị Hạnh nhé.\n\nCảm ơn! "}
        assert (await binh.post("/live/messages", json=True, **sent))[0] == 200
        [message] = (await heard(page, "messages"))["messages"]
        assert (message["by"], message["to_all"]) == ("Lê Thị Bình", False)
        assert message["text"] == "Gọi lại chị Hạnh nhé.\n\nCảm ơn!"

        async with place.page("anh") as another:
            assert (await state(another))["messages"] == [message]
            assert (await anh.post(f"/messages/{message['id']}/read"))[0] == 200
            assert (await heard(another, "messages"))["messages"] == []
        assert (await heard(page, "messages"))["messages"] == []
        told = await heard(lead, "message-read")
        assert (told["message_id"], told["user_id"]) == (message["id"], ANH)

    _, listed = await binh.get("/live/messages")
    assert "Gọi lại chị Hạnh nhé." in listed
    assert "<span data-read>1</span> / 1" in listed


async def test_a_message_to_all_reaches_the_team_and_nobody_else(place):
    binh = await visitor(place, "binh")
    async with place.page("anh") as mine, place.page("cuong") as others:
        await state(mine)
        await state(others)
        assert (await binh.post("/live/messages", to="all", text="Họp lúc 4 giờ"))[0] == 303
        [message] = (await heard(mine, "messages"))["messages"]
        assert message["to_all"]

        place.desk.tell(CUONG, {"type": "the next"})
        assert (await others.receive_json(timeout=5))["type"] == "the next"


async def test_what_nobody_has_read_survives_a_restart(place):
    binh = await visitor(place, "binh")
    await binh.post("/live/messages", to=str(ANH), text="Đọc sau")

    app = place.app
    again = Messages(app[SESSIONS], app[DIRECTORY], app[DESK].tell)
    await again.load()

    [message] = again.state(ANH)["messages"]
    assert message.text == "Đọc sau"
    assert again.state(BINH)["messages"] == []


async def test_a_message_that_is_not_theirs_is_not_there(place):
    binh, cuong = await visitor(place, "binh"), await visitor(place, "cuong")
    await binh.post("/live/messages", to=str(ANH), text="Cho Ánh")
    async with place.sessions() as session:
        message_id = await session.scalar(select(TeamMessage.id))

    for path in (f"/messages/{message_id}/read", "/messages/999/read"):
        assert (await cuong.post(path))[0] == 404
    assert (await binh.post(f"/messages/{message_id}/read"))[0] == 404  # nor the sender's to read
    assert (await cuong.post("/live/messages", to="all", text="x"))[0] == 403


@pytest.mark.parametrize(
    ("to", "text", "status", "sentence"),
    [
        ("all", " \n\u200b", 400, "Write what you want to say."),
        ("all", "x" * 1001, 400, "A message has at most 1000 letters."),
        ("", "Keep me", 400, "Choose who should read it."),
        ("٣", "Keep me", 400, "Choose who should read it."),
        (str(CUONG), "Keep me", 404, "There is no such employee."),
        (str(BINH), "Keep me", 404, "There is no such employee."),
    ],
)
async def test_what_cannot_be_sent_is_said_and_what_was_typed_is_kept(
    place, to, text, status, sentence
):
    binh = await visitor(place, "binh")

    answer, page = await binh.post("/live/messages", to=to, text=text)

    assert (answer, sentence in page) == (status, True)
    assert text != "Keep me" or "Keep me" in page
    async with place.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(TeamMessage)) == 0


async def test_a_lead_sees_their_own_messages_and_the_company_sees_all(place):
    binh, boss = await visitor(place, "binh"), await visitor(place, "boss")
    await boss.post("/live/messages", to="all", text="Của sếp")
    await binh.post("/live/messages", to="all", text="Của Bình")

    _, theirs = await binh.get("/live/messages")
    _, everything = await boss.get("/live/messages")

    assert "Của Bình" in theirs and "Của sếp" not in theirs
    assert "Của Bình" in everything and "Của sếp" in everything
