"""Prompts over HTTP: brought, heard, replaced, renamed, deleted; what the exchange has of it."""

import asyncio
import hashlib
import json
from urllib.parse import quote

import msgspec
import pytest

from callcenter.keys import PROMPTS
from callcenter.prompts import queries
from callcenter.switchboard import versions
from callcenter.switchboard.editing import put
from callcenter.switchboard.plan import Message, Queue
from tests.prompts.sounds import SINE, made
from tests.recordings.sounds import tone

PATH = "/switchboard/prompts"


@pytest.fixture
async def root(site):
    return await site.signed_in("root")


async def send(visitor, content, address=PATH, **query):
    """(status, what was said)"""
    headers = {"Accept": "application/json", "X-CSRF-Token": visitor.csrf}
    words = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    async with visitor.session.post(f"{address}?{words}", data=content, headers=headers) as answer:
        return answer.status, json.loads(await answer.text())


@pytest.fixture
async def closed(root, tmp_path):
    """A prompt that is there already."""
    _, said = await send(root, tone(tmp_path / "a.wav", 440, 1).read_bytes(), name="Đóng cửa.wav")
    return said


def at_the_exchange(site):
    """Everything in the folder from which the exchange plays, by name: a sound's SHA-256."""
    folder = site.app[PROMPTS].exchange
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def kept(tmp_path):
    return sorted(path.name for path in (tmp_path / "prompts").rglob("*") if path.is_file())


async def uses(site, *messages, live=False):
    """Let the draft, or the exchange, have these announcements."""
    async with site.sessions.begin() as session:
        await versions.change(
            session, 1, lambda plan: msgspec.structs.replace(plan, messages=messages)
        )
        if live:
            row = await versions._draft(session)
            row.is_draft, row.published_at = None, row.changed_at


async def test_a_file_becomes_a_prompt_that_is_heard_and_shown(site, root, tmp_path):
    sound = made(tmp_path / "a.mp3", *SINE).read_bytes()

    status, said = await send(root, sound, name="C:\\nhạc\\Đã hết giờ.mp3")
    page = await root.get(PATH)
    one = await root.get(said["url"])
    async with root.session.get(said["url"] + "/sound") as answer:
        content_type, body = answer.headers["Content-Type"], await answer.read()

    assert (status, said["name"], said["title"]) == (201, "da_het_gio", "Đã hết giờ")
    assert "Đã hết giờ" in page.text and "Nowhere yet" in page.text
    assert "Đã hết giờ.mp3" in one.text and "Root" in one.text
    assert (content_type, body[:4]) == ("audio/wav", b"RIFF")
    assert at_the_exchange(site) == {"da_het_gio.wav": hashlib.sha256(body).hexdigest()}


async def test_what_was_recorded_in_the_page_has_the_title_that_was_typed(site, root, tmp_path):
    sound = made(tmp_path / "a.webm", *SINE).read_bytes()

    _, first = await send(root, sound, title="  Lời   chào ")
    _, second = await send(root, sound, title="Lời chào")
    one = await root.get(first["url"])

    assert (first["title"], first["name"], second["name"]) == ("Lời chào", "loi_chao", "loi_chao_2")
    assert "Recorded in the page" in one.text


async def test_a_new_sound_takes_the_old_ones_place_at_once(site, root, closed, tmp_path):
    before = at_the_exchange(site)

    status, said = await send(
        root,
        tone(tmp_path / "b.wav", 880, 3).read_bytes(),
        closed["url"] + "/sound",
        name="b.wav",
    )

    assert (status, said["name"], said["title"]) == (201, "dong_cua", "Đóng cửa")
    assert said["seconds"] == 3
    assert at_the_exchange(site).keys() == before.keys() and at_the_exchange(site) != before
    assert kept(tmp_path) == [f"{at_the_exchange(site)['dong_cua.wav']}.wav"]


