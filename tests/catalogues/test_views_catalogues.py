import re

import pytest
from sqlalchemy import select

from callcenter.catalogues.lists import LISTS
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers.models import Customer, CustomerChange, CustomerGroup
from callcenter.people.models import Role
from callcenter.people.permissions import rights_of

STATUS = "/settings/catalogues/status"


async def items(site, catalogue=Catalogue.STATUS):
    async with site.sessions() as session:
        rows = await session.scalars(
            select(CatalogueItem)
            .where(CatalogueItem.catalogue == catalogue)
            .order_by(CatalogueItem.position, CatalogueItem.id)
        )
        return list(rows)


async def names(site, catalogue=Catalogue.STATUS):
    return [item.name for item in await items(site, catalogue)]


async def item(site, name, position=10, catalogue=Catalogue.STATUS, **values):
    return await site.add(
        CatalogueItem(catalogue=catalogue.value, name=name, position=position, **values)
    )


async def rows_of(visitor, path=STATUS):
    """The form of the list as the page has it: what a browser would send back."""
    page = await visitor.get(path)
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page.text):
        name = re.search(r' name="([^"]+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name and not name[1].endswith("-new") and name[1] not in ("_csrf", "q"):
            fields[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page.text):
        chosen = re.search(r'value="([^"]*)" selected', options)
        if not name.endswith("-new"):
            fields[name] = chosen[1] if chosen else ""
    return fields


@pytest.mark.parametrize("listed", LISTS.values(), ids=lambda listed: listed.catalogue.value)
@pytest.mark.parametrize(
    "who, role", [("root", "superadmin"), ("lea", "team_lead"), ("jon", "agent")]
)
async def test_whoever_may_keep_a_list_sees_it_and_nobody_else(site, listed, who, role):
    visitor = await site.signed_in(who)
    may = rights_of(Role(role)).may(listed.permission)

    answer = await visitor.get(listed.path)
    added = await visitor.post(f"{listed.path}/new", {"name-new": "x", "code-new": "x"})

    assert answer.status == (200 if may else 403)
    assert (added.status == 403) is not may


async def test_an_empty_list_says_what_to_do_next(site):
    page = await (await site.signed_in("lea")).get(STATUS)

    assert "There are no statuses yet." in page.text


async def test_a_new_item_comes_last(site):
    await item(site, "New", 10)
    lea = await site.signed_in("lea")

    answer = await lea.post(f"{STATUS}/new", {"name-new": "  Won ", "colour-new": "ok"})

    assert (answer.status, answer.headers["Location"]) == (303, STATUS)
    assert [(i.name, i.position, i.colour) for i in await items(site)] == [
        ("New", 10, ""),
        ("Won", 20, "ok"),
    ]


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"name-new": "  "}, "Enter a name."),
        ({"name-new": "new"}, "“new” is in the list already."),
        ({"name-new": "OLD"}, "“OLD” is put away: bring it back instead."),
        ({"name-new": "x" * 201}, "Too long: 200 letters at most."),
        ({"name-new": "a", "position-new": "first"}, "The position must be a number."),
        ({"name-new": "a", "position-new": "-1"}, "The position must be a number."),
        ({"name-new": "a", "position-new": "²"}, "The position must be a number."),
        ({"name-new": "a", "position-new": "9" * 7}, "The position is at most 1000000."),
        ({"name-new": "a", "colour-new": "pink"}, "There is no such colour."),
    ],
)
async def test_what_cannot_be_added_is_refused_in_words_and_kept_in_the_field(
    site, typed, sentence
):
    await item(site, "New")
    await item(site, "Old", active=False)
    lea = await site.signed_in("lea")

    answer = await lea.post(f"{STATUS}/new", typed)

    assert answer.status in (400, 409)
    assert sentence in answer.text
    assert f'value="{typed.get("position-new", "")}"' in answer.text
    assert await names(site) == ["New", "Old"]


async def test_items_are_renamed_reordered_and_coloured_at_once(site):
    first, second = await item(site, "New", 10), await item(site, "Won", 20)
    lea = await site.signed_in("lea")
    form = await rows_of(lea)

    changes = {
        f"name-{first.id}": "Brand new",
        f"position-{first.id}": "30",
        f"colour-{second.id}": "ok",
    }
    answer = await lea.post(STATUS, form | changes)

    assert answer.status == 303
    assert [(i.name, i.colour) for i in await items(site)] == [("Won", "ok"), ("Brand new", "")]


