"""Skills: who has which, who may tick them, and whose calls somebody takes by them."""

from sqlalchemy import select, update

from callcenter.catalogues.models import CatalogueItem
from callcenter.keys import DIRECTORY, INBOX
from callcenter.people.models import AuditEntry, User, UserSkill
from callcenter.people.permissions import Permission
from callcenter.settings.models import Queue, QueueSkill
from callcenter.staff import skills
from tests.pages.site import IDS
from tests.staff.steps import saves, user

ENGLISH = 41


async def english(site, *queues):
    """The skill, and queues of no department that ask for it."""
    await site.add(CatalogueItem(id=ENGLISH, catalogue="skill", name="English", position=10))
    for each in queues:
        await site.add(Queue(name=each, title=each.title()))
        await site.add(QueueSkill(queue=each, skill_id=ENGLISH))
    await site.app[DIRECTORY].load(site.sessions)


async def who_has(site):
    async with site.sessions() as session:
        rows = await session.scalars(select(UserSkill.user_id).order_by(UserSkill.user_id))
        return [name for row in rows for name, id in IDS.items() if id == row]


async def written(site):
    """What the audit says of skills."""
    about = AuditEntry.action.in_(["skills-ticked", "skill-given"])
    async with site.sessions() as session:
        return list(await session.scalars(select(AuditEntry.detail).where(about)))


def queues_of(site, username):
    directory = site.app[DIRECTORY]
    return directory.queues_of(directory.person(IDS[username]))


async def test_whoever_has_the_skill_takes_the_queues_calls_besides_their_departments(site):
    await english(site, "foreigners")
    root = await site.signed_in("root")

    answer = await saves(site, root, "mara", skill=str(ENGLISH))

    assert (answer.status, await who_has(site)) == (303, ["mara"])
    assert await written(site) == ["mara: English"]
    assert queues_of(site, "mara") == {"sales", "foreigners"}
    assert queues_of(site, "jon") == {"sales"}
    assert queues_of(site, "kim") == {"care"}


async def test_somebody_of_no_department_takes_the_calls_that_ask_for_their_skill(site):
    await english(site, "foreigners")

    await site.add(UserSkill(user_id=IDS["root"], skill_id=ENGLISH))
    await site.app[DIRECTORY].load(site.sessions)

    assert queues_of(site, "root") == {"foreigners"}


async def test_a_form_without_the_tick_takes_the_skill_away(site):
    await english(site, "foreigners")
    root = await site.signed_in("root")
    await saves(site, root, "mara", skill=str(ENGLISH))

    await saves(site, root, "mara")

    assert await who_has(site) == []
    assert queues_of(site, "mara") == {"sales"}


async def test_a_skill_that_is_no_skill_is_not_given(site):
    await english(site)
    await site.add(CatalogueItem(id=7, catalogue="source", name="Website"))
    root = await site.signed_in("root")

    answer = await saves(site, root, "mara", skill="7")

    assert (answer.status, await who_has(site)) == (303, [])


async def test_a_lead_ticks_their_own_people_and_leaves_the_others_as_they_are(site):
    await english(site, "foreigners")
    await site.add(
        UserSkill(user_id=IDS["kim"], skill_id=ENGLISH),
        UserSkill(user_id=IDS["jon"], skill_id=ENGLISH),
    )
    lea = await site.signed_in("lea")

    shown = await lea.get(f"/team/skills/{ENGLISH}")
    answer = await lea.post(
        f"/team/skills/{ENGLISH}",
        [("person", str(IDS[name])) for name in ("mara", "tom", "kim", "lea", "root")],
    )

    assert "Phạm Kim" not in shown.text and "1 person elsewhere" in shown.text
    assert answer.status == 303
    assert await who_has(site) == ["mara", "tom", "kim"]
    assert queues_of(site, "tom") == {"foreigners"}
    assert await written(site) == ["English: −jon, +mara, +tom"]


async def test_what_two_leads_give_at_the_same_moment_is_given_once(site):
    await english(site)
    item = CatalogueItem(id=ENGLISH, catalogue="skill", name="English")
    people = {IDS["mara"], IDS["jon"]}
    async with site.sessions() as one:
        async with site.sessions.begin() as other:
            await skills.give(other, item, people, people, IDS["root"])
        await skills._add(one, [(each, ENGLISH) for each in sorted(people)])
        await one.commit()

    assert await who_has(site) == ["mara", "jon"]


