"""The form of a customer: four kinds, what is required, what others have already, two at once."""

import json
import re

import pytest
from sqlalchemy import select

from callcenter.catalogues.models import Catalogue, CatalogueItem, Place
from callcenter.customers import saving
from callcenter.customers.forms import day_of, day_text, tidy
from callcenter.customers.models import Customer, CustomerChange
from callcenter.customers.policy import Policy, save_policy
from callcenter.errors import Conflict, Invalid
from tests.pages.site import IDS

GOOD = {"name": "Trần Thị Mỹ Hạnh", "phone": "0912 345 678"}


async def rules(site, required=(), duplicate=("phone",)):
    async with site.sessions() as session:
        await save_policy(session, Policy(frozenset(required), frozenset(duplicate)))
        await session.commit()


async def item(site, catalogue, name, **values):
    return await site.add(CatalogueItem(catalogue=catalogue.value, name=name, **values))


async def stored(site, customer_id):
    async with site.sessions() as session:
        return await session.get(Customer, customer_id)


async def changes(site, customer_id, field=None):
    async with site.sessions() as session:
        rows = await session.scalars(
            select(CustomerChange)
            .where(CustomerChange.customer_id == customer_id)
            .order_by(CustomerChange.id)
        )
        return [(r.field, r.old, r.new, r.user_id) for r in rows if field in (None, r.field)]


async def test_everything_about_a_shop_is_kept(site):
    source = await item(site, Catalogue.SOURCE, "Fair")
    group = await item(site, Catalogue.CUSTOMER_GROUP, "Gold")
    place = await site.add(Place(level="province", name="Đồng Nai", search_key="dong nai"))
    visitor = await site.signed_in("mara")

    answer = await visitor.post(
        "/customers/new",
        {
            **GOOD,
            "kind": "shop",
            "code": "shop-1",
            "email": "Lan@Phat.VN",
            "fax": "028 7300 1234",
            "tax_code": "0301234567",
            "registered_address": "1 Lê Lợi",
            "founded_on": "2.9.2010",
            "birthday": "01/01/1990",
            "source": str(source.id),
            "groups": str(group.id),
            "place": str(place.id),
        },
    )

    shop = await stored(site, 1)
    assert answer.status == 303
    assert (shop.kind, shop.code, shop.email) == ("shop", "SHOP-1", "lan@phat.vn")
    assert (shop.founded_on, shop.birthday) == (day_of("02/09/2010"), None)  # shops are not born
    assert (shop.source_id, shop.place_id, shop.owner_id) == (source.id, place.id, IDS["mara"])
    page = (await visitor.get("/customers/1/information")).text
    for text in ("Fair", "Gold", "Đồng Nai", "2 Sep 2010", "0301234567", "1 Lê Lợi"):
        assert text in page


@pytest.mark.parametrize("typed", ["21/11/1990", "21-11-1990", "21.11.1990", "1990-11-21"])
def test_a_day_is_typed_as_people_write_it(typed):
    assert day_text(typed) == "21/11/1990"


@pytest.mark.parametrize("typed", ["31/02/1990", "x", "21/11", "0/0/0000"])
async def test_what_is_no_day_is_said_and_stays_as_it_was_typed(site, typed):
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", {**GOOD, "birthday": typed})

    assert answer.status == 400 and "is not a day." in answer.text
    assert f'value="{typed}"' in answer.text and 'value="Trần Thị Mỹ Hạnh"' in answer.text


async def test_a_field_the_company_requires_is_marked_and_asked_for(site):
    await rules(site, required=["email", "birthday"])
    visitor = await site.signed_in("mara")

    page = (await visitor.get("/customers/new")).text
    answer = await visitor.post("/customers/new", GOOD)

    assert re.search(r'<label for="email">Email <b aria-hidden="true">\*</b>', page)
    assert answer.status == 400 and answer.text.count("This must be filled in.") == 2
    assert (await visitor.post("/customers/new", {**GOOD, "kind": "shop"})).status == 400
    good = {**GOOD, "kind": "shop", "email": "a@b.vn"}  # a shop has no birthday to give
    assert (await visitor.post("/customers/new", good)).status == 303


async def test_name_and_phone_are_required_whatever_is_ticked(site):
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", {"name": "", "phone": ""})

    assert "Enter a name." in answer.text and "Enter a phone number." in answer.text