async def test_two_items_may_change_names_with_each_other(site):
    first, second = await item(site, "A", 10), await item(site, "B", 20)
    lea = await site.signed_in("lea")
    form = await rows_of(lea)

    answer = await lea.post(STATUS, form | {f"name-{first.id}": "B", f"name-{second.id}": "A"})

    assert (answer.status, await names(site)) == (303, ["B", "A"])


async def test_a_name_typed_twice_is_refused_whole(site):
    first, second = await item(site, "New", 10), await item(site, "Won", 20)
    lea = await site.signed_in("lea")
    form = await rows_of(lea)

    changes = {f"position-{first.id}": "90", f"name-{second.id}": "NEW"}
    answer = await lea.post(STATUS, form | changes)

    assert answer.status == 409
    assert f'id="name-{second.id}-error"' in answer.text and 'value="NEW"' in answer.text
    assert await names(site) == ["New", "Won"]


async def test_the_second_of_two_who_edit_a_list_is_told(site):
    first = await item(site, "New")
    lea, root = await site.signed_in("lea"), await site.signed_in("root")
    hers, roots = await rows_of(lea), await rows_of(root)

    await root.post(STATUS, roots | {f"name-{first.id}": "Fresh"})
    late = await lea.post(STATUS, hers | {f"name-{first.id}": "Unknown"})

    assert late.status == 409
    assert "Somebody else has changed this list meanwhile." in late.text
    assert 'value="Unknown"' in late.text
    assert await names(site) == ["Fresh"]


async def test_what_nobody_uses_is_deleted(site):
    gone = await item(site, "New")
    lea = await site.signed_in("lea")

    answer = await lea.post(f"{STATUS}/{gone.id}/delete")

    assert (answer.status, await names(site)) == (303, [])


async def test_what_is_used_is_not_deleted_but_put_away_and_brought_back(site):
    used = await item(site, "Won")
    customer = await site.customer("An", "0912345678", owner="mara")
    await set_status(site, customer, used)
    lea = await site.signed_in("lea")

    refused = await lea.post(f"{STATUS}/{used.id}/delete")
    assert refused.status == 409
    assert "“Won” is used by 1 customer: put it away" in refused.text
    assert await names(site) == ["Won"]

    assert (await lea.post(f"{STATUS}/{used.id}/put-away")).status == 303
    assert [i.active for i in await items(site)] == [False]
    assert "put away</span>" in (await lea.get(STATUS)).text
    await lea.post(f"{STATUS}/{used.id}/bring-back")
    assert [i.active for i in await items(site)] == [True]


async def set_status(site, customer, status):
    async with site.sessions() as session:
        (await session.get(Customer, customer.id)).status_id = status.id
        await session.commit()


async def test_an_item_of_another_list_is_not_there(site):
    source = await item(site, "Website", catalogue=Catalogue.SOURCE)
    lea = await site.signed_in("lea")  # who keeps no sources

    for act in ("delete", "put-away", "bring-back", "merge"):
        assert (await lea.post(f"{STATUS}/{source.id}/{act}")).status == 404

    assert await names(site, Catalogue.SOURCE) == ["Website"]


async def test_merging_moves_customers_over_and_their_histories_tell(site):
    gone, into = await item(site, "Won", 10), await item(site, "Sold", 20)
    customer = await site.customer("An", "0912345678", owner="mara")
    await set_status(site, customer, gone)
    lea = await site.signed_in("lea")
    assert "Merge Won" in (await lea.get(f"{STATUS}/{gone.id}/merge")).text

    answer = await lea.post(f"{STATUS}/{gone.id}/merge", {"into": str(into.id)})

    assert (answer.status, await names(site)) == (303, ["Sold"])
    async with site.sessions() as session:
        after = await session.get(Customer, customer.id)
        changes = select(CustomerChange).where(CustomerChange.field == "status")
        [change] = await session.scalars(changes)
    assert (after.status_id, after.version) == (into.id, customer.version + 1)
    assert (change.field, change.old, change.new, change.version) == (
        "status",
        "Won",
        "Sold",
        after.version,
    )


@pytest.mark.parametrize("into", ["", "x", "999999", "itself"])
async def test_merging_into_nothing_or_itself_changes_nothing(site, into):
    gone = await item(site, "Won")
    await item(site, "Sold")
    lea = await site.signed_in("lea")

    chosen = str(gone.id) if into == "itself" else into
    answer = await lea.post(f"{STATUS}/{gone.id}/merge", {"into": chosen})

    assert answer.status in (400, 404)
    assert await names(site) == ["Won", "Sold"]


