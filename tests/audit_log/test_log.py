"""The log: what other rooms write down can be read, in words, by superadmins alone."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.audit_log.words import ACTIONS
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.config import ROOT
from callcenter.people.models import AuditEntry
from tests.pages.site import IDS

NOW = datetime.now(UTC)


async def noted(site, action, detail, who="mara", at=NOW):
    return await site.add(AuditEntry(at=at, user_id=IDS[who], action=action, detail=detail))


async def shown(visitor, query=""):
    """What was done, and its details, of each row."""
    page = (await visitor.part(f"/settings/log{query}")).text
    return re.findall(r'<b>([^<]+)</b><div class="mut sm">([^<]*)<', page)


async def test_a_look_up_and_an_export_are_told_in_words(site):
    await site.customer("Lan", "0912345678", owner="kim")
    mara, root = await site.signed_in("mara"), await site.signed_in("root")
    await mara.get("/customers/look-up?name=lan&code=KH")
    await mara.get("/customers/look-up")
    told = '{"subject":"customers","format":"csv","rows":7,"selected":0,"filters":"all=1&q=lan",'
    await noted(site, "export", told + '"columns":["name","phone"]}', who="root")

    rows = await shown(root)

    assert sorted(rows) == [
        (
            "Exported",
            "Customers (csv); rows: 7; the whole list, filters: “lan”; columns: Name, Phone number",
        ),
        ("Looked up customers", "Customer code: KH; Name: lan; 1 found"),
        ("Looked up customers", "all customers; 1 found"),
    ]


async def test_what_an_export_was_narrowed_to_is_told_by_names(site):
    status = await site.add(CatalogueItem(catalogue=Catalogue.STATUS, name="Quan tâm", position=1))
    root = await site.signed_in("root")
    told = '{"subject":"customers","format":"xlsx","rows":7,"selected":0,"columns":["name"],'
    query = f"all=1&status={status.id}&owner={IDS['mara']}&department=1&kind=shop&since=2026-11-02"
    await noted(site, "export", f'{told}"filters":"{query}"}}', who="root")

    [(_, words)] = await shown(root)

    for each in ("Department: ", "Owner: Nguyễn Mara", "Quan tâm", "Shop", "Added from 2 Nov 2026"):
        assert each in words
    assert "=" not in words


async def test_roles_and_permissions_are_told_in_the_readers_language(site):
    root = await site.signed_in("root")
    await noted(site, "account-added", "tuan (agent)")
    await noted(site, "account-changed", "tuan: agent, –, 202 → team_lead, –, None")
    await noted(site, "group-saved", "Sales: desk: export all, calls department")
    await noted(site, "group-saved", "Written before: something else")
    await root.post("/me/preferences", {"language": "vi"})

    words = {text for _, text in await shown(root)}

    assert words == {
        "tuan (Nhân viên)",
        "tuan: Nhân viên, –, 202 → Trưởng bộ phận, –, None",
        "Sales: desk: Export khách hàng (Tất cả), Cuộc gọi và ghi âm (Bộ phận và cấp dưới)",
        "Written before: something else",
    }


async def test_entries_of_an_older_version_and_of_other_rooms_stay_as_they_were_written(site):
    root = await site.signed_in("root")
    await noted(site, "export", "customers as csv: 1 rows")
    await noted(site, "look-up", '{"criteria": {"shoe": "44"}, "found": 1}')
    await noted(site, "something-new", "<b>x</b>")

    page = (await root.part("/settings/log")).text

    assert "customers as csv: 1 rows" in page and "&#34;shoe&#34;" in page
    assert "something-new" in page and "&lt;b&gt;x&lt;/b&gt;" in page


async def test_the_log_is_narrowed_by_words_person_action_and_days(site):
    await noted(site, "account-added", "tuan (agent)", who="lea")
    await noted(site, "customer-deleted", "KH-000001 Lan", at=NOW - timedelta(days=40))
    root = await site.signed_in("root")
    added, deleted = ACTIONS["account-added"], ACTIONS["customer-deleted"]

    async def done(query):
        return [what for what, _ in await shown(root, query)]

    assert await done("") == [added, deleted]
    assert await done("?q=tuan") == await done(f"?who={IDS['lea']}") == [added]
    assert await done("?what=customer-deleted") == [deleted]
    assert await done(f"?since={(NOW - timedelta(days=7)).date()}") == [added]
    assert await done("?q=%25") == []
    assert await done("?who=x&what=nonsense") == [added, deleted]
    assert (await root.get("/settings/log?since=nonsense")).status == 400


async def test_who_has_no_account_any_more_is_the_system_and_a_long_log_has_pages(site):
    for place in range(60):
        await site.add(
            AuditEntry(at=NOW - timedelta(minutes=place), user_id=None, action="unlocked",
                       detail=f"n{place:02}")
        )  # fmt: skip
    root = await site.signed_in("root")

    page = (await root.part("/settings/log")).text
    after = re.search(r'href="(/settings/log\?cursor=[^"]+)"', page)

    assert "The system" in page and "60 entries" in page and "n00" in page and "n59" not in page
    assert after and "n59" in (await root.part(after[1])).text


def test_whatever_any_room_writes_down_has_words():
    written = "".join(path.read_text() for path in (ROOT / "callcenter").rglob("*.py"))

    found = set(re.findall(r'audit\.note\(\s*\w+,[^,]+, "([a-z-]+)"', written))

    assert "do-not-call-imported" in found
    assert found <= set(ACTIONS)


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_nobody_else_reads_it(site, who):
    visitor = await site.signed_in(who)

    assert (await visitor.get("/settings/log")).status == 403
    assert "/settings/log" not in (await visitor.get("/settings")).text


async def test_it_stands_in_the_settings_and_says_when_there_is_nothing(site):
    root = await site.signed_in("root")

    assert 'href="/settings/log"' in (await root.get("/settings")).text
    assert "Nothing has been written down yet." in (await root.part("/settings/log")).text
