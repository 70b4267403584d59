"""The page of a customer: its tabs, the line of time, who is let in; sharing and the bin."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from callcenter.activities.models import Activity
from callcenter.calls.models import CallRecord
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers import history, saving, sharing
from callcenter.customers.forms import tidy
from callcenter.customers.models import (
    Contact,
    Customer,
    CustomerChange,
    CustomerPhone,
    CustomerShare,
)
from callcenter.customers.timeline import SOURCES, timeline
from callcenter.documents.models import Document
from callcenter.errors import Conflict
from callcenter.people.models import AuditEntry
from callcenter.profiles import bin
from tests.pages.site import IDS, NOW

TABS = ("", "/information", "/contacts", "/history")
LATER = datetime(2200, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("tab", [*TABS, "/edit", "/fields/email"])
@pytest.mark.parametrize(
    "who, status", [("root", 200), ("lea", 200), ("mara", 200), ("jon", 404), ("kim", 404)]
)
async def test_every_tab_is_for_those_who_may_see_the_customer(site, tab, who, status):
    customer = await site.customer("An", "0912345678", owner="mara")
    visitor = await site.signed_in(who)

    assert (await visitor.get(f"/customers/{customer.id}{tab}")).status == status


async def test_the_line_of_time_has_everything_newest_first_and_in_pages(sessions):
    async with sessions() as session:
        customer = await saving.add(session, tidy({"name": "An"}, ["0912345678"], None))
        for place in range(70):
            await history.note(session, customer.id, 7, {"status": (str(place), str(place + 1))})
        await session.commit()

        seen, before = [], LATER
        while before is not None:
            entries, before = await timeline(session, SOURCES, customer.id, before, limit=30)
            seen += entries

        assert len({entry.key for entry in seen}) == len(seen) == 71
        assert [entry.at for entry in seen] == sorted((e.at for e in seen), reverse=True)
        only, _ = await timeline(session, SOURCES, customer.id, LATER, "file")
        assert [entry.values["field"] for entry in only] == ["created"]


async def test_the_line_of_time_of_the_page_leads_to_what_was_before(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    for _ in range(40):
        await site.call("mara", customer_id=customer.id)
    visitor = await site.signed_in("mara")

    first = (await visitor.get(f"/customers/{customer.id}?only=call")).text
    link = re.search(r'href="([^"]+before=[^"]+)"', first)[1].replace("&amp;", "&")
    second = (await visitor.get(link)).text

    calls = [set(re.findall(r'href="/calls/(call-\d+)"', page)) for page in (first, second)]
    assert (len(calls[0]), len(calls[1]), calls[0] & calls[1]) == (30, 10, set())
    assert "40" in re.search(r"<dt>Calls</dt><dd[^>]*>([^<]+)", first)[1]


@pytest.mark.parametrize("before", ["x", "2026-13-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00"])
async def test_a_broken_place_on_the_line_is_refused_in_words(site, before):
    customer = await site.customer("An", "0912345678", owner="mara")
    visitor = await site.signed_in("mara")

    answer = await visitor.get(f"/customers/{customer.id}?before={before.replace('+', '%2B')}")

    assert answer.status == 400 and "This page of the list does not exist." in answer.text


async def test_the_owner_shares_and_withdraws_and_the_history_tells(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")
    path = f"/customers/{customer.id}"
    assert (await kim.get(path)).status == 404

    await mara.post(f"{path}/share", {"with": f"user-{IDS['kim']}"})
    seen = await kim.get(path)
    async with site.sessions() as session:
        (share,) = await sharing.shares(session, customer.id)
    await mara.post(f"{path}/share/{share.id}/withdraw")

    assert seen.status == 200 and (await kim.get(path)).status == 404
    page = (await mara.get(path)).text
    assert "Shared with Phạm Kim" in page and "No longer shared with Phạm Kim" in page


@pytest.mark.parametrize(
    "whom, sees", [("department-2", ["kim"]), ("everybody", ["kim", "jon", "tom"])]
)
async def test_a_customer_is_shared_with_a_department_or_with_everybody(site, whom, sees):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    assert (await mara.post(f"/customers/{customer.id}/share", {"with": whom})).status == 303

    for who in ("kim", "jon", "tom"):
        visitor = await site.signed_in(who)
        answer = await visitor.get(f"/customers/{customer.id}")
        assert answer.status == (200 if who in sees else 404)


async def test_whom_it_is_shared_with_may_not_share_it_on(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")
    await mara.post(f"/customers/{customer.id}/share", {"with": f"user-{IDS['kim']}"})

    path = f"/customers/{customer.id}/share"
    assert (await kim.get(path)).status == 403
    assert (await kim.post(path, {"with": "everybody"})).status == 403


@pytest.mark.parametrize(
    "whom, status", [("", 400), ("user-999", 404), ("x-1", 400), (f"user-{IDS['mara']}", 409)]
)
async def test_sharing_with_nobody_in_particular_is_refused_in_words(site, whom, status):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    answer = await mara.post(f"/customers/{customer.id}/share", {"with": whom})

    assert answer.status == status and 'id="share-error"' in answer.text


async def test_sharing_twice_with_the_same_person_is_refused(sessions):
    async with sessions() as session:
        customer = await saving.add(session, tidy({"name": "An"}, ["0912345678"], None))
        await sharing.share(session, customer, 1)

        with pytest.raises(Conflict):
            await sharing.share(session, customer, 1)


async def test_a_deleted_customer_is_in_the_bin_and_comes_back(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    lea, mara = await site.signed_in("lea"), await site.signed_in("mara")
    path = f"/customers/{customer.id}"

    answer = await lea.post(f"{path}/delete")
    there = (await lea.get("/customers/bin")).text
    assert re.search(r'<td class="n"[^>]*>30</td>', there)
    gone = (await mara.get(path)).status
    await lea.post(f"{path}/restore")

    assert answer.headers["Location"].startswith("/customers/bin")
    assert "<b>An</b>" in there and gone == 404
    assert (await mara.get(path)).status == 200
    assert "<b>An</b>" not in (await lea.get("/customers/bin")).text
    async with site.sessions() as session:
        (entry,) = await session.scalars(select(AuditEntry))
        assert (entry.action, entry.user_id) == ("customer-deleted", IDS["lea"])


async def test_a_file_whose_number_is_somebody_elses_by_now_does_not_come_back(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    lea = await site.signed_in("lea")
    await lea.post(f"/customers/{customer.id}/delete")
    await site.customer("Bình", "0912345678", owner="jon")

    answer = await lea.post(f"/customers/{customer.id}/restore")

    assert answer.status == 409
    assert "0912 345 678 belongs to customer Bình by now" in answer.text


@pytest.mark.parametrize("way", ["delete", "restore", "destroy"])
async def test_an_agent_deletes_nothing(site, way):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    assert (await mara.post(f"/customers/{customer.id}/{way}")).status == 403
    assert (await mara.get("/customers/bin")).status == 403


async def test_a_lead_brings_back_and_destroys_only_what_is_of_the_department(site):
    customer = await site.customer("Kim's", "0912345678", owner="kim")
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    await root.post(f"/customers/{customer.id}/delete")

    for way in ("restore", "destroy"):
        assert (await lea.post(f"/customers/{customer.id}/{way}")).status == 404
    assert "Kim&#39;s" not in (await lea.get("/customers/bin")).text


async def full(session):
    """A customer with one of everything that hangs on it."""
    kind = CatalogueItem(catalogue=Catalogue.ACTIVITY_TYPE.value, name="Visit")
    session.add(kind)
    customer = await saving.add(session, tidy({"name": "An"}, ["0912345678"], None))
    of = {"customer_id": customer.id}
    contact = Contact(**of, name="Her", search_key="her", created_at=NOW)
    session.add(contact)
    await session.flush()
    session.add_all(
        [
            CustomerPhone(
                **of,
                contact_id=contact.id,
                number_key="+84988777666",
                raw="0988777666",
                reversed_digits="66677788948",
            ),
            CustomerShare(**of, at=NOW),
            Activity(**of, type_id=kind.id, name="Visit", at=NOW, created_at=NOW),
            Document(
                **of,
                name="a.pdf",
                media_type="application/pdf",
                size=1,
                sha256="0" * 64,
                path="aa/bb",
                created_at=NOW,
            ),
            CallRecord(**of, call_id="c1", direction="inbound", state="ended", started_at=NOW),
        ]
    )
    await session.flush()
    return customer


async def test_after_thirty_days_everything_of_it_is_gone_and_calls_forget_whose_they_were(
    sessions, tmp_path, monkeypatch
):
    monkeypatch.setenv("CALLCENTER_HOME", str(tmp_path))
    file = tmp_path / "documents/aa/bb"
    file.parent.mkdir(parents=True)
    file.write_text("x")
    async with sessions() as session:
        customer = await full(session)
        await bin.throw(session, customer, 1)
        await session.commit()

    await bin.purge_bin(sessions, datetime.now(UTC) + timedelta(days=29))
    async with sessions() as session:
        assert await session.get(Customer, customer.id) is not None

    await bin.purge_bin(sessions, datetime.now(UTC) + timedelta(days=31))
    async with sessions() as session:
        for table in (Customer, Contact, CustomerPhone, CustomerShare, CustomerChange):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        for table in (Activity, Document):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        assert (await session.get(CallRecord, "c1")).customer_id is None
        words = set(await session.scalars(select(AuditEntry.action)))
        assert words == {"customer-deleted", "customer-destroyed"}
    assert not file.exists()


async def test_what_is_in_use_is_never_purged(sessions):
    async with sessions() as session:
        customer = await full(session)
        await session.execute(update(Customer).values(updated_at=NOW - timedelta(days=400)))
        await session.commit()

    await bin.purge_bin(sessions)

    async with sessions() as session:
        assert await session.get(Customer, customer.id) is not None


@pytest.mark.parametrize(("language", "told"), [("en", "12 Mar 1999"), ("vi", "12/03/1999")])
async def test_a_birthday_is_told_as_the_reader_writes_days(site, language, told):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")
    await mara.post(f"/customers/{customer.id}/fields/birthday", {"birthday": "12/03/1999"})
    await mara.post("/me/preferences", {"language": language})

    for tab in ("", "/information", "/history"):
        assert told in (await mara.get(f"/customers/{customer.id}{tab}")).text
    typed = (await mara.part(f"/customers/{customer.id}/fields/birthday")).text
    assert 'value="12/03/1999"' in typed  # as it is typed
