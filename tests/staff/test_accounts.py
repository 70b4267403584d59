"""Accounts: who may make and change whose, and what a new one can and cannot."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from callcenter.api.tokens import make_token
from callcenter.catalogues.models import CatalogueItem
from callcenter.keys import DIRECTORY
from callcenter.people.models import PermissionGroup, SignInAttempt, UserGroup
from callcenter.people.permissions import Permission, Reach
from tests.pages.site import IDS, PASSWORD
from tests.staff.steps import adds, audited, saves, user


async def test_a_lead_adds_an_agent_who_signs_in_with_the_password_that_is_shown(site):
    lea = await site.signed_in("lea")

    answer, password = await adds(site, lea, extension="205", birthday="1/2/1999")

    hoa = await user(site, "hoa")
    assert answer.status == 200 and password
    assert (hoa.role, hoa.department_id, hoa.extension) == ("agent", 1, "205")
    assert hoa.birthday == date(1999, 2, 1) and hoa.password_is_temporary
    assert site.app[DIRECTORY].of_extension("205").id == hoa.id
    visitor = await site.visitor()
    signed_in = await visitor.post("/sign-in", {"username": "hoa", "password": password})
    assert signed_in.status == 303
    assert "account-added" in await audited(site)


async def test_the_password_is_in_no_table_and_no_second_page(site):
    lea = await site.signed_in("lea")
    _, password = await adds(site, lea)

    hoa = await user(site, "hoa")

    assert password not in hoa.password and hoa.password.startswith("$argon2")
    assert password not in (await lea.get(f"/team/{hoa.id}")).text


@pytest.mark.parametrize("role", ["team_lead", "superadmin", "god"])
async def test_a_lead_makes_neither_leads_nor_superadmins(site, role):
    lea = await site.signed_in("lea")

    answer, _ = await adds(site, lea, role=role)

    assert answer.status == 409 and "You cannot give this role." in answer.text
    assert await user(site, "hoa") is None


async def test_a_superadmin_makes_a_lead_who_has_no_department_yet(site):
    root = await site.signed_in("root")

    answer, password = await adds(site, root, role="team_lead", department="")

    assert answer.status == 200 and password
    assert (await user(site, "hoa")).department_id is None


async def test_a_lead_puts_nobody_into_another_department(site):
    lea = await site.signed_in("lea")

    elsewhere, _ = await adds(site, lea, department="2")
    below, password = await adds(site, lea, department="3")

    assert elsewhere.status == 409 and "not among yours" in elsewhere.text
    assert password and below.status == 200


async def test_an_agent_makes_nobody(site):
    mara = await site.signed_in("mara")

    answer, _ = await adds(site, mara)

    assert answer.status == 403
    assert await user(site, "hoa") is None


WRONG = [
    ({"name": ""}, "Enter a name."),
    ({"name": "x" * 201}, "Too long: 200 letters at most."),
    ({"username": "Hoa Đỗ"}, "A username is made of"),
    ({"username": "mara"}, "Nguyễn Mara has this username already."),
    ({"extension": "201"}, "Nguyễn Mara has this extension."),
    ({"extension": "999"}, "Extensions are from 200 to 299."),
    ({"extension": "0205"}, "Extensions are from 200 to 299."),
    ({"department": ""}, "Choose the department the agent works in."),
    ({"phone": "12ab"}, "is not a phone number"),
    ({"email": "hoa"}, "This is not an email address."),
    ({"birthday": "31/02/1990"}, "“31/02/1990” is not a day."),
    ({"birthday": "19900101"}, "“19900101” is not a day."),
    ({"birthday": "01/01/2999"}, "A birthday lies in the past."),
    ({"employee_type": "77"}, "This employee type does not exist any more."),
]


@pytest.mark.parametrize("fields, sentence", WRONG)
async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    site, fields, sentence
):
    lea = await site.signed_in("lea")

    answer, password = await adds(site, lea, **({"phone": "0912 345 678"} | fields))

    assert answer.status in (400, 409) and password is None
    assert sentence in answer.text and 'role="alert"' in answer.text
    assert "phone" in fields or 'value="0912 345 678"' in answer.text
    assert await user(site, "hoa") is None


async def test_markup_and_nul_in_every_field_are_only_text(site):
    lea = await site.signed_in("lea")
    evil = "<b>'; DROP TABLE users; --\0"

    answer, _ = await adds(site, lea, name=evil, phone=evil, email=evil, username=evil)

    assert answer.status == 400 and "<b>'" not in answer.text
    assert await user(site, "mara") is not None


async def test_an_account_is_changed_and_the_directory_knows_at_once(site):
    lea = await site.signed_in("lea")
    await site.add(CatalogueItem(id=7, catalogue="employee_type", name="Full time"))

    answer = await saves(
        site, lea, "mara", name="Nguyễn Thị Mara", department="3", employee_type="7"
    )

    assert answer.status == 303
    mara = site.app[DIRECTORY].person(IDS["mara"])
    assert (mara.name, mara.department_id) == ("Nguyễn Thị Mara", 3)
    page = (await lea.part("/team?q=mara")).text
    assert "Full time" in page and "Sales north" in page


@pytest.mark.parametrize(
    "who, whose, status",
    [
        ("lea", "kim", 404),
        ("lea", "root", 404),
        ("lea", "lea", 403),
        ("mara", "jon", 403),
    ],
)
async def test_nobody_changes_whom_they_do_not_lead(site, who, whose, status):
    visitor = await site.signed_in(who)
    path = f"/team/{IDS[whose]}"

    for way in (
        visitor.get(path),
        visitor.post(path, {"name": "Mine"}),
        visitor.post(f"{path}/password"),
        visitor.post(f"{path}/unlock"),
        visitor.post(f"{path}/sign-out"),
        visitor.post(f"{path}/return"),
        visitor.post(f"{path}/leave", {"successor": "nobody"}),
        visitor.post(f"{path}/hand-over", {"successor": "nobody"}),
        visitor.post(f"{path}/delete"),
    ):
        assert (await way).status == status

    assert (await user(site, whose)).active


async def test_whoever_may_more_than_the_lead_is_changed_by_superadmins_only(site):
    # else the lead resets the password and exports under another name
    await site.add(PermissionGroup(id=1, name="Exporters"))
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    await root.post("/team/groups/1", {"name": "Exporters", "export": str(int(Reach.ALL))})
    await saves(site, root, "mara", group="1")

    refused = await lea.post(f"/team/{IDS['mara']}/password")

    assert refused.status == 403 and "Only a superadmin may change this account." in refused.text
    assert (await root.post(f"/team/{IDS['mara']}/password")).status == 200


async def test_only_a_superadmin_ticks_groups(site):
    await site.add(PermissionGroup(id=1, name="Exporters"))
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    await root.post("/team/groups/1", {"name": "Exporters", "sources": "3"})

    await saves(site, lea, "mara", group="1")
    async with site.sessions() as session:
        assert (await session.scalars(select(UserGroup))).all() == []
    assert 'name="group"' not in (await lea.get(f"/team/{IDS['mara']}")).text

    await saves(site, root, "mara", group="1")
    rights = site.app[DIRECTORY].rights_of(site.app[DIRECTORY].person(IDS["mara"]))
    assert rights.may(Permission.SOURCES)
    assert "groups-ticked" in await audited(site)


async def test_a_lead_who_saves_the_form_takes_no_groups_away(site):
    await site.add(PermissionGroup(id=1, name="Own reports"))
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    await root.post("/team/groups/1", {"name": "Own reports", "reports": "1"})
    await saves(site, root, "mara", group="1")

    await saves(site, lea, "mara", phone="0912345678")

    async with site.sessions() as session:
        assert (await session.scalars(select(UserGroup.user_id))).all() == [IDS["mara"]]


async def test_an_agent_with_the_permission_manages_agents_and_makes_none_above(site):
    await site.add(PermissionGroup(id=1, name="Office"))
    root = await site.signed_in("root")
    await root.post("/team/groups/1", {"name": "Office", "employees": "2"})
    await saves(site, root, "mara", group="1")
    mara = await site.signed_in("mara")

    made, password = await adds(site, mara)
    lead, _ = await adds(site, mara, username="hai", role="team_lead")

    assert made.status == 200 and password
    assert lead.status == 409
    assert (await mara.get(f"/team/{IDS['lea']}")).status == 403
    assert (await mara.get(f"/team/{IDS['kim']}")).status == 404


async def test_nobody_changes_their_own_role(site):
    root = await site.signed_in("root")

    answer = await saves(site, root, "root", role="team_lead")

    assert answer.status == 409
    assert (await user(site, "root")).role == "superadmin"


async def test_a_superadmin_is_made_an_agent_while_another_one_is_there(site):
    root = await site.signed_in("root")
    await saves(site, root, "kim", role="superadmin")
    kim = await site.signed_in("kim")

    answer = await saves(site, kim, "root", role="agent", department="1")

    assert answer.status == 303 and (await user(site, "root")).role == "agent"
    assert (await root.get("/team")).status == 403  # at once


async def test_a_leader_keeps_role_and_department_until_it_has_another_lead(site):
    root = await site.signed_in("root")
    await root.post("/team/departments/1", {"name": "Sales", "leader": str(IDS["lea"])})

    for fields in ({"role": "agent"}, {"department": "2"}):
        answer = await saves(site, root, "lea", **fields)
        assert answer.status == 409
        assert "Lê Thị Lea leads Sales. Give it another team lead first." in answer.text


async def test_free_extensions_are_suggested_and_taken_ones_are_not(site):
    lea = await site.signed_in("lea")

    page = (await lea.get("/team/new")).text

    assert 'value="200"' in page and 'value="205"' in page and 'option value="201"' not in page


async def test_another_extension_ends_the_sessions_because_the_page_has_the_old_phone(site):
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")

    await saves(site, lea, "mara", extension="220")

    assert (await mara.get("/")).headers["Location"] == "/sign-in"
    again = await site.signed_in("mara")
    assert "ext. 220" in (await again.get("/")).text


async def test_any_other_change_lets_them_work_on(site):
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")

    await saves(site, lea, "mara", phone="0912345678")

    assert (await mara.get("/")).status == 200


async def test_a_reset_password_works_once_and_signs_out_everywhere(site):
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    await site.add(SignInAttempt(username="mara", address="x", at=datetime.now(UTC)))

    page = await lea.post(f"/team/{IDS['mara']}/password")

    assert 'href="/team/new"' not in page.text
    password = page.text.partition('class="secret">')[2].partition("<")[0]
    assert (await mara.get("/")).headers["Location"] == "/sign-in"
    visitor = await site.visitor()
    assert (
        await visitor.post("/sign-in", {"username": "mara", "password": PASSWORD})
    ).status == 401
    assert (
        await visitor.post("/sign-in", {"username": "mara", "password": password})
    ).status == 303
    assert (await visitor.get("/")).headers["Location"] == "/me/password"
    assert "password-reset" in await audited(site)


async def test_asking_for_the_address_again_resets_nothing(site):
    lea = await site.signed_in("lea")
    await lea.post(f"/team/{IDS['mara']}/password")
    kept = (await user(site, "mara")).password

    page = await lea.get(f"/team/{IDS['mara']}/password")

    assert page.status == 200 and "Reset the password of Nguyễn Mara" in page.text
    assert (await user(site, "mara")).password == kept


async def test_a_superior_unlocks_somebody_who_failed_too_often(site):
    visitor, lea = await site.visitor(), await site.signed_in("lea")
    for _ in range(5):
        await visitor.signs_in("mara", "wrong")
    assert (await visitor.signs_in("mara")).status == 429
    assert "Unlock now" in (await lea.get(f"/team/{IDS['mara']}")).text

    await lea.post(f"/team/{IDS['mara']}/unlock")

    assert (await visitor.signs_in("mara")).status == 303
    assert "unlocked" in await audited(site)


async def test_a_superior_signs_out_one_device_or_all(site):
    one, two = await site.signed_in("mara"), await site.signed_in("mara")
    lea = await site.signed_in("lea")
    page = (await lea.get(f"/team/{IDS['mara']}")).text
    device = page.partition('name="device" value="')[2].partition('"')[0]

    await lea.post(f"/team/{IDS['mara']}/sign-out", {"device": device})
    left = [each for each in (one, two) if (await each.get("/")).status == 200]
    assert len(left) == 1

    await lea.post(f"/team/{IDS['mara']}/sign-out")
    assert (await left[0].get("/")).status == 303
    assert (await lea.get("/")).status == 200


async def test_a_program_goes_on_after_a_reset_because_a_token_is_no_password(site):
    token = await make_token(site.sessions, "mara", "crm", 1)
    lea = await site.signed_in("lea")
    await lea.post(f"/team/{IDS['mara']}/password")

    program = await site.visitor()
    answer = await program.get("/customers/search?q=an", Authorization=f"Bearer {token}")

    assert answer.status == 200
