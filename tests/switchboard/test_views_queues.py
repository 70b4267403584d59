"""The pages of queues: what is typed becomes a draft, and a queue goes with a place to go on to."""

import re
from types import SimpleNamespace

import pytest

from callcenter.calls.call import Call, Direction, State
from callcenter.catalogues.models import CatalogueItem
from callcenter.keys import BOARD, DIRECTORY
from callcenter.people.models import UserSkill
from callcenter.settings import queries
from callcenter.settings.models import Queue as LiveQueue
from callcenter.switchboard import editing, versions
from callcenter.switchboard.plan import HANG_UP, Kind, Queue, Strategy, Voicemail, Way
from tests.pages.site import IDS, NOW

ENGLISH = 41
PATH = "/switchboard/queues"
TYPED = {
    "title": "Hỗ trợ kỹ thuật",
    "department": "1",
    "strategy": "ringall",
    "ring_s": "25",
    "service_level_s": "",
    "longest_wait_s": "180",
    "overflow": "queue:care",
    "says_every_s": "45",
    "says_place": "on",
    "callback_key": "*",
}
CARE = Way(kind=Kind.QUEUE, name="care")


@pytest.fixture
async def root(site):
    async with site.sessions.begin() as session:
        await queries.save_did(session, "1900 6789", "sales")
    await site.add(CatalogueItem(id=ENGLISH, catalogue="skill", name="English", position=10))
    return await site.signed_in("root")


async def plan(site):
    async with site.sessions() as session:
        return (await versions.working(session)).plan


async def with_parts(site, *parts):
    def edit(plan):
        for each in parts:
            plan = editing.put(plan, each)
        return plan

    async with site.sessions.begin() as session:
        await versions.change(session, IDS["root"], edit)


def mark(page):
    return re.search(r'name="mark" value="([^"]*)"', page.text)[1]


async def test_the_list_says_who_takes_the_calls_and_what_becomes_of_those_who_wait(site, root):
    await with_parts(
        site,
        Queue(
            name="sales",
            title="Bán hàng",
            department_id=1,
            skills=(ENGLISH,),
            strategy=Strategy.RING_ALL,
            longest_wait_s=180,
            overflow=CARE,
        ),
    )

    page = await root.get(PATH)

    assert page.status == 200
    assert "Sales, English" in page.text and "Everyone at once" in page.text
    assert "3:00" in page.text and 'href="/switchboard/queues/care"' in page.text


async def test_a_queue_is_added_to_the_draft_with_everything_that_was_typed(site, root):
    answer = await root.post(f"{PATH}/new", [*TYPED.items(), ("skill", str(ENGLISH))])

    assert (answer.status, answer.headers["Location"]) == (303, PATH)
    assert editing.part_of(await plan(site), Queue, "ho_tro_ky_thuat") == Queue(
        name="ho_tro_ky_thuat",
        title="Hỗ trợ kỹ thuật",
        department_id=1,
        skills=(ENGLISH,),
        strategy=Strategy.RING_ALL,
        ring_s=25,
        longest_wait_s=180,
        overflow=CARE,
        says_place=True,
        says_every_s=45,
        callback_key="*",
    )
    assert "sales" in site.app[DIRECTORY].queues and len(site.app[DIRECTORY].queues) == 2


async def test_a_new_queue_never_takes_the_name_of_one_that_had_calls(site, root):
    await site.add(LiveQueue(name="ho_tro_ky_thuat", title="Cũ"))
    await site.app[DIRECTORY].load(site.sessions)
    async with site.sessions.begin() as session:
        await versions.change(
            session, 1, lambda plan: editing.removed(plan, Queue, "ho_tro_ky_thuat")
        )

    await root.post(f"{PATH}/new", TYPED)

    assert [each.name for each in (await plan(site)).queues][-1] == "ho_tro_ky_thuat_2"


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"title": ""}, "Enter a title."),
        ({"title": "x" * 101}, "Too long: 100 letters at most."),
        ({"title": "chăm sóc"}, "Another queue is called that already."),
        ({"department": ""}, "Choose a department, or at least one skill"),
        ({"department": "99"}, "There is no such department."),
        ({"strategy": "linear"}, "Choose whom a call rings."),
        ({"ring_s": "4"}, "A whole number from 5 to 120, please."),
        ({"ring_s": "viele"}, "A whole number from 5 to 120, please."),
        ({"ring_s": "00000000020000"}, "A whole number from 5 to 120, please."),
        ({"longest_wait_s": "99999999999"}, "A whole number from 5 to 86400, please."),
        ({"says_every_s": ""}, "A whole number from 15 to 600, please."),
        ({"service_level_s": "0"}, "A whole number from 1 to 3600, please."),
        ({"overflow": ""}, "Choose where calls go on."),
        ({"overflow": "queue:nowhere"}, "Choose where calls go on."),
        ({"music": "nothing"}, "There is no such prompt."),
        ({"callback_key": "12"}, "Choose one of the keys."),
        ({"callback_prompt": "nothing"}, "There is no such prompt."),
    ],
)
async def test_what_will_not_do_is_said_at_its_field_and_stays_typed(site, root, typed, sentence):
    before = await plan(site)

    answer = await root.post(f"{PATH}/new", TYPED | typed)

    assert answer.status == 400 and sentence in answer.text
    assert 'value="ringall" checked' in answer.text or "strategy" in typed
    assert await plan(site) == before