SAME = {
    "name": ("Lý Quang Vũ", "ly  quang VU", "Name"),
    "email": ("vu@an.vn", "VU@an.vn", "Email"),
    "tax_code": ("0301234567", "0301234567", "Tax code"),
    "address": ("12 Lê Lợi, Quận 1", "12 le loi, quan 1", "Address"),
    "birthday": ("21/11/1990", "21-11-1990", "Birthday"),
    "code": ("VIP-7", "vip-7", "Customer code"),
    "note": ("the blue house", "the blue house", "Remarks"),
}


@pytest.mark.parametrize("field", SAME)
async def test_each_ticked_criterion_refuses_in_the_manuals_words(site, field):
    await rules(site, duplicate=[field])
    theirs, mine, label = SAME[field]
    kim, mara = await site.signed_in("kim"), await site.signed_in("mara")
    there = {"name": "Lý Quang Vũ", "phone": "0988777666", field: theirs}
    assert (await kim.post("/customers/new", there)).status == 303

    answer = await mara.post("/customers/new", {**GOOD, field: mine})

    assert answer.status == 409
    assert f"{label} already exists in customer Lý Quang Vũ owned by Phạm Kim" in answer.text


@pytest.mark.parametrize("field", [name for name in SAME if name != "code"])
async def test_what_is_not_ticked_may_be_alike(site, field):
    theirs, mine, _ = SAME[field]
    kim, mara = await site.signed_in("kim"), await site.signed_in("mara")
    await kim.post("/customers/new", {"name": "Vũ", "phone": "0988777666", field: theirs})

    assert (await mara.post("/customers/new", {**GOOD, field: mine})).status == 303


async def test_the_refusal_in_vietnamese_is_the_manuals(site):
    await rules(site, duplicate=["email"])
    kim, mara = await site.signed_in("kim"), await site.signed_in("mara", language="vi")
    await kim.post("/customers/new", {"name": "A", "phone": "0988777666", "email": "a@b.vn"})

    answer = await mara.post("/customers/new", {**GOOD, "email": "a@b.vn"})

    assert "Email đã tồn tại trong khách hàng A thuộc chủ sở hữu Phạm Kim" in answer.text


async def test_a_file_in_the_bin_is_nobodys_duplicate(site):
    customer = await site.customer("Old", "0912345678", owner="jon")
    lea = await site.signed_in("lea")
    await lea.post(f"/customers/{customer.id}/delete")
    mara = await site.signed_in("mara")

    assert (await mara.post("/customers/new", GOOD)).status == 303


async def test_while_typing_a_duplicate_is_told_with_a_link_for_those_who_may_open_it(site):
    customer = await site.customer("Lý Quang Vũ", "0912345678", owner="kim")
    mara, root = await site.signed_in("mara"), await site.signed_in("root")

    told = json.loads((await mara.post("/customers/check", {"phone": "0912345678"})).text)
    to_root = json.loads((await root.post("/customers/check", {"phone": "0912345678"})).text)

    sentence = "Phone number already exists in customer Lý Quang Vũ owned by Phạm Kim."
    assert told == {"duplicates": {"phone-0": {"message": sentence, "customer_id": None}}}
    assert to_root["duplicates"]["phone-0"]["customer_id"] == customer.id


async def test_a_choice_that_is_in_no_list_is_refused(site):
    status = await item(site, Catalogue.STATUS, "New")
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", {**GOOD, "source": str(status.id)})

    assert answer.status == 400 and "Choose one from the list." in answer.text


NASTY = "'; DROP TABLE customers; --<script>alert(1)</script>{{7*7}}%_\\\0"


async def test_sql_and_html_in_every_field_are_only_text(site):
    visitor = await site.signed_in("mara")
    texts = ("name", "company", "website", "address", "registered_address", "note", "tax_code")
    form = {"phone": "0912345678", "kind": "organisation"} | {
        name: NASTY[: 32 if name == "tax_code" else 100] for name in texts
    }

    answer = await visitor.post("/customers/new", form)
    page = (await visitor.get(answer.headers["Location"] + "/information")).text

    assert answer.status == 303
    assert "<script>alert(1)" not in page and "&lt;script&gt;" in page and "{{7*7}}" in page


