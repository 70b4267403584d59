"""An import from the file to the customers, as pages do it."""

import pytest
from sqlalchemy import select, update

from callcenter.activities.models import Activity
from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.customers.models import Customer, CustomerChange
from callcenter.imports.models import RowState, State
from callcenter.keys import DIRECTORY, JOBS
from callcenter.people.models import User
from callcenter.recordings import holds
from tests.imports.office import HEADINGS
from tests.pages.site import IDS, NOW

HUONG, LAN, MINH = ["Hường", "0912345678"], ["Lan", "0987654321"], ["Minh", "0903118246"]
OWNED = [*HEADINGS, "Nhân viên"]


@pytest.fixture
def site_url(database_url):
    return database_url


async def test_a_file_becomes_customers(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, HUONG, LAN)

    customers = await office.customers(import_id)
    made = await office.made(import_id)
    assert set(customers) == {"Hường", "Lan"}
    assert await office.numbers(customers["Lan"].id) == ["0987654321"]
    assert customers["Lan"].code == f"KH-{customers['Lan'].id:06}"
    assert (made.state, made.counts["accepted"], made.place) == (State.DONE, 2, 2)
    page = await lea.get(f"/imports/{import_id}")
    assert "2 customers were imported." in page.text


async def test_the_process_of_each_step_is_begun_before_somebody_asks_for_it(office, monkeypatch):
    expected = []
    monkeypatch.setattr(office.site.app[JOBS], "expect", expected.append)
    lea = await office.site.signed_in("lea")

    await office.ready(lea, HUONG)

    assert expected == ["import_check", "import_run"]


async def test_the_history_says_who_brought_a_customer(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, HUONG)

    customer = (await office.customers(import_id))["Hường"]
    async with office.sessions() as session:
        [change] = await session.scalars(select(CustomerChange))
    assert (change.customer_id, change.field, change.user_id) == (
        customer.id,
        "created",
        IDS["lea"],
    )
    assert customer.created_by == IDS["lea"]


async def test_the_dry_run_writes_no_customer_and_gives_each_row_its_verdict(office):
    await office.site.customer("Mỹ Hạnh", "0912 345 678", owner="kim")
    lea = await office.site.signed_in("lea")

    import_id = await office.ready(lea, HUONG, LAN, ["", "0903118246"], ["Tô", ""], ["An", "09"])

    page = (await lea.get(f"/imports/{import_id}")).text
    assert await office.count() == 1
    assert "Import 1 row<" in page
    assert "Phone number: customer Mỹ Hạnh, owned by Phạm Kim, has it already" in page
    assert "Name is empty" in page
    assert "Phone number is empty" in page
    assert "“09” is not a phone number that can be called" in page


async def test_a_row_tells_all_its_reasons(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, ["", "09"], headings=HEADINGS)

    [row] = await office.errors(import_id)
    assert [each["code"] for each in row.reasons] == ["missing", "bad_phone"]


async def test_the_second_row_with_a_number_is_told_which_row_had_it(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, HUONG, LAN, ["Hương", "+84 912 345 678"])

    [row] = await office.errors(import_id)
    assert (row.number, row.reasons[0]["code"], row.reasons[0]["row"]) == (4, "duplicate_row", 2)


async def test_a_refused_row_takes_nothing_from_the_one_below_it(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, ["", "0912345678"], HUONG)

    assert set(await office.customers(import_id)) == {"Hường"}