async def test_all_mistakes_are_shown_at_once(root):
    answer = await root.post(f"{PATH}/new", TYPED | {"title": "", "ring_s": "0"})

    assert "Enter a title." in answer.text and "from 5 to 120" in answer.text


async def test_a_queue_without_an_end_needs_no_place_to_go_on_to(site, root):
    answer = await root.post(f"{PATH}/new", TYPED | {"longest_wait_s": "", "overflow": ""})

    assert answer.status == 303
    assert editing.part_of(await plan(site), Queue, "ho_tro_ky_thuat").overflow == HANG_UP


async def test_a_queue_does_not_overflow_into_itself(site, root):
    page = await root.get(f"{PATH}/sales")

    answer = await root.post(
        f"{PATH}/sales", TYPED | {"mark": mark(page), "overflow": "queue:sales"}
    )

    assert answer.status == 400 and "This is the queue itself" in answer.text


async def test_changing_keeps_the_name_and_says_when_somebody_was_faster(site, root):
    page = await root.get(f"{PATH}/sales")

    first = await root.post(f"{PATH}/sales", TYPED | {"mark": mark(page)})
    second = await root.post(f"{PATH}/sales", TYPED | {"mark": mark(page), "ring_s": "30"})

    assert (first.status, second.status) == (303, 409)
    assert "Somebody else has changed this meanwhile" in second.text
    assert 'value="30"' in second.text
    assert editing.part_of(await plan(site), Queue, "sales").ring_s == 25


async def test_the_form_shows_what_it_saved(site, root):
    await root.post(f"{PATH}/new", [*TYPED.items(), ("skill", str(ENGLISH))])

    page = await root.get(f"{PATH}/ho_tro_ky_thuat")

    for shown in (
        'value="ringall" checked',
        f'name="skill" value="{ENGLISH}" checked',
        'name="says_place" checked',
        'value="queue:care" selected',
        'value="180"',
    ):
        assert shown in page.text
    assert 'name="says_wait" checked' not in page.text
    assert "Nguyễn Mara" in page.text and "Phạm Kim" not in page.text


async def test_people_with_the_skill_are_among_those_who_take_its_calls(site, root):
    await site.add(UserSkill(user_id=IDS["kim"], skill_id=ENGLISH))
    await site.app[DIRECTORY].load(site.sessions)
    await root.post(f"{PATH}/new", [*TYPED.items(), ("skill", str(ENGLISH)), ("department", "")])

    page = await root.get(f"{PATH}/ho_tro_ky_thuat")

    assert "Phạm Kim" in page.text


async def test_removing_says_what_leads_there_and_how_many_wait(site, root):
    waiting = Call(
        call_id="1",
        direction=Direction.INBOUND,
        state=State.WAITING,
        number="0912345678",
        queue="sales",
        started_at=NOW,
    )
    site.app._state[BOARD] = SimpleNamespace(calls=lambda: [waiting])

    page = await root.get(f"{PATH}/sales/delete")

    assert "1900 6789" in page.text and "1 caller waits there now." in page.text
    assert 'value="queue:sales"' not in page.text
    assert 'value="" selected' in page.text  # hanging up is no choice that one makes by itself


async def test_what_led_to_a_removed_queue_leads_where_one_has_chosen(site, root):
    answer = await root.post(f"{PATH}/sales/delete", {"to": "queue:care"})

    assert (answer.status, answer.headers["Location"]) == (303, PATH)
    left = await plan(site)
    assert [each.name for each in left.queues] == ["care"]
    assert [each.way for each in left.numbers] == [CARE]


@pytest.mark.parametrize("to", ["", "queue:sales", "menu:nowhere"])
async def test_a_queue_is_not_removed_without_a_place_to_go_on_to(site, root, to):
    answer = await root.post(f"{PATH}/sales/delete", {"to": to})

    assert answer.status == 400 and "Choose where calls go on." in answer.text
    assert len((await plan(site)).queues) == 2


async def test_a_queue_with_a_voicemails_messages_stays_until_they_are_anothers(site, root):
    await with_parts(site, Voicemail(name="mail", title="Ngoài giờ", queue="sales"))

    answer = await root.post(f"{PATH}/sales/delete", {"to": "queue:care"})

    assert answer.status == 409 and "Messages of the voicemail Ngoài giờ" in answer.text


async def test_what_is_wrong_with_a_queue_stands_on_its_page(site, root):
    lonely = Queue(name="lonely", title="Lonely", longest_wait_s=60, overflow=HANG_UP)
    await with_parts(site, lonely)

    page, other = await root.get(f"{PATH}/lonely"), await root.get(f"{PATH}/sales")

    assert "Who waits too long in Lonely is hung up on." in page.text
    assert "Nobody takes the calls of Lonely" in page.text
    assert "is hung up on" not in other.text


async def test_a_queue_that_is_not_there_is_missing(root):
    assert (await root.get(f"{PATH}/nowhere")).status == 404
    assert (await root.post(f"{PATH}/nowhere", TYPED)).status == 404
    assert (await root.get(f"{PATH}/nowhere/delete")).status == 404
    assert (await root.post(f"{PATH}/nowhere/delete", {"to": "hang_up"})).status == 404


async def test_team_leads_set_no_queues(site):
    lea = await site.signed_in("lea")

    assert (await lea.get(PATH)).status == 403
    assert (await lea.post(f"{PATH}/new", TYPED)).status == 403