@pytest.mark.parametrize(
    "content, query, words",
    [
        (b"", {"name": "a.mp3"}, "The file is empty."),
        (b"no sound at all" * 99, {"name": "a.mp3"}, "no sound that can be read"),
        (b"RIFF", {"title": " "}, "Enter what it is called."),
        (b"RIFF", {"title": "x" * 101}, "Too long"),
    ],
)
async def test_what_cannot_be_a_prompt_is_refused_and_leaves_nothing(
    site, root, closed, tmp_path, content, query, words
):
    before, files = at_the_exchange(site), kept(tmp_path)

    new = await send(root, content, **query)
    instead = await send(root, content, closed["url"] + "/sound", **query)

    assert new[0] == 400 and words in new[1]["message"]
    assert instead[0] == (400 if "name" in query else instead[0])
    assert (at_the_exchange(site), kept(tmp_path)) == (before, files)
    async with site.sessions() as session:
        assert [each.name for each in await queries.prompts(session)] == ["dong_cua"]


async def test_what_is_too_large_is_refused(site, root, tmp_path, monkeypatch):
    monkeypatch.setattr("callcenter.prompts.shelf.MOST_MB", 0)

    status, said = await send(root, b"much", name="a.wav")

    assert (status, "larger than 0 MB" in said["message"]) == (400, True)
    assert kept(tmp_path) == []


async def test_a_prompt_is_renamed_and_keeps_its_name(site, root, closed):
    answer = await root.post(closed["url"] + "/rename", {"title": "Hết giờ làm việc"})
    empty = await root.post(closed["url"] + "/rename", {"title": "  "})

    assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, closed["url"])
    assert empty.status == 400 and "Enter what it is called." in empty.text
    assert "Hết giờ làm việc" in (await root.get(PATH)).text


@pytest.mark.parametrize("live", [False, True], ids=["draft", "live"])
async def test_a_prompt_that_is_played_somewhere_is_not_deleted(site, root, closed, live):
    await uses(site, Message(name="ngoai_gio", title="Ngoài giờ", prompt="dong_cua"), live=live)
    if live:
        await uses(site)  # the draft does without

    answer = await root.post(closed["url"] + "/delete")
    page = await root.get(PATH)

    assert answer.status == 409 and "Ngoài giờ plays it" in answer.text
    assert '<a class="link" href="/switchboard/messages/ngoai_gio">' in page.text
    assert "dong_cua.wav" in at_the_exchange(site)


async def test_a_queue_plays_its_music_and_its_words_after_the_callback_key(site, root, closed):
    async with site.sessions.begin() as session:
        care = Queue(name="care", title="Care", music="dong_cua", callback_prompt="dong_cua")
        await versions.change(session, 1, lambda plan: put(plan, care))

    page = await root.get(closed["url"])
    answer = await root.post(closed["url"] + "/delete")

    assert "Music of the queue" in page.text
    assert "Said after the key to be called back" in page.text
    assert (answer.status, "dong_cua.wav" in at_the_exchange(site)) == (409, True)


async def test_a_prompt_that_nothing_plays_is_deleted_with_its_sound(site, root, closed, tmp_path):
    answer = await root.post(closed["url"] + "/delete")

    assert answer.status == 303
    assert (await root.get(closed["url"])).status == 404
    assert (at_the_exchange(site), kept(tmp_path)) == ({}, [])


async def test_two_prompts_may_share_a_sound(site, root, closed, tmp_path):
    sound = tone(tmp_path / "a.wav", 440, 1).read_bytes()
    _, other = await send(root, sound, name="Khác.wav")

    await root.post(closed["url"] + "/delete")

    assert list(at_the_exchange(site)) == [other["name"] + ".wav"]
    async with root.session.get(other["url"] + "/sound") as answer:
        assert answer.status == 200


async def test_at_the_start_the_exchange_gets_what_is_written_down(site, root, closed, tmp_path):
    shelf, whole = site.app[PROMPTS], at_the_exchange(site)
    (shelf.exchange / "dong_cua.wav").write_bytes(b"half of it")
    (shelf.exchange / "gone.wav").write_bytes(b"of a prompt that was deleted")
    (shelf.exchange / ".dong_cua.part").write_bytes(b"of a change that was interrupted")
    (tmp_path / "prompts/.incoming/upload").write_bytes(b"of an upload that was interrupted")

    async with site.sessions() as session:
        await asyncio.to_thread(shelf.put_right, await queries.sounds(session))

    assert at_the_exchange(site) == whole
    assert len(kept(tmp_path)) == 1


async def test_prompts_are_the_switchboards(site, root, closed):
    lea = await site.signed_in("lea")

    assert (await lea.get(PATH)).status == 403
    assert (await send(lea, b"x", name="a.wav"))[0] == 403
