"""Holding and deleting recordings by hand: who may, what the pages say, what auditors take away."""

import csv
import io

import msgspec
import pytest
from sqlalchemy import select

from callcenter import keyset
from callcenter.archive.zips import LIST, ZIP
from callcenter.customers.models import Customer
from callcenter.keys import DIRECTORY, LIBRARY
from callcenter.pages import formats
from callcenter.people.models import AuditEntry, GroupPermission, PermissionGroup, UserGroup
from callcenter.people.permissions import Permission, Reach
from callcenter.recordings.models import Hold, Proof, Recording
from tests.archive.shelf import AT, a_recording
from tests.pages.site import IDS

HOLD = {"reason": "Vụ kiện 12/2026"}


async def recorded(site, whose="mara", **values):
    record = await site.call(whose, **values)
    await site.add(a_recording(site.app[LIBRARY].folder, record.call_id))
    return record.call_id


async def gives(site, who, permission, reach):
    async with site.sessions.begin() as session:
        session.add(PermissionGroup(id=1, name="More"))
        await session.flush()
        session.add(GroupPermission(group_id=1, permission=permission, reach=reach))
        session.add(UserGroup(user_id=IDS[who], group_id=1))
    await site.app[DIRECTORY].load(site.sessions)


async def test_a_hold_is_set_shown_refuses_deletion_and_is_lifted(site):
    call_id, root = await recorded(site), await site.signed_in("root")

    assert (await root.post(f"/recordings/{call_id}/hold", HOLD)).status == 303

    assert "Legal hold" in (await root.get(f"/calls/{call_id}/detail")).text
    assert "Legal hold" in (await root.get("/calls")).text
    assert HOLD["reason"] in (await root.get("/settings/holds")).text
    assert "no term deletes" in (await root.get(f"/recordings/{call_id}/hold")).text
    refused = await root.post("/recordings/erase", {"ids": call_id, "reason": "Old"})
    assert refused.status == 409
    assert "on legal hold" in refused.text
    masked = await root.get(f"/recordings/{call_id}/mask")
    assert "on legal hold" in masked.text and "Mask for ever" not in masked.text
    async with site.sessions() as session:
        hold = await session.scalar(select(Hold))
    lifted = await root.post(f"/recordings/{call_id}/hold/lift", {"hold": str(hold.id)})
    assert lifted.status == 303
    assert "Nothing is on legal hold" in (await root.get("/settings/holds")).text
    over = (await root.get("/settings/holds?state=over")).text
    assert HOLD["reason"] in over and "lifted by" in over and "/settings/holds/lift" not in over


async def test_a_deleted_recording_says_so_where_it_was(site):
    call_id, root = await recorded(site), await site.signed_in("root")
    asked = await root.get(f"/recordings/erase?ids={call_id}")
    assert "Delete for ever" in asked.text
    assert (await root.post("/recordings/erase", {"ids": call_id, "reason": " "})).status == 400

    done = await root.post("/recordings/erase", {"ids": call_id, "reason": "A <letter>"})

    assert (done.status, done.headers["Location"]) == (303, f"/calls/{call_id}")
    shown = (await root.get(f"/calls/{call_id}")).text
    assert "by Root: A &lt;letter&gt;" in shown
    assert f"/recordings/{call_id}/hold" not in shown
    assert (await root.get(f"/recordings/{call_id}.mp3")).status == 404
    assert "A &lt;letter&gt;" in (await root.get("/settings/deleted")).text
    assert "1 recording deleted with proof" in (await root.get("/settings/recordings")).text
    explained = (await root.get(f"/explain?call={call_id}")).text
    assert "The recording was deleted" in explained and "Not recorded" not in explained
    async with site.sessions() as session:
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert "recordings-erased" in actions


async def test_many_go_at_once_and_what_is_held_stays(site):
    ids = [await recorded(site) for _ in range(3)]
    root = await site.signed_in("root")
    await root.post(f"/recordings/{ids[0]}/hold", HOLD)
    asked = await root.get("/recordings/erase?" + "&".join(f"ids={each}" for each in ids))
    assert "On legal hold: these stay" in asked.text

    form = [("reason", "Old"), *(("ids", each) for each in ids)]
    assert (await root.post("/recordings/erase", form)).status == 409

    async with site.sessions() as session:
        assert set(await session.scalars(select(Recording.call_id))) == {ids[0]}
        assert set(await session.scalars(select(Proof.call_id))) == set(ids[1:])