async def test_the_employee_in_the_file_receives_the_row_by_name_or_username(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(
        lea,
        [*HUONG, "nguyen MARA"],
        [*LAN, "jon"],
        [*MINH, "Kim"],
        ["Tú", "0938771204", ""],
        headings=OWNED,
        destination="file",
    )

    customers, made = await office.customers(import_id), await office.made(import_id)
    owners = {name: each.owner_id for name, each in customers.items()}
    assert owners == {"Hường": IDS["mara"], "Lan": IDS["jon"], "Minh": None, "Tú": None}
    assert customers["Minh"].department_id == 1  # where the team lead finds it
    assert (made.counts["unknown_employee"], made.counts["no_employee"]) == (1, 1)
    assert customers["Lan"].assigned_at and not customers["Tú"].assigned_at


async def test_by_priority_nobody_who_is_ticked_is_left_without_a_number(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.begun(lea, HUONG, LAN)
    await office.matched(lea, import_id, "name", "phone")
    mara, jon = str(IDS["mara"]), str(IDS["jon"])
    form = [("destination", "people"), ("mechanism", "priority"), (f"capacity-{mara}", "1")]
    form += [("person", mara), ("person", jon)]

    page = await lea.post(f"/imports/{import_id}/assignment", form)

    assert page.status == 400
    assert "Enter how many customers each of them can take." in page.text


async def test_of_rows_that_are_refused_none_is_said_to_go_to_unassigned(office):
    lea = await office.site.signed_in("lea")
    rows = [*HUONG, "mara"], [*LAN, ""], ["", "0903118246", ""], ["Tô", "", "Kim"]

    import_id = await office.ready(lea, *rows, headings=OWNED, destination="file")

    page = await lea.get(f"/imports/{import_id}")
    assert "1 of them to Unassigned" in page.text


async def test_reasons_name_the_field_and_what_was_typed_in_it(office):
    lea = await office.site.signed_in("lea")
    headings = [*HEADINGS, "Email", "Mã khách hàng"]

    import_id = await office.ready(lea, [*HUONG, "Huong tai Nha", "A;B"], headings=headings)

    page = await lea.get(f"/imports/{import_id}")
    said = "“Huong tai Nha” is not an email address; Customer code: letters, digits, dots,"
    assert said in page.text


async def test_rows_are_divided_in_turn_among_those_ticked(office):
    lea = await office.site.signed_in("lea")
    rows = [[f"K{n}", f"09120000{n:02}"] for n in range(7)]

    import_id = await office.imported(
        lea, *rows, destination="people", mechanism="turn", people=[IDS["mara"], IDS["jon"]]
    )

    owners = [each.owner_id for each in (await office.customers(import_id)).values()]
    assert sorted(owners.count(IDS[each]) for each in ("mara", "jon")) == [3, 4]


async def test_by_priority_the_first_is_filled_up_and_the_rest_is_unassigned(office):
    lea = await office.site.signed_in("lea")
    rows = [[f"K{n}", f"09120000{n:02}"] for n in range(6)]
    limits = {f"capacity-{IDS['mara']}": "1", f"order-{IDS['mara']}": "2"}
    limits |= {f"capacity-{IDS['jon']}": "3", f"order-{IDS['jon']}": "1"}

    import_id = await office.imported(
        lea,
        *rows,
        destination="people",
        mechanism="priority",
        people=[IDS["mara"], IDS["jon"]],
        **limits,
    )

    owners = [each.owner_id for each in (await office.customers(import_id)).values()]
    assert owners == [IDS["jon"]] * 3 + [IDS["mara"]] + [None] * 2
    assert (await office.made(import_id)).counts["beyond"] == 2


async def test_a_department_receives_all_without_an_owner(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, HUONG, destination="department", department="3")

    customer = (await office.customers(import_id))["Hường"]
    assert (customer.owner_id, customer.department_id) == (None, 3)


@pytest.mark.parametrize(
    "choices",
    [
        {"destination": "people", "people": [IDS["kim"]]},
        {"destination": "people", "people": [IDS["mara"], IDS["root"]]},
        {"destination": "people", "people": [999_999]},
        {"destination": "people"},
        {"destination": "department", "department": "2"},
        {"destination": "department"},
        {"destination": "file"},
        {"destination": "elsewhere"},
        {"source_id": "77"},
    ],
)
async def test_what_may_not_be_chosen_is_refused_and_what_was_typed_is_kept(office, choices):
    lea = await office.site.signed_in("lea")
    import_id = await office.matched(lea, await office.begun(lea, HUONG))
    people = choices.get("people", ())
    fields = [(name, each) for name, each in choices.items() if name != "people"]

    answer = await lea.post(
        f"/imports/{import_id}/assignment", [*fields, *(("person", str(each)) for each in people)]
    )

    assert answer.status in (400, 409)
    assert 'role="alert"' in answer.text
    assert (await office.made(import_id)).state == State.MAPPED


async def test_a_file_of_errors_alone_is_finished_and_no_button_offers_to_import_0_rows(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.ready(lea, ["", "0987654321"])

    page = (await lea.get(f"/imports/{import_id}")).text

    assert "Finish, nothing is imported" in page and "Import 0" not in page


async def test_all_or_nothing_is_nothing_when_a_row_is_wrong(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.ready(lea, HUONG, ["", "0987654321"], all_or_nothing="on")

    page = (await lea.get(f"/imports/{import_id}")).text
    await office.runs(lea, import_id)  # whatever the page offers

    assert "so nothing can be imported" in page
    assert await office.count() == 0
    assert (await office.made(import_id)).state == State.CHECKED
    said = (await lea.get(f"/imports/{import_id}")).text
    assert "Nothing was imported: 1 row has errors, it is row 3." in said


async def test_all_or_nothing_is_all_when_every_row_is_right(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, HUONG, LAN, all_or_nothing="on")

    assert len(await office.customers(import_id)) == 2


async def test_somebody_added_between_check_and_run_is_found_by_the_run(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.ready(lea, HUONG, LAN)
    await office.site.customer("Mỹ Hạnh", "0912345678", owner="kim")

    await office.runs(lea, import_id)

    [row] = await office.errors(import_id)
    assert row.reasons[0]["name"] == "Mỹ Hạnh"
    assert set(await office.customers(import_id)) == {"Lan"}


async def test_an_employee_who_left_between_check_and_run_receives_nothing(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.ready(lea, HUONG, destination="people", people=[IDS["jon"]])
    async with office.sessions.begin() as session:
        await session.execute(update(User).where(User.id == IDS["jon"]).values(active=False))
    await office.app[DIRECTORY].load(office.sessions)

    await office.runs(lea, import_id)

    assert await office.count() == 0
    page = (await lea.get(f"/imports/{import_id}")).text
    assert "1 of the chosen employees cannot receive customers. Choose them again." in page
    assert (await office.made(import_id)).state == State.CHECKED


async def test_catalogue_words_of_the_file_are_found_and_choices_fill_the_rest(office):
    await office.site.add(
        CatalogueItem(id=1, catalogue=Catalogue.SOURCE, name="Hội chợ VietWater"),
        CatalogueItem(id=2, catalogue=Catalogue.SOURCE, name="Website"),
        CatalogueItem(id=3, catalogue=Catalogue.CUSTOMER_GROUP, name="VIP"),
    )
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(
        lea,
        [*HUONG, "hoi cho vietwater"],
        [*LAN, ""],
        [*MINH, "Chợ trời"],
        headings=[*HEADINGS, "Nguồn"],
        source_id="2",
        group_id="3",
    )

    customers = await office.customers(import_id)
    assert {name: each.source_id for name, each in customers.items()} == {"Hường": 1, "Lan": 2}
    [row] = await office.errors(import_id)
    assert row.reasons == [{"code": "unknown", "field": "source", "word": "Chợ trời"}]


async def test_eaten_zeros_come_back_and_are_told(office):
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, ["Hường", "912345678"])

    customer = (await office.customers(import_id))["Hường"]
    assert await office.numbers(customer.id) == ["0912345678"]
    assert (await office.made(import_id)).counts["restored"] == 1
    page = (await lea.get(f"/imports/{import_id}?show=restored")).text
    assert "Excel had eaten the 0 of 0912345678" in page


async def test_an_import_is_undone_but_for_those_who_were_worked_on(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, LAN, MINH, ["Bo", ""])
    customers = await office.customers(import_id)
    kind = await office.site.add(CatalogueItem(catalogue=Catalogue.ACTIVITY_TYPE, name="Gặp"))
    await office.site.add(
        Activity(customer_id=customers["Lan"].id, type_id=kind.id, name="x", at=NOW, created_at=NOW)
    )

    page = (await lea.get(f"/imports/{import_id}")).text
    await office.runs(lea, import_id, "undo")

    assert "Undo 2 of 3" in page
    assert set(await office.customers()) == {"Lan"}
    made = await office.made(import_id)
    assert (made.state, made.counts["removed"], made.counts["stay"]) == (State.UNDONE, 2, 1)
    assert await office.errors(import_id) == []


async def test_rows_with_errors_of_an_import_that_is_undone_are_found_among_the_discarded(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, ["Minh", ""])
    asked = (await lea.get(f"/imports/{import_id}")).text
    await office.runs(lea, import_id, "undo")

    page = (await lea.get(f"/imports/{import_id}")).text
    listed = (await lea.get(f"/imports/errors?import={import_id}&discarded=1")).text

    assert "are discarded. They can be put back." in asked
    assert f'href="/imports/errors?import={import_id}&amp;discarded=1">1 discarded row<' in page
    assert "Put back" in listed


async def test_a_customer_who_called_since_is_not_undone(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, LAN)
    lan = (await office.customers())["Lan"]
    await office.site.call("mara", "0987654321", started_at=lan.created_at)

    await office.runs(lea, import_id, "undo")

    assert set(await office.customers()) == {"Lan"}


async def test_a_customer_on_legal_hold_is_not_undone_until_it_is_lifted(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.imported(lea, HUONG, LAN)
    lan = (await office.customers())["Lan"]
    async with office.sessions.begin() as session:
        held = await holds.set_hold(session, IDS["root"], "Lawsuit", None, customer_id=lan.id)
    await office.runs(lea, import_id, "undo")
    assert set(await office.customers()) == {"Lan"}

    async with office.sessions.begin() as session:
        await holds.lift(session, IDS["root"], held.id)
    await office.runs(lea, import_id, "undo")

    assert await office.customers() == {}


async def test_an_import_is_cancelled_at_each_step_before_it_runs(office):
    lea = await office.site.signed_in("lea")
    first = await office.begun(lea, HUONG)
    second = await office.matched(lea, await office.begun(lea, HUONG))
    third = await office.ready(lea, HUONG)

    for import_id in (first, second, third):
        assert (await lea.post(f"/imports/{import_id}/cancel")).status == 303
        assert (await office.made(import_id)).state == State.CANCELLED
        assert (await lea.get(f"/imports/{import_id}")).status == 200
    assert await office.count() == 0
    assert (await lea.post(f"/imports/{third}/run")).status == 409


async def test_going_back_to_the_columns_asks_for_a_new_check(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.ready(lea, HUONG)

    await office.matched(lea, import_id, "phone", "name")

    assert (await office.made(import_id)).state == State.MAPPED
    assert (await lea.get(f"/imports/{import_id}")).headers["Location"].endswith("/assignment")
    assert (await lea.post(f"/imports/{import_id}/run")).status == 409


async def test_a_file_with_the_same_columns_is_matched_as_before(office):
    lea = await office.site.signed_in("lea")
    first = await office.begun(lea, ["x", "Hường", "0912345678"], headings=["A1", "A2", "A3"])
    await office.matched(lea, first, "note", "name", "phone")

    second = await office.begun(lea, ["y", "Lan", "0987654321"], headings=["A1", "A2", "A3"])

    page = (await lea.get(f"/imports/{second}/columns")).text
    assert "which had the same columns" in page
    assert '<option value="note" selected>' in page


async def test_one_goes_on_from_the_columns_and_does_not_speak_on(office):
    lea = await office.site.signed_in("lea", language="vi")
    import_id = await office.begun(lea, HUONG)

    page = (await lea.get(f"/imports/{import_id}/columns")).text

    assert ">Tiếp tục</button>" in page


async def test_name_and_phone_must_be_matched(office):
    lea = await office.site.signed_in("lea")
    import_id = await office.begun(lea, HUONG)

    answer = await lea.post(f"/imports/{import_id}/columns", [("column", "name"), ("column", "")])

    assert answer.status == 400
    assert "Choose the column of the phone number." in answer.text


async def test_duplicates_may_be_left_out_instead_of_listed(office):
    await office.site.customer("Mỹ Hạnh", "0912345678")
    lea = await office.site.signed_in("lea")

    import_id = await office.imported(lea, HUONG, ["", "1"], skip_duplicates="on")

    assert [row.number for row in await office.errors(import_id)] == [3]
    assert [row.number for row in await office.errors(import_id, RowState.DISCARDED)] == [2]


async def test_the_other_duplicate_criteria_count_too(office):
    await office.site.add(
        Customer(
            code="X-1",
            name="Mỹ Hạnh",
            search_key="my hanh co khi",
            email="hanh@example.com",
            created_at=NOW,
            updated_at=NOW,
        )
    )
    root = await office.site.signed_in("root")
    from callcenter.customers.policy import Policy, save_policy

    async with office.sessions.begin() as session:
        await save_policy(session, Policy(duplicate=frozenset({"email", "name"})))

    import_id = await office.imported(
        root,
        ["MY HANH", "0912345678", "", ""],
        ["Lan", "0987654321", "Hanh@example.com", ""],
        ["Minh", "0903118246", "", "x-1"],
        ["Tú", "0938771204", "", "KH-9"],
        headings=[*HEADINGS, "Email", "Mã khách hàng"],
    )

    assert set(await office.customers(import_id)) == {"Tú"}
    found = [row.reasons[0]["field"] for row in await office.errors(import_id)]
    assert found == ["name", "email", "code"]


async def test_the_list_of_imports_says_how_each_of_them_stands(office):
    lea, root = await office.site.signed_in("lea"), await office.site.signed_in("root")
    assert "Nothing was imported yet." in (await lea.get("/imports")).text
    await office.begun(lea, HUONG, name="one.csv")
    await office.imported(lea, LAN, ["", "1"])

    page, all_of_them = (await lea.get("/imports")).text, (await root.get("/imports")).text

    assert "one.csv" in page and "Columns to be chosen" in page and "Go on" in page
    assert 'href="/imports/errors?import=2">1<' in page
    assert "one.csv" in all_of_them and "Lê Thị Lea" in all_of_them