async def test_a_customer_in_both_groups_is_in_the_merged_one_once(site):
    kind = await item(site, "Area", catalogue=Catalogue.CUSTOMER_TYPE)
    north, south = [
        await item(site, name, catalogue=Catalogue.CUSTOMER_GROUP, parent_id=kind.id)
        for name in ("North", "South")
    ]
    both = await site.customer("An", "0912345678")
    one = await site.customer("Bình", "0912345679")
    await site.add(
        CustomerGroup(customer_id=both.id, group_id=north.id),
        CustomerGroup(customer_id=both.id, group_id=south.id),
        CustomerGroup(customer_id=one.id, group_id=north.id),
    )
    root = await site.signed_in("root")

    path = f"/settings/catalogues/customer_group/{north.id}/merge"
    assert (await root.post(path, {"into": str(south.id)})).status == 303

    async with site.sessions() as session:
        rows = await session.execute(select(CustomerGroup.customer_id, CustomerGroup.group_id))
        assert sorted(rows.all()) == sorted([(both.id, south.id), (one.id, south.id)])


async def test_types_with_groups_of_one_name_are_not_merged(site):
    first, second = [
        await item(site, name, catalogue=Catalogue.CUSTOMER_TYPE) for name in ("Area", "Region")
    ]
    for parent in (first, second):
        await item(site, "North", catalogue=Catalogue.CUSTOMER_GROUP, parent_id=parent.id)
    root = await site.signed_in("root")

    path = f"/settings/catalogues/customer_type/{first.id}/merge"
    answer = await root.post(path, {"into": str(second.id)})

    assert answer.status == 409
    assert "Both types have a group “North”" in answer.text
    assert await names(site, Catalogue.CUSTOMER_TYPE) == ["Area", "Region"]


async def test_a_new_type_leads_to_its_groups(site):
    root = await site.signed_in("root")

    added = await root.post("/settings/catalogues/customer_type/new", {"name-new": "Industry"})
    page = await root.get(added.headers["Location"])

    assert "Groups of Industry" in page.text
    [kind] = await items(site, Catalogue.CUSTOMER_TYPE)
    await root.post(
        f"/settings/catalogues/customer_group/new?type={kind.id}",
        {"name-new": "Retail", "parent-new": str(kind.id)},
    )
    assert [(i.name, i.parent_id) for i in await items(site, Catalogue.CUSTOMER_GROUP)] == [
        ("Retail", kind.id)
    ]


async def test_a_group_needs_a_type_and_its_name_counts_within_that_type(site):
    first, second = [
        await item(site, name, catalogue=Catalogue.CUSTOMER_TYPE) for name in ("Area", "Industry")
    ]
    await item(site, "Other", catalogue=Catalogue.CUSTOMER_GROUP, parent_id=first.id)
    root, path = await site.signed_in("root"), "/settings/catalogues/customer_group/new"

    without = await root.post(path, {"name-new": "Retail"})
    twice = await root.post(path, {"name-new": "Other", "parent-new": str(first.id)})
    elsewhere = await root.post(path, {"name-new": "Other", "parent-new": str(second.id)})

    assert "Choose the type that the group belongs to." in without.text
    assert twice.status == 409
    assert elsewhere.status == 303


async def test_a_project_has_a_code_that_is_its_own(site):
    lea, path = await site.signed_in("lea"), "/settings/catalogues/project"

    assert "Enter a code." in (await lea.post(f"{path}/new", {"name-new": "Towers"})).text
    assert (await lea.post(f"{path}/new", {"code-new": "DA-01"})).status == 303
    twice = await lea.post(f"{path}/new", {"code-new": "da-01", "name-new": "Towers"})

    assert "The code “da-01” is in the list already." in twice.text
    assert [(i.code, i.name) for i in await items(site, Catalogue.PROJECT)] == [("DA-01", "DA-01")]


async def test_a_long_list_is_searched_without_accents(site):
    await site.add(
        *(
            CatalogueItem(catalogue="status", name=name, position=place)
            for place, name in enumerate([*map(str, range(20)), "Đã chốt"])
        )
    )
    lea = await site.signed_in("lea")

    page = await lea.get(f"{STATUS}?q=da+chot")

    assert 'value="Đã chốt"' in page.text and 'value="19"' not in page.text


async def test_names_are_shown_as_text(site):
    await item(site, "<script>alert(1)</script>")

    page = await (await site.signed_in("lea")).get(STATUS)

    assert "<script>alert(1)" not in page.text


async def test_every_column_that_points_at_an_item_is_counted_as_a_use():
    from callcenter.migrations import tables

    pointing = {
        (table.name, column.name)
        for table in tables().tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "catalogue_items"
    }

    assert {(each.use.table, each.use.column) for each in LISTS.values()} == pointing