async def test_a_customer_who_is_held_is_not_destroyed(site):
    customer = await site.customer("Lan", "0912345678")
    root = await site.signed_in("root")
    assert (await root.post(f"/customers/{customer.id}/hold", HOLD)).status == 303
    assert "Legal hold" in (await root.get(f"/customers/{customer.id}")).text
    await root.post(f"/customers/{customer.id}/delete")

    refused = await root.post(f"/customers/{customer.id}/destroy")

    assert refused.status == 409
    assert "cannot be deleted for good" in refused.text


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_nobody_else_holds_or_deletes(site, who):
    call_id, visitor = await recorded(site), await site.signed_in(who)

    assert (await visitor.post(f"/recordings/{call_id}/hold", HOLD)).status == 403
    assert (await visitor.post("/recordings/erase", {"ids": call_id})).status == 403
    shown = (await visitor.get(f"/calls/{call_id}")).text
    assert f"/recordings/{call_id}/hold" not in shown and "/recordings/erase" not in shown


async def test_a_lead_with_the_right_holds_the_calls_of_their_department_and_no_others(site):
    mine, hers = await recorded(site), await recorded(site, "kim")
    await gives(site, "lea", Permission.HOLD, Reach.DEPARTMENT)
    lea, root = await site.signed_in("lea"), await site.signed_in("root")
    await root.post(f"/recordings/{hers}/hold", HOLD)

    assert (await lea.post(f"/recordings/{mine}/hold", HOLD)).status == 303
    assert (await lea.post(f"/recordings/{hers}/hold", HOLD)).status == 404
    assert (await lea.post(f"/recordings/{hers}/hold/lift", {"hold": "1"})).status == 404
    assert (await lea.post(f"/recordings/{mine}/hold/lift", {"hold": "1"})).status == 404
    listed = (await lea.get("/settings/holds")).text
    assert f"/recordings/{mine}/hold" in listed and f"/recordings/{hers}/hold" not in listed


async def test_who_may_delete_their_departments_deletes_no_others(site):
    mine, hers = await recorded(site), await recorded(site, "kim")
    await gives(site, "lea", Permission.ERASE, Reach.DEPARTMENT)
    lea = await site.signed_in("lea")

    form = [("reason", "Old"), ("ids", mine), ("ids", hers)]
    assert (await lea.post("/recordings/erase", form)).status == 303

    async with site.sessions() as session:
        assert set(await session.scalars(select(Proof.call_id))) == {mine}


async def test_auditors_take_the_proofs_as_they_are_narrowed(site):
    ids = [await recorded(site) for _ in range(2)]
    root = await site.signed_in("root")
    for call_id, reason in zip(ids, ("=1+1", "Thư của khách"), strict=True):
        await root.post("/recordings/erase", {"ids": call_id, "reason": reason})

    everything = await root.get("/settings/deleted/file")
    narrowed = await root.get("/settings/deleted/file?q=kh%C3%A1ch&by=people")

    rows = list(csv.DictReader(io.StringIO(everything.text.removeprefix("\ufeff")), delimiter=";"))
    assert {row["Why"] for row in rows} == {"'=1+1", "Thư của khách"}
    assert {len(row["Checksum (SHA-256)"]) for row in rows} == {64}
    assert {row["Deleted by"] for row in rows} == {"Root"}
    assert ids[1] in narrowed.text and ids[0] not in narrowed.text


@pytest.mark.parametrize(
    "path",
    [
        *("/settings/deleted?since=x", "/settings/deleted?cursor=x", "/recordings/erase"),
        *("/recordings/erase?ids=..%2F..", "/recordings/nothing/hold"),
    ],
)
async def test_what_nobody_means_is_refused_in_words(site, path):
    root = await site.signed_in("root")

    assert (await root.get(path)).status in (400, 404)


@pytest.mark.parametrize("until", ["soon", "1/1/2020", "99/99"])
async def test_a_hold_that_ends_on_no_day_to_come_is_refused_beside_its_field(site, until):
    call_id, root = await recorded(site), await site.signed_in("root")

    refused = await root.post(f"/recordings/{call_id}/hold", HOLD | {"until": until})

    assert (refused.status, "until-error" in refused.text) == (400, True)