@pytest.mark.parametrize("field", ["name", "code", "email", "address", "birthday", "phone", "note"])
async def test_ten_thousand_letters_are_a_sentence(site, field):
    visitor = await site.signed_in("mara")

    answer = await visitor.post("/customers/new", {**GOOD, field: "a" * 10_001})

    assert answer.status == 400 and 'class="err"' in answer.text


async def test_two_people_change_different_fields_and_both_changes_stay(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    seen = str((await stored(site, customer.id)).version)

    await lea.post(
        f"/customers/{customer.id}/edit",
        {"version": seen, "name": "An", "phone": "0912345678", "email": "an@a.vn"},
    )
    answer = await mara.post(
        f"/customers/{customer.id}/edit",
        {"version": seen, "name": "An Nguyễn", "phone": "0912345678", "email": ""},
    )

    now = await stored(site, customer.id)
    assert answer.status == 303
    assert (now.name, now.email) == ("An Nguyễn", "an@a.vn")


async def test_the_second_to_change_the_same_field_is_told_and_decides(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    seen = str((await stored(site, customer.id)).version)
    path = f"/customers/{customer.id}/edit"

    await lea.post(path, {"version": seen, "name": "An Lê", "phone": "0912345678"})
    typed = {"version": seen, "name": "An Nguyễn", "phone": "0912345678", "note": "mine"}
    told = await mara.post(path, typed)

    assert told.status == 409
    assert "Lê Thị Lea changed this at" in told.text and "<b>An Lê</b>" in told.text
    assert 'value="An Nguyễn"' in told.text and ">mine</textarea>" in told.text
    assert (await stored(site, customer.id)).name == "An Lê"

    newer = re.search(r'name="version" value="(\d+)"', told.text)[1]
    assert (await mara.post(path, {**typed, "version": newer})).status == 303
    assert (await stored(site, customer.id)).name == "An Nguyễn"


async def test_the_second_may_keep_what_the_first_wrote(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    seen = str((await stored(site, customer.id)).version)
    path = f"/customers/{customer.id}/edit"
    await lea.post(path, {"version": seen, "name": "An Lê", "phone": "0912345678"})
    told = await mara.post(path, {"version": seen, "name": "An N", "phone": "0912345678"})
    newer = re.search(r'name="version" value="(\d+)"', told.text)[1]

    form = {"version": newer, "name": "An N", "phone": "0912345678", "take-name": "theirs"}
    await mara.post(path, form | {"note": "but this"})

    now = await stored(site, customer.id)
    assert (now.name, now.note) == ("An Lê", "but this")


async def test_a_value_is_edited_where_it_stands(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")
    path = f"/customers/{customer.id}/fields/email"

    form = await mara.part(path)
    wrong = await mara.post(path, {"email": "nobody"}, **{"HX-Request": "true"})
    right = await mara.post(path, {"email": "an@a.vn"}, **{"HX-Request": "true"})

    assert 'name="email"' in form.text
    assert wrong.status == 400 and 'value="nobody"' in wrong.text
    assert right.status == 200 and "an@a.vn" in right.text
    assert await changes(site, customer.id, "email") == [("email", "", "an@a.vn", IDS["mara"])]


async def test_two_who_edit_one_value_in_place_are_told_of_each_other(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, lea = await site.signed_in("mara"), await site.signed_in("lea")
    seen = str((await stored(site, customer.id)).version)
    path = f"/customers/{customer.id}/fields/company"

    await lea.post(path, {"version": seen, "company": "Hers"})
    told = await mara.post(path, {"version": seen, "company": "Mine"})

    assert told.status == 409 and "<b>Hers</b>" in told.text and 'value="Mine"' in told.text
    assert (await stored(site, customer.id)).company == "Hers"


@pytest.mark.parametrize("field", ["kind", "nonsense", "owner"])
async def test_what_cannot_be_edited_in_place_has_no_address(site, field):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")  # an agent gives no customer away

    assert (await mara.get(f"/customers/{customer.id}/fields/{field}")).status == 404


async def test_the_status_is_changed_with_its_time_and_its_history(site):
    new = await item(site, Catalogue.STATUS, "New", position=1)
    won = await item(site, Catalogue.STATUS, "Won", position=2)
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")
    path = f"/customers/{customer.id}/status"

    await mara.post(path, {"status": str(new.id)})
    answer = await mara.post(path, {"status": str(won.id)}, Accept="application/json")

    assert json.loads(answer.text) == {"id": won.id, "name": "Won", "colour": ""}
    assert (await stored(site, customer.id)).status_at is not None
    found = [change[1:3] for change in await changes(site, customer.id, "status")]
    assert found == [("", "New"), ("New", "Won")]
    page = (await mara.get(f"/customers/{customer.id}/history?only=status")).text
    assert page.count("<tr>") == 3 and "Won" in page
    assert "Status changed" in (await mara.get(f"/customers/{customer.id}")).text


async def test_a_page_asks_for_the_status_and_for_those_to_choose_from(site):
    new = await item(site, Catalogue.STATUS, "New", position=1)
    old = await item(site, Catalogue.STATUS, "Old", position=2, active=False)
    customer = await site.customer("An", "0912345678", owner="mara")
    mara, kim = await site.signed_in("mara"), await site.signed_in("kim")
    path = f"/customers/{customer.id}/status"

    said = json.loads((await mara.get(path)).text)

    assert said == {"id": None, "statuses": [{"id": new.id, "name": "New"}]}
    async with site.sessions.begin() as session:
        (await session.get(Customer, customer.id)).status_id = old.id
    said = json.loads((await mara.get(path)).text)
    assert (said["id"], [each["name"] for each in said["statuses"]]) == (old.id, ["New", "Old"])
    assert (await kim.get(path)).status == 404


async def test_a_status_of_another_list_is_refused_and_changes_nothing(site):
    source = await item(site, Catalogue.SOURCE, "Fair")
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    answer = await mara.post(f"/customers/{customer.id}/status", {"status": str(source.id)})

    assert answer.status == 400 and (await stored(site, customer.id)).status_id is None


async def test_the_history_tells_who_changed_what_from_what_to_what(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    form = [("name", "An"), ("phone", "0912345678"), ("phone", "0988777666"), ("note", "VIP")]
    await mara.post(f"/customers/{customer.id}/edit", form)
    page = (await mara.get(f"/customers/{customer.id}/history")).text

    assert await changes(site, customer.id, "phone") == [
        ("phone", "0912 345 678", "0912 345 678, 0988 777 666", IDS["mara"])
    ]
    for text in ("Nguyễn Mara", "Phone number", "0912 345 678, 0988 777 666", "VIP"):
        assert text in page


async def test_saving_without_a_change_leaves_no_trace(site):
    customer = await site.customer("An", "0912345678", owner="mara")
    mara = await site.signed_in("mara")

    await mara.post(f"/customers/{customer.id}/edit", {"name": "An", "phone": "0912345678"})

    assert [each[0] for each in await changes(site, customer.id)] == ["created"]


async def test_each_database_checks_and_writes_alike(sessions):
    async with sessions() as session:
        await save_policy(session, Policy(duplicate=frozenset(SAME) | {"phone", "fax"}))
        first = {"name": "Đỗ An", "email": "a@b.vn", "address": "12 Lê Lợi", "kind": "shop"}
        an = await saving.add(session, tidy(first | {"fax": "02873001234"}, ["0912345678"], None))
        await session.commit()

        for wrong, field in (
            ({"name": "do an"}, "name"),
            ({"name": "B", "email": "A@b.vn"}, "email"),
            ({"name": "B", "address": "12 LE LOI"}, "address"),
            ({"name": "B", "fax": "028 7300 1234", "kind": "shop"}, "fax"),
        ):
            with pytest.raises(Conflict) as refused:
                await saving.add(session, tidy(wrong, ["0988777666"], None))
            assert refused.value.values["field"] == field
            await session.rollback()

        await session.refresh(an)
        form = await saving.current(session, an)
        keys = await saving.change(session, an, tidy({"note": "x"}, form.phones, None, form), 7)
        await session.commit()
        assert keys == ["+84912345678"] and an.version == 3 and an.address_key == "12 le loi"


async def test_a_form_that_is_wrong_names_the_field(sessions):
    async with sessions() as session:
        with pytest.raises(Invalid) as refused:
            await saving.add(session, tidy({"name": "A", "email": "x"}, ["0912345678"], None))

    assert refused.value.field == "email"