async def test_agents_choose_nobodys_skills(site):
    await english(site)
    mara = await site.signed_in("mara")

    assert (await mara.get("/team/skills")).status == 403
    assert (await mara.post(f"/team/skills/{ENGLISH}", {"person": "3"})).status == 403
    assert await who_has(site) == []


async def test_the_list_says_how_many_have_a_skill_and_which_queues_ask_for_it(site):
    await english(site, "foreigners")
    await site.add(
        UserSkill(user_id=IDS["kim"], skill_id=ENGLISH),
        UserSkill(user_id=IDS["mara"], skill_id=ENGLISH),
    )

    root = await (await site.signed_in("root")).get("/team/skills")
    lea = await (await site.signed_in("lea")).get("/team/skills")

    assert "Foreigners" in root.text and "1 elsewhere" not in root.text
    assert "and 1 elsewhere" in lea.text
    assert "/settings/catalogues/skill" in root.text
    assert "/settings/catalogues/skill" not in lea.text


async def test_a_skill_that_a_queue_asks_for_is_neither_deleted_nor_merged(site):
    await english(site, "foreigners")
    await site.add(CatalogueItem(id=42, catalogue="skill", name="French", position=20))
    root, path = await site.signed_in("root"), f"/settings/catalogues/skill/{ENGLISH}"

    deleted = await root.post(f"{path}/delete")
    merged = await root.post(f"{path}/merge", {"into": "42"})

    for answer in deleted, merged:
        assert answer.status == 409
        assert "The queue Foreigners asks for “English”" in answer.text


async def test_whoever_has_both_skills_has_the_one_that_is_left_once(site):
    await english(site)
    await site.add(CatalogueItem(id=42, catalogue="skill", name="Englisch", position=20))
    await site.add(
        *(UserSkill(user_id=IDS["mara"], skill_id=each) for each in (42, ENGLISH)),
        UserSkill(user_id=IDS["jon"], skill_id=42),
    )
    root = await site.signed_in("root")

    answer = await root.post("/settings/catalogues/skill/42/merge", {"into": str(ENGLISH)})

    assert (answer.status, await who_has(site)) == (303, ["mara", "jon"])


async def test_a_deleted_account_has_no_skills_any_more(site):
    await english(site)
    await site.add(UserSkill(user_id=IDS["jon"], skill_id=ENGLISH))
    async with site.sessions() as session:
        await session.execute(update(User).where(User.id == IDS["jon"]).values(active=False))
        await session.commit()
    root = await site.signed_in("root")

    await root.post(f"/team/{IDS['jon']}/delete")

    assert (await user(site, "jon"), await who_has(site)) == (None, [])


async def test_a_queue_of_no_department_is_seen_by_who_takes_its_calls_and_who_leads_them(site):
    await english(site, "foreigners")
    await site.add(UserSkill(user_id=IDS["tom"], skill_id=ENGLISH))
    await site.app[DIRECTORY].load(site.sessions)
    directory = site.app[DIRECTORY]

    def queues(username):
        person = directory.person(IDS[username])
        return directory.scope_of(person, Permission.CALLBACKS).queues

    assert queues("tom") == queues("lea") == {"foreigners"}
    assert queues("mara") == queues("kim") == frozenset()


async def test_a_missed_call_of_such_a_queue_waits_for_those_who_take_its_calls(site):
    await english(site, "foreigners")
    await site.add(UserSkill(user_id=IDS["kim"], skill_id=ENGLISH))
    await site.app[DIRECTORY].load(site.sessions)
    await site.call(None, "0987654321", result="abandoned", queue="foreigners")
    await site.app[INBOX].load()

    for username, sees in (("kim", True), ("root", True), ("mara", False), ("lea", False)):
        page = await (await site.signed_in(username)).get("/callbacks")
        assert ("098 765 4321" in page.text or "0987 654 321" in page.text) is sees, username


async def test_explain_says_which_queue_does_not_ask_them_for_want_of_a_skill(site):
    await english(site, "foreigners")
    root = await site.signed_in("root")

    page = await root.get(f"/explain/agent?agent={IDS['mara']}")

    assert "Foreigners: does not have the skill English" in page.text