async def test_a_zip_goes_with_what_is_masked_in_it(site, tmp_path):
    call_id, root = await recorded(site), await site.signed_in("root")
    folder = tmp_path / "jobs" / "7"
    folder.mkdir(parents=True)
    (folder / ZIP).write_bytes(b"zip")
    (folder / LIST).write_bytes(msgspec.json.encode({call_id: ""}))

    mask = {"from": "1", "to": "2", "sound": "tone", "reason": "A card"}
    assert (await root.post(f"/recordings/{call_id}/mask", mask)).status == 303

    assert list(folder.iterdir()) == []


async def test_a_hold_on_a_customer_in_the_bin_is_lifted(site):
    customer = await site.customer("Lan", "0912345678")
    root, where = await site.signed_in("root"), f"/customers/{customer.id}/hold"
    await root.post(where, HOLD)
    await root.post(f"/customers/{customer.id}/delete")

    assert (await root.get(where)).status == 200
    assert (await root.post(f"{where}/lift", {"hold": "1"})).status == 303

    assert "Nothing is on legal hold" in (await root.get("/settings/holds")).text


async def test_a_hold_on_a_file_that_was_merged_is_lifted_at_who_took_its_place(site):
    one, other = await site.customer("Lan", "0912345678"), await site.customer("Lan", "0987654321")
    root = await site.signed_in("root")
    await root.post(f"/customers/{one.id}/hold", HOLD)
    async with site.sessions.begin() as session:
        gone = await session.get_one(Customer, one.id)
        gone.merged_into, gone.deleted_at = other.id, AT

    for where in (f"/customers/{one.id}/hold", f"/customers/{other.id}/hold"):
        assert HOLD["reason"] in (await root.get(where)).text
    assert (await root.post(f"/customers/{other.id}/hold/lift", {"hold": "1"})).status == 303


async def test_a_hold_is_lifted_where_all_are_listed_also_of_a_customer_who_is_gone(site):
    hers = await recorded(site, "kim")
    await site.add(Hold(customer_id=4711, reason="x", user_id=IDS["root"], at=AT))
    await gives(site, "lea", Permission.HOLD, Reach.DEPARTMENT)
    lea, root = await site.signed_in("lea"), await site.signed_in("root")
    await root.post(f"/recordings/{hers}/hold", HOLD)

    refused = [await lea.post("/settings/holds/lift", {"hold": id}) for id in ("1", "2", "x")]
    lifted = [await root.post("/settings/holds/lift", {"hold": id}) for id in ("1", "2")]

    assert [each.status for each in refused] == [404] * 3
    assert [each.status for each in lifted] == [303] * 2
    assert "Nothing is on legal hold" in (await root.get("/settings/holds")).text


async def test_who_may_delete_their_departments_sees_no_other_proofs(site):
    mine, hers = await recorded(site), await recorded(site, "kim")
    root = await site.signed_in("root")
    await root.post("/recordings/erase", [("reason", "Old"), ("ids", mine), ("ids", hers)])
    await gives(site, "lea", Permission.ERASE, Reach.DEPARTMENT)
    lea = await site.signed_in("lea")

    page = (await lea.get("/settings/deleted")).text
    file = (await lea.get("/settings/deleted/file")).text

    assert f"/calls/{mine}" in page and f"/calls/{hers}" not in page and "1 proof<" in page
    assert mine in file and hers not in file


async def test_a_proof_says_on_its_page_that_no_file_was_found(site):
    call_id, root = await recorded(site), await site.signed_in("root")
    (site.app[LIBRARY].folder / f"2026/11/20/{call_id}.mp3").unlink()

    await root.post("/recordings/erase", {"ids": call_id, "reason": "Old"})

    for where in ("/settings/deleted", "/settings/deleted/file"):
        assert "No file was found" in (await root.get(where)).text


async def test_proofs_are_counted_only_so_far(site, monkeypatch):
    ids = [await recorded(site) for _ in range(3)]
    root = await site.signed_in("root")
    await root.post("/recordings/erase", [("reason", "Old"), *(("ids", each) for each in ids)])
    for module in (keyset, formats):
        monkeypatch.setattr(module, "MOST", 1)

    assert "1+ recordings deleted with proof" in (await root.get("/settings/recordings")).text
