"""What is done with selected customers, in the pages: by whom, and with which of them."""

import re
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Customer, CustomerChange, CustomerShare
from tests.pages.site import IDS

DEPARTMENTS = {"sales": 1, "care": 2, "north": 3}


async def owner_of(site, customer):
    async with site.sessions() as session:
        return (await session.get(Customer, customer.id)).owner_id


def ids(*customers):
    return urlencode({"ids": ",".join(str(customer.id) for customer in customers)})


async def posts(visitor, what, of, **fields):
    return await visitor.post(f"/customers/{what}", {"of": of, **fields})


async def told(visitor, answer):
    """What the list says after it."""
    assert answer.status == 303, answer.text
    page = (await visitor.get(answer.headers["Location"])).text
    return re.search(r"data-toast[^>]*>([^<]+)<", page)[1]


async def test_the_superadmin_distributes_in_turn_and_the_list_says_how_many(site):
    three = [await site.customer(f"C{n}", f"091234567{n}") for n in range(3)]
    root = await site.signed_in("root")

    answer = await root.post(
        "/customers/distribute",
        [
            ("of", ids(*three) + "&tab=unassigned"),
            ("how", "in_turn"),
            ("person", str(IDS["mara"])),
            ("person", str(IDS["jon"])),
        ],
    )

    assert await told(root, answer) == "3 customers were given out."
    assert [await owner_of(site, each) for each in three] == [IDS["mara"], IDS["jon"], IDS["mara"]]


async def test_the_next_round_begins_behind_who_was_last(site):
    three = [await site.customer(f"C{n}", f"091234567{n}") for n in range(3)]
    root = await site.signed_in("root")

    for customer in three:
        people = [("person", str(IDS[name])) for name in ("mara", "jon")]
        of = ("of", ids(customer))
        await root.post("/customers/distribute", [of, ("how", "in_turn"), *people])

    assert [await owner_of(site, each) for each in three] == [IDS["mara"], IDS["jon"], IDS["mara"]]


async def test_all_that_a_list_is_narrowed_to_is_distributed_not_only_the_page(site):
    for place in range(60):
        await site.customer(f"Hoa {place:02}", f"09123456{place:02}")
    other = await site.customer("Somebody else", "0912345699")
    root = await site.signed_in("root")

    answer = await posts(
        root, "distribute", "all=1&q=hoa&tab=unassigned", how="one", one=str(IDS["mara"])
    )

    assert await told(root, answer) == "60 customers were given out."
    assert await owner_of(site, other) is None


@pytest.mark.parametrize("who", ["mara", "tom"])
async def test_an_agent_distributes_transfers_and_deletes_nothing(site, who):
    customer = await site.customer("An", "0912345678", owner=who)
    visitor = await site.signed_in(who)

    for what in ("distribute", "transfer", "delete"):
        assert (await visitor.get(f"/customers/{what}?{ids(customer)}")).status == 403
        answer = await posts(visitor, what, ids(customer), how="one", one=str(IDS["jon"]))
        assert answer.status == 403
    assert await owner_of(site, customer) == IDS[who]


async def test_ids_of_another_department_are_ignored_and_counted(site):
    mine = await site.customer("Mine", "0912345678", owner="mara")
    kims = await site.customer("Kim's", "0912345679", owner="kim")
    lea = await site.signed_in("lea")

    page = (await lea.get(f"/customers/transfer?{ids(mine, kims)}")).text
    answer = await posts(lea, "transfer", ids(mine, kims), how="one", one=str(IDS["jon"]))

    assert "Transfer ownership of 1 customer<" in page
    assert "1 of those selected is not yours to change and stays as it is." in page
    assert await told(lea, answer) == (
        "1 customer was given out. 1 of those selected is not yours to change and stayed as it was."
    )
    assert await owner_of(site, kims) == IDS["kim"] and await owner_of(site, mine) == IDS["jon"]


async def test_what_is_only_shared_with_a_lead_is_not_theirs_to_give_away_or_delete(site):
    kims = await site.customer("Kept by Kim", "0912345679", owner="kim")
    await site.add(CustomerShare(customer_id=kims.id, user_id=IDS["lea"], at=kims.created_at))
    lea = await site.signed_in("lea")
    assert "Kept by Kim" in (await lea.get("/customers")).text

    await posts(lea, "transfer", ids(kims), how="one", one=str(IDS["lea"]))
    await posts(lea, "delete", ids(kims))

    async with site.sessions() as session:
        customer = await session.get(Customer, kims.id)
    assert (customer.owner_id, customer.deleted_at) == (IDS["kim"], None)


async def test_a_lead_gives_customers_only_to_people_and_departments_below(site):
    customer = await site.customer("Mine", "0912345678", owner="mara")
    lea = await site.signed_in("lea")

    page = (await lea.get(f"/customers/distribute?{ids(customer)}")).text
    to_kim = await posts(lea, "transfer", ids(customer), how="one", one=str(IDS["kim"]))
    to_care = await posts(
        lea, "distribute", ids(customer), how="department", department=str(DEPARTMENTS["care"])
    )
    to_tom = await posts(lea, "transfer", ids(customer), how="one", one=str(IDS["tom"]))

    assert "Phạm Kim" not in page and ">Care<" not in page
    assert to_kim.status == 400 and "no such person among those you work with" in to_kim.text
    assert to_care.status == 400 and "Choose a department." in to_care.text
    assert to_tom.status == 303 and await owner_of(site, customer) == IDS["tom"]


