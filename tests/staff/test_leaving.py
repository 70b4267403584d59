"""The pages of leaving, coming back and being deleted."""

import pytest
from sqlalchemy import select, update

from callcenter.calls.models import CallNote
from callcenter.customers.models import Customer
from callcenter.keys import DIRECTORY
from callcenter.people.models import User
from tests.pages.site import IDS, NOW, PASSWORD
from tests.staff.steps import adds, audited, customers_of, saves, signs_in_anew, user


async def owners(site):
    async with site.sessions() as session:
        return set(await session.scalars(select(Customer.owner_id)))


async def test_the_page_says_what_the_leaver_has_and_who_may_take_it(site):
    await customers_of(site, "mara", 3)
    lea = await site.signed_in("lea")

    page = (await lea.get(f"/team/{IDS['mara']}/leave")).text

    assert "What Nguyễn Mara has" in page and ">3<" in page
    assert f'value="{IDS["jon"]}"' in page and f'value="{IDS["tom"]}"' in page
    assert f'value="{IDS["kim"]}"' not in page and f'value="{IDS["mara"]}"' not in page


async def test_a_leaver_cannot_sign_in_and_the_successor_has_the_customers(site):
    await customers_of(site, "mara", 2)
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")

    answer = await lea.post(f"/team/{IDS['mara']}/leave", {"successor": str(IDS["jon"])})

    assert (answer.status, answer.headers["Location"]) == (303, "/team")
    assert await owners(site) == {IDS["jon"]}
    assert (await mara.get("/")).headers["Location"] == "/sign-in"
    assert (await (await site.visitor()).signs_in("mara")).status == 401
    assert site.app[DIRECTORY].person(IDS["mara"]) is None
    assert {"handed-over", "deactivated"} <= set(await audited(site))


async def test_the_log_tells_what_was_handed_over_in_the_readers_language(site):
    await customers_of(site, "mara", 2)
    lea, root = await site.signed_in("lea"), await site.signed_in("root", language="vi")

    await lea.post(f"/team/{IDS['mara']}/leave", {"successor": str(IDS["jon"])})

    told = "mara → jon; Khách hàng: 2, Khách hàng được chia sẻ: 0, Gọi lại: 0"
    assert told in (await root.get("/settings/log")).text


async def test_who_takes_over_must_be_chosen_and_nothing_happens_before(site):
    await customers_of(site, "mara", 1)
    lea = await site.signed_in("lea")

    for successor in ("", "kim", str(IDS["kim"]), str(IDS["mara"]), "999"):
        answer = await lea.post(f"/team/{IDS['mara']}/leave", {"successor": successor})
        assert answer.status == 409 and 'role="alert"' in answer.text

    assert await owners(site) == {IDS["mara"]} and (await user(site, "mara")).active


async def test_customers_are_handed_over_without_leaving_as_well(site):
    await customers_of(site, "mara", 2)
    lea = await site.signed_in("lea")

    answer = await lea.post(f"/team/{IDS['mara']}/hand-over", {"successor": str(IDS["jon"])})

    assert answer.status == 303 and await owners(site) == {IDS["jon"]}
    assert (await user(site, "mara")).active


async def test_nobody_deactivates_their_own_account(site):
    root = await site.signed_in("root")
    await saves(site, root, "kim", role="superadmin")

    answer = await root.post(f"/team/{IDS['root']}/leave", {"successor": "nobody"})

    assert answer.status == 409 and "Nobody deactivates their own account." in answer.text


async def test_the_page_of_the_only_superadmin_has_no_button_for_leaving(site):
    root = await site.signed_in("root")

    page = (await root.get(f"/team/{IDS['root']}/leave")).text

    assert "Root is the only superadmin. Make another one first." in page
    assert "Deactivate and hand over</button>" not in page


async def test_the_extension_of_a_leaver_is_free_for_the_next_one(site):
    lea = await site.signed_in("lea")
    await lea.post(f"/team/{IDS['mara']}/leave", {"successor": "nobody"})

    answer, password = await adds(site, lea, extension="201")

    assert answer.status == 200 and password
    assert site.app[DIRECTORY].of_extension("201").name == "Đỗ Thị Hoa"


async def test_the_next_one_with_an_extension_does_not_get_the_calls_before(site):
    call = await site.call("mara")
    lea = await site.signed_in("lea")
    await lea.post(f"/team/{IDS['mara']}/leave", {"successor": "nobody"})
    _, password = await adds(site, lea, extension="201")
    hoa = await signs_in_anew(site, "hoa", password)

    assert (await hoa.get(f"/calls/{call.call_id}")).status == 404
    assert "Nguyễn Mara" in (await lea.get(f"/calls/{call.call_id}")).text
    assert "Đỗ Thị Hoa" not in (await lea.get(f"/calls/{call.call_id}")).text


async def test_who_comes_back_gets_a_new_password(site):
    lea = await site.signed_in("lea")
    await lea.post(f"/team/{IDS['mara']}/leave", {"successor": "nobody"})

    page = await lea.post(f"/team/{IDS['mara']}/return")

    password = page.text.partition('class="secret">')[2].partition("<")[0]
    visitor = await site.visitor()
    assert (
        await visitor.post("/sign-in", {"username": "mara", "password": PASSWORD})
    ).status == 401
    assert (
        await visitor.post("/sign-in", {"username": "mara", "password": password})
    ).status == 303
    assert "reactivated" in await audited(site)


async def test_an_account_is_deleted_only_once_it_owns_no_customer(site):
    await customers_of(site, "mara", 2)
    lea = await site.signed_in("lea")
    async with site.sessions.begin() as session:
        await session.execute(update(User).where(User.id == IDS["mara"]).values(active=False))

    refused = await lea.post(f"/team/{IDS['mara']}/delete")

    assert refused.status == 409 and "Nguyễn Mara still owns 2 customers" in refused.text
    assert f'href="/team/{IDS["mara"]}/hand-over"' in refused.text
    await lea.post(f"/team/{IDS['mara']}/hand-over", {"successor": str(IDS["jon"])})
    assert (await lea.post(f"/team/{IDS['mara']}/delete")).status == 303
    assert (await lea.get(f"/team/{IDS['mara']}")).status == 404
    assert "account-deleted" in await audited(site)


async def test_somebody_who_works_here_is_not_deleted(site):
    lea = await site.signed_in("lea")

    answer = await lea.post(f"/team/{IDS['mara']}/delete")

    assert answer.status == 409 and "still works here" in answer.text


@pytest.mark.parametrize("deleted", [False, True])
async def test_calls_and_notes_keep_the_name_of_who_left_or_was_deleted(site, deleted):
    call = await site.call("mara")
    await site.add(CallNote(call_id=call.call_id, user_id=IDS["mara"], note="Rang", updated_at=NOW))
    lea = await site.signed_in("lea")
    await lea.post(f"/team/{IDS['mara']}/leave", {"successor": "nobody"})
    if deleted:
        await lea.post(f"/team/{IDS['mara']}/delete")

    page = (await lea.get(f"/calls/{call.call_id}")).text

    assert page.count("Nguyễn Mara") >= 3  # who talked, in the journey, who wrote the note
