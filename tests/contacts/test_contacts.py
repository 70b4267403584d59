"""Contacts: those one talks to at a customer's; their numbers lead to the customer."""

import re

import pytest
from sqlalchemy import func, select

from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.contacts import queries
from callcenter.customers import saving
from callcenter.customers.cards import Cards
from callcenter.customers.forms import tidy
from callcenter.customers.models import Contact, CustomerPhone
from callcenter.keys import CARDS
from callcenter.people.rights import Scope
from callcenter.popups.call_card import _customer

HER = {"name": "Đặng Thu Hà", "phone": "0988 777 666", "email": "Ha@an.vn", "note": "mornings"}


async def test_a_contact_is_added_shown_changed_and_deleted(site):
    position = await site.add(
        CatalogueItem(catalogue=Catalogue.POSITION.value, name="Trưởng phòng mua hàng")
    )
    customer = await site.customer("An Phát", "0912345678", owner="mara")
    mara = await site.signed_in("mara")
    path = f"/customers/{customer.id}/contacts"

    await mara.post(path, {**HER, "position": str(position.id), "birthday": "8/3/1985"})
    page = (await mara.get(path)).text
    await mara.post(f"{path}/1", {**HER, "name": "Đặng Hà"})
    changed = (await mara.get(path)).text
    await mara.post(f"{path}/1/delete")

    assert "Đặng Thu Hà" in page and "Trưởng phòng mua hàng" in page and "0988 777 666" in page
    assert 'data-call="0988 777 666"' in page and "8 Mar 1985" in page
    assert "<b>Đặng Hà</b>" in changed
    assert "No contacts yet" in (await mara.get(path)).text
    async with site.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Contact)) == 0
        assert await session.scalar(select(func.count()).select_from(CustomerPhone)) == 1
    history = (await mara.get(f"/customers/{customer.id}/history")).text
    assert history.count("<b>Contact</b>") == 3


async def test_a_contacts_number_finds_the_customer_and_says_who_it_is(site):
    customer = await site.customer("An Phát", "0912345678", owner="mara")
    mara = await site.signed_in("mara")
    cards = site.app[CARDS]
    assert await cards.find(["0988777666"]) == {"0988777666": None}

    await mara.post(f"/customers/{customer.id}/contacts", HER)

    card = (await cards.find(["0988777666"]))["0988777666"]
    assert (card.customer_id, card.name, card.contact) == (customer.id, "An Phát", "Đặng Thu Hà")
    assert _customer(card).name == "Đặng Thu Hà · An Phát"
    own = (await cards.find(["0912345678"]))["0912345678"]
    assert _customer(own).name == "An Phát"


async def test_a_number_of_ones_own_goes_before_a_contacts(sessions, engine):
    async with sessions() as session:
        first = await saving.add(session, tidy({"name": "An Phát"}, ["0912345678"], None))
        form = queries.tidy({"name": "Hà"}, ["0988777666"])
        await queries.save(session, first, form, 1, None)
        await session.commit()
        second = await saving.add(session, tidy({"name": "Hà"}, ["0977111222"], None))
        session.add(
            CustomerPhone(
                customer_id=second.id,
                number_key="+84988777666",
                raw="0988777666",
                reversed_digits="66677788948",
                position=3,
            )
        )
        await session.commit()

    cards = Cards(engine)
    found = (await cards.find(["0988777666"]))["0988777666"]
    await cards.close()

    assert (found.customer_id, found.contact) == (second.id, "")


async def test_a_contacts_number_counts_as_its_customers_in_the_duplicate_check(site):
    customer = await site.customer("An Phát", "0912345678", owner="kim")
    root, mara = await site.signed_in("root"), await site.signed_in("mara")
    await root.post(f"/customers/{customer.id}/contacts", HER)

    answer = await mara.post("/customers/new", {"name": "Hà", "phone": "0988777666"})

    assert answer.status == 409
    assert "already exists in customer An Phát owned by Phạm Kim" in answer.text