async def test_the_shares_are_shown_before_anything_happens(site):
    three = [await site.customer(f"C{n}", f"091234567{n}") for n in range(3)]
    await site.customer("Old", "0988777666", owner="mara")
    root = await site.signed_in("root")

    answer = await root.post(
        "/customers/distribute/preview",
        [
            ("of", ids(*three)),
            ("how", "by_priority"),
            ("person", str(IDS["mara"])),
            (f"capacity-{IDS['mara']}", "2"),
        ],
    )

    rows = re.findall(
        r'<tr><td>([^<]*)</td><td class="n">([^<]*)</td><td class="n">(\d+)', answer.text
    )
    assert rows == [("Nguyễn Mara", "1", "2"), ("Stay as they are", "", "1")]
    assert [await owner_of(site, each) for each in three] == [None] * 3


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ([("how", "in_turn")], "Choose who receives the customers."),
        ([("how", "one"), ("one", "")], "Choose who receives the customers."),
        ([("how", "in_turn"), ("person", "999")], "no such person among those you work with"),
        ([("how", "department")], "Choose a department."),
        (
            [("how", "by_priority"), ("person", "3"), ("capacity-3", "many")],
            "Enter how many customers each person can take.",
        ),
        ([("how", "by_priority"), ("person", "3")], "Enter how many customers"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_given(site, fields, sentence):
    customer = await site.customer("An", "0912345678")
    root = await site.signed_in("root")

    answer = await root.post("/customers/distribute", [("of", ids(customer)), *fields])

    assert answer.status == 400 and sentence in answer.text
    assert await owner_of(site, customer) is None


@pytest.mark.parametrize("query", ["", "ids=", "ids=x", "ids=1;2", "ids=" + "9" * 30])
async def test_nothing_selected_is_said_in_words(site, query):
    root = await site.signed_in("root")

    for what in ("distribute", "transfer", "share", "status", "delete"):
        answer = await root.get(f"/customers/{what}?{query}")
        assert answer.status == 400 and "Select some customers first." in answer.text


async def test_a_transfer_is_taken_back_from_the_corner_of_the_list(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    answer = await posts(root, "transfer", ids(customer), how="one", one=str(IDS["kim"]))
    page = (await root.get(answer.headers["Location"])).text
    undo = re.search(r'data-undo="([^"]+)"', page)[1]

    assert (await lea.post(undo, Accept="application/json")).status == 404
    back = await root.post(undo, Accept="application/json")
    again = await root.post(undo, Accept="application/json")

    assert "1 customer is where it was before." in back.text and again.status == 409
    assert await owner_of(site, customer) == IDS["mara"]
    assert "data-undo" not in (await root.get("/customers")).text


async def test_what_was_long_work_is_told_of_and_taken_back_from_where_the_work_leads(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    answer = await posts(root, "transfer", ids(customer), how="one", one=str(IDS["kim"]))
    assert await told(root, answer) == "1 customer was given out."

    answer = await root.get("/customers/batches/1")  # the link of its line among the work

    assert await told(root, answer) == "1 customer was given out."
    assert (await lea.get("/customers/batches/1")).status == 404


async def statuses(site):
    await site.add(
        CatalogueItem(id=1, catalogue="status", name="Quan tâm", colour="ok"),
        CatalogueItem(id=2, catalogue="source", name="Facebook"),
    )


async def test_an_agent_changes_the_status_of_several_of_their_own(site):
    await statuses(site)
    mine = await site.customer("Mine", "0912345678", owner="mara")
    jons = await site.customer("Jon's", "0912345679", owner="jon")
    mara = await site.signed_in("mara")

    answer = await posts(mara, "status", ids(mine, jons), status="1")

    assert "The status of 1 customer was changed. 1 of those" in await told(mara, answer)
    async with site.sessions() as session:
        changes = (await session.scalars(select(CustomerChange))).all()
        assert (await session.get(Customer, mine.id)).status_id == 1
        assert (await session.get(Customer, jons.id)).status_id is None
    [change] = [each for each in changes if each.field == "status"]
    assert (change.customer_id, change.old, change.new) == (mine.id, "", "Quan tâm")


@pytest.mark.parametrize("status", ["", "2", "99", "x"])
async def test_what_is_no_status_is_refused(site, status):
    await statuses(site)
    mine = await site.customer("Mine", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    answer = await posts(mara, "status", ids(mine), status=status)

    assert answer.status == 400 and "Choose a status." in answer.text


async def test_an_owner_shares_several_at_once_and_nobody_twice(site):
    mine = await site.customer("Mine", "0912345678", owner="mara")
    jons = await site.customer("Jon's", "0912345679", owner="jon")
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")

    first = await posts(mara, "share", ids(mine, jons), **{"with": f"person-{IDS['kim']}"})
    second = await posts(mara, "share", ids(mine), **{"with": f"person-{IDS['kim']}"})

    assert (await told(mara, second)).startswith("0 customers were shared")
    assert first.status == 303
    page = (await kim.get("/customers")).text
    assert ">Mine<" in page and "Jon&#39;s" not in page
    async with site.sessions() as session:
        assert len((await session.scalars(select(CustomerShare))).all()) == 1


async def test_deleted_customers_are_in_no_list_any_more_and_their_history_says_so(site):
    mine = await site.customer("Mine", "0912345678", owner="mara")
    kims = await site.customer("Kim's", "0912345679", owner="kim")
    lea = await site.signed_in("lea")

    answer = await posts(lea, "delete", ids(mine, kims))

    assert (await told(lea, answer)).startswith("1 customer was moved to the bin. 1 of those")
    async with site.sessions() as session:
        deleted = await session.get(Customer, mine.id)
        assert (deleted.deleted_at is not None, deleted.deleted_by) == (True, IDS["lea"])
        assert (await session.get(Customer, kims.id)).deleted_at is None
        fields = (await session.scalars(select(CustomerChange.field))).all()
    assert "deleted" in fields
