"""Two files become one, and nothing of either is lost."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from callcenter.activities.models import Activity
from callcenter.calls.models import CallRecord
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers import saving
from callcenter.customers.forms import tidy
from callcenter.customers.meanwhile import settle
from callcenter.customers.models import (
    Contact,
    Customer,
    CustomerChange,
    CustomerGroup,
    CustomerPhone,
    CustomerShare,
)
from callcenter.customers.queries import phones
from callcenter.documents.models import Document
from callcenter.errors import Conflict
from callcenter.keys import CARDS
from callcenter.people.models import Department
from callcenter.profiles.merging import CHOSEN, merge
from tests.draws import cases
from tests.pages.site import NOW

COUNTS = st.fixed_dictionaries(
    {
        name: st.integers(0, 3)
        for name in ("calls", "phones", "contacts", "documents", "activities", "shares", "groups")
    }
)
_names = itertools.count(1)


async def a_file(session, counts, note, types):
    """A customer with so many of each; names are unique, some documents have the same content."""
    n = next(_names)
    groups = ",".join(str(each.id) for each in types[: counts["groups"]])
    numbers = [f"0912{n:03}{place:03}" for place in range(counts["phones"] + 1)]
    values = {"name": f"File {n}", "note": note, "groups": groups}
    customer = await saving.add(session, tidy(values, numbers, None))
    of = {"customer_id": customer.id}
    for place in range(counts["contacts"]):
        contact = Contact(**of, name=f"C{n}.{place}", search_key="c", created_at=NOW)
        session.add(contact)
        await session.flush()
        key = f"+8498{n:03}{place:04}"
        session.add(
            CustomerPhone(
                **of, contact_id=contact.id, number_key=key, raw=key, reversed_digits=key[:0:-1]
            )
        )
    for place in range(counts["calls"]):
        session.add(
            CallRecord(
                **of,
                call_id=f"{n}.{place}",
                direction="inbound",
                state="ended",
                started_at=NOW + timedelta(minutes=place),
            )
        )
    for place in range(counts["documents"]):
        session.add(
            Document(
                **of,
                name=f"{place}.pdf",
                media_type="application/pdf",
                size=1,
                sha256=f"{place}" * 64,
                path=f"{n}/{place}",
                created_at=NOW,
            )
        )
    for place in range(counts["activities"]):
        session.add(
            Activity(**of, type_id=types[-1].id, name=f"{n}.{place}", at=NOW, created_at=NOW)
        )
    for department in (None, 1, 2)[: counts["shares"]]:
        session.add(CustomerShare(**of, department_id=department, at=NOW))
    await session.flush()
    return customer


async def things(session, *customer_ids):
    """Everything that hangs on these customers, each once."""

    async def of(table, *columns):
        rows = await session.execute(select(*columns).where(table.customer_id.in_(customer_ids)))
        return {tuple(row) for row in rows}

    return {
        "calls": await of(CallRecord, CallRecord.call_id),
        "phones": await of(CustomerPhone, CustomerPhone.number_key, CustomerPhone.contact_id),
        "contacts": await of(Contact, Contact.id),
        "documents": await of(Document, Document.sha256),
        "activities": await of(Activity, Activity.id),
        "shares": await of(CustomerShare, CustomerShare.user_id, CustomerShare.department_id),
        "groups": await of(CustomerGroup, CustomerGroup.group_id),
        "changes": await of(CustomerChange, CustomerChange.id),
    }


async def catalogue(session):
    types = [
        CatalogueItem(catalogue=Catalogue.CUSTOMER_GROUP.value, name=f"G{place}")
        for place in range(4)
    ]
    session.add_all(types)
    await session.flush()
    return types


@pytest.fixture
async def departments(sessions):
    async with sessions() as session:
        session.add_all([Department(id=1, name="One"), Department(id=2, name="Two")])
        await session.commit()


@given(
    one=COUNTS, two=COUNTS, notes=st.tuples(*[st.sampled_from(["", "a", "b"])] * 2), take=st.data()
)
@settings(max_examples=cases(15), deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_two_files_have_the_merged_one_has(
    sessions, departments, one, two, notes, take
):
    async with sessions() as session:
        types = await catalogue(session)
        keep = await a_file(session, one, notes[0], types)
        other = await a_file(session, two, notes[1], types)
        before = await things(session, keep.id, other.id)
        chosen = take.draw(st.sets(st.sampled_from(CHOSEN)))

        await merge(session, keep, other, chosen, 1)

        after = await things(session, keep.id)
        assert all(before[name] <= after[name] for name in before), (before, after)
        assert after.keys() == before.keys()
        for name in before.keys() - {"changes"}:
            assert after[name] == before[name]
        assert not any((await things(session, other.id)).values())
        assert all(note in keep.note for note in notes)
        assert (other.merged_into, other.deleted_at is None) == (keep.id, False)
        await session.rollback()


async def test_the_chosen_values_stay_and_the_others_are_in_the_history(sessions):
    async with sessions() as session:
        mine = {"name": "An", "email": "a@a.vn", "note": "calls late"}
        keep = await saving.add(session, tidy(mine, ["0912345678"], None))
        theirs = {"name": "An Lê", "email": "b@b.vn", "note": "VIP"}
        other = await saving.add(session, tidy(theirs, ["0988777666"], None))

        await merge(session, keep, other, ["name"], 7)

        assert (keep.name, keep.email, keep.code) == ("An Lê", "a@a.vn", "KH-000001")
        assert keep.note == "calls late\n\nVIP"
        numbers = [phone.raw for phone in (await phones(session, [keep.id]))[keep.id]]
        assert numbers == ["0912 345 678", "0988 777 666"]
        (told,) = await session.scalars(
            select(CustomerChange).where(CustomerChange.field == "merged")
        )
        assert (told.new, told.user_id) == ("KH-000002 An Lê", 7)
        assert "name: An" in told.old and "email: b@b.vn" in told.old


async def test_the_history_names_the_values_that_went_as_the_reader_knows_them(site):
    keep = await site.customer("An", "0912345678", owner="mara")
    other = await site.customer("{Bo}: <b>", "0988777666", owner="mara")
    lea = await site.signed_in("lea", language="vi")
    await lea.post(f"/customers/{keep.id}/merge", {"with": str(other.id)})

    page = (await lea.get(f"/customers/{keep.id}/history")).text

    assert "Tên: {Bo}: &lt;b&gt;</div>" in page and "name: " not in page


async def test_a_file_is_not_merged_with_itself_nor_with_one_that_is_gone(sessions):
    async with sessions() as session:
        keep = await saving.add(session, tidy({"name": "An"}, ["0912345678"], None))
        other = await saving.add(session, tidy({"name": "Bo"}, ["0988777666"], None))
        other.deleted_at = NOW
        await session.flush()

        for wrong in keep, other:
            with pytest.raises(Conflict):
                await merge(session, keep, wrong, [], 1)


async def test_a_lead_lays_two_files_side_by_side_and_merges_them(site):
    keep = await site.customer("An", "0912345678", owner="mara")
    other = await site.customer("An", "0988777666", owner="jon")
    await site.call("jon", "0988777666", customer_id=other.id)
    lea = await site.signed_in("lea")
    await site.app[CARDS].find(["0988777666"])

    mara = await site.signed_in("mara")
    await mara.post(f"/customers/{keep.id}/fields/note", {"note": "only hers"})
    found = (await lea.get(f"/customers/{keep.id}/merge")).text
    page = (await lea.get(f"/customers/{keep.id}/merge?with={other.id}")).text
    answer = await lea.post(f"/customers/{keep.id}/merge", {"with": str(other.id)})

    assert f"/merge?with={other.id}" in found  # the same name
    assert "only hers" in page and page.count("both stay") == 1  # the numbers, not the one note
    assert "Nguyễn Mara" in page and "Trần Jon" in page
    assert answer.headers["Location"] == f"/customers/{keep.id}"
    after = (await lea.get(f"/customers/{keep.id}")).text
    assert "0988 777 666" in after and 'href="/calls/call-1"' in after
    card = (await site.app[CARDS].find(["0988777666"]))["0988777666"]
    assert card.customer_id == keep.id


async def test_the_address_of_the_file_that_went_leads_to_the_one_that_stays(site):
    keep = await site.customer("An", "0912345678", owner="mara")
    other = await site.customer("An", "0988777666", owner="mara")
    lea = await site.signed_in("lea")
    await lea.post(f"/customers/{keep.id}/merge", {"with": str(other.id)})

    answer = await lea.get(f"/customers/{other.id}/history")

    assert answer.status == 303
    assert answer.headers["Location"] == f"/customers/{keep.id}/history"
    assert (await (await site.signed_in("kim")).get(f"/customers/{other.id}")).status == 404


@pytest.mark.parametrize("who, status", [("mara", 403), ("lea", 404)])
async def test_nobody_merges_what_is_not_theirs(site, who, status):
    keep = await site.customer("An", "0912345678", owner="mara")
    other = await site.customer("An", "0988777666", owner="kim")
    visitor = await site.signed_in(who)

    answer = await visitor.post(f"/customers/{keep.id}/merge", {"with": str(other.id)})

    assert answer.status == status
    async with site.sessions() as session:
        assert (await session.get(Customer, other.id)).deleted_at is None


def change(field, old, new):
    return CustomerChange(field=field, old=old, new=new, user_id=1, at=NOW, version=2)


def test_who_changed_nothing_takes_what_the_other_changed():
    same = {"name": "An", "email": "b"}

    taken, clashes = settle({"name": "An", "email": "a"}, same, [change("email", "a", "b")])

    assert (taken, clashes) == (["email"], [])


def test_two_who_typed_the_same_do_not_clash():
    same = {"email": "b"}

    assert settle(same, same, [change("email", "a", "b")]) == ([], [])


def test_a_field_that_went_there_and_back_is_no_news():
    changes = [change("email", "a", "b"), change("email", "b", "a")]

    assert settle({"email": "mine"}, {"email": "a"}, changes) == ([], [])