async def test_a_number_another_customer_has_is_no_contacts(site):
    customer = await site.customer("An Phát", "0912345678", owner="mara")
    await site.customer("Kim's", "0988777666", owner="kim")
    mara = await site.signed_in("mara")

    answer = await mara.post(f"/customers/{customer.id}/contacts", HER)

    assert answer.status == 409 and 'value="Đặng Thu Hà"' in answer.text
    assert "already exists in customer Kim&#39;s" in answer.text


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"name": " "}, "Enter a name."),
        ({"phone": "12ab"}, "is not a phone number."),
        ({"email": "x"}, "This is not an email address."),
        ({"birthday": "31/02/1990"}, "is not a day."),
        ({"position": "999"}, "Choose one from the list."),
        ({"name": "a" * 201}, "Too long: 200 letters at most."),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(site, change, sentence):
    customer = await site.customer("An Phát", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    answer = await mara.post(f"/customers/{customer.id}/contacts", {**HER, **change})

    assert answer.status == 400 and sentence in answer.text and "mornings" in answer.text


@pytest.mark.parametrize(
    "who, status", [("root", 303), ("lea", 303), ("mara", 303), ("jon", 404), ("kim", 404)]
)
async def test_contacts_are_for_those_who_may_see_the_customer(site, who, status):
    customer = await site.customer("An Phát", "0912345678", owner="mara")
    visitor = await site.signed_in(who)

    assert (await visitor.post(f"/customers/{customer.id}/contacts", HER)).status == status


async def test_a_contact_is_not_reached_through_another_customer(site):
    customer = await site.customer("An Phát", "0912345678", owner="kim")
    mine = await site.customer("Mine", "0977111222", owner="mara")
    root, mara = await site.signed_in("root"), await site.signed_in("mara")
    await root.post(f"/customers/{customer.id}/contacts", HER)

    for path in (f"/customers/{mine.id}/contacts/1", f"/customers/{mine.id}/contacts/1/delete"):
        assert (await mara.post(path, HER)).status == 404


async def test_the_list_of_all_has_those_of_ones_customers_found_by_name_or_number(site):
    mine = await site.customer("Mine", "0912345678", owner="mara")
    kims = await site.customer("Kim's", "0977111222", owner="kim")
    root, mara = await site.signed_in("root"), await site.signed_in("mara")
    await root.post(f"/customers/{mine.id}/contacts", HER)
    await root.post(f"/customers/{kims.id}/contacts", {"name": "Đặng Hải", "phone": "0966555444"})

    async def found(visitor, query=""):
        page = (await visitor.get(f"/contacts{query}")).text
        return re.findall(r'/contacts"><b>([^<]+)</b>', page)

    assert await found(mara) == ["Đặng Thu Hà"]
    assert await found(root) == ["Đặng Hải", "Đặng Thu Hà"]
    assert await found(root, "?q=thu") == ["Đặng Thu Hà"]
    assert await found(root, "?q=0966 555") == ["Đặng Hải"]
    assert await found(root, "?q=nobody") == []


async def test_adding_from_the_list_begins_with_the_customer(site):
    customer = await site.customer("An Phát", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    page = (await mara.get("/contacts/new?q=an phat")).text

    assert f'href="/customers/{customer.id}/contacts?add=1"' in page


async def test_each_database_finds_contacts_alike(sessions):
    async with sessions() as session:
        customer = await saving.add(session, tidy({"name": "An Phát"}, ["0912345678"], None))
        for name, number in (("Đỗ Hà", "0988777666"), ("Hà Đỗ", "0988777667")):
            await queries.save(session, customer, queries.tidy({"name": name}, [number]), 1, None)
        await session.commit()
        everything = Scope(everything=True, user_id=0)

        async def found(text):
            cut = await queries.contacts_cut(session, everything, text)
            return [contact.name for contact, _ in cut.rows]

        assert await found("") == await found("ha do") == ["Đỗ Hà", "Hà Đỗ"]
        assert await found("777667") == await found("0988777667") == ["Hà Đỗ"]
