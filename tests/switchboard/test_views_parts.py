"""Opening hours, holidays, menus and announcements on their pages."""

import re

import msgspec
import pytest

from callcenter.switchboard import versions
from callcenter.switchboard.plan import Hours, Kind, Menu, Message, Plan, Way
from callcenter.switchboard.times import VIETNAM, Group, groups

SALES, CARE = (Way(kind=Kind.QUEUE, name=name) for name in ("sales", "care"))
CLOSED = Message(name="closed", title="Closed")
OFFICE = Hours(
    name="office", title="Office", open=SALES, closed=Way(kind=Kind.MESSAGE, name="closed")
)
MAIN = Menu(name="main", title="Main", keys={"1": SALES, "9": OFFICE.closed}, otherwise=CARE)
HOURS = {
    **{"title": "Giờ hành chính", "open": "queue:sales", "closed": "queue:care"},
    "keeps_holidays": "on",
}


def week_typed(*rows):
    """days-0, begins-0…, of rows of (days, (begins, ends), …)"""
    return [
        (f"{name}-{number}", value)
        for number, (days, *spans) in enumerate(rows)
        for name, value in (
            *(("days", str(day)) for day in days),
            *(("begins", begins) for begins, _ in spans),
            *(("ends", ends) for _, ends in spans),
        )
    ]


@pytest.fixture
async def root(site):
    return await site.signed_in("root")


async def plan(site) -> Plan:
    async with site.sessions() as session:
        return (await versions.working(session)).plan


async def there(site, **parts):
    async with site.sessions.begin() as session:
        await versions.change(session, None, lambda plan: msgspec.structs.replace(plan, **parts))


def mark(page):
    return re.search(r'name="mark" value="([^"]*)"', page.text)[1]


async def test_hours_are_named_by_their_title_and_have_the_days_and_times_of_the_form(site, root):
    rows = week_typed(((0, 1, 2, 3, 4), ("8", "12h"), ("1330", "17.30")), ((5,), ("8:00", "24:00")))

    answer = await root.post("/switchboard/hours/new", [*HOURS.items(), *rows])

    assert answer.status == 303
    [hours] = (await plan(site)).hours
    assert (hours.name, hours.title) == ("gio_hanh_chinh", "Giờ hành chính")
    assert (hours.open, hours.closed, hours.keeps_holidays) == (SALES, CARE, True)
    assert groups(hours.openings) == [
        Group((0, 1, 2, 3, 4), ((480, 720), (810, 1050))),
        Group((5,), ((480, 1440),)),
    ]
    page = await root.get("/switchboard/hours")
    assert "Mon–Fri 8:00–12:00, 13:30–17:30" in re.sub(r"\s+", " ", page.text)


@pytest.mark.parametrize(
    "rows, changes, sentence",
    [
        (week_typed(((0,), ("8", "25:00"))), {}, "“25:00” is not a time."),
        (week_typed(((0,), ("8", ""))), {}, "“” is not a time."),
        (week_typed(((0,), ("8:75", "9"))), {}, "“8:75” is not a time."),
        (week_typed(((0,), ("24:00", "9"))), {}, "A day begins at 0:00."),
        (week_typed(((), ("8", "9"))), {}, "On which days?"),
        ([], {"title": ""}, "Give it a name"),
        ([], {"open": "menu:none"}, "Choose where calls go on."),
    ],
)
async def test_hours_that_cannot_be_are_refused_and_what_was_typed_is_kept(
    site, root, rows, changes, sentence
):
    typed = HOURS | changes
    answer = await root.post("/switchboard/hours/new", [*typed.items(), *rows])

    assert answer.status == 400
    assert sentence in answer.text
    assert f'name="title" type="text" value="{typed["title"]}"' in answer.text
    for name, value in rows:
        assert name.startswith("days") or f'name="{name}" value="{value}"' in answer.text
    assert (await plan(site)).hours == ()


async def test_the_holidays_of_vietnam_come_at_one_press_and_only_once(site, root):
    first = await root.get("/switchboard/holidays")
    await root.post("/switchboard/holidays/vietnam")
    await root.post("/switchboard/holidays/vietnam")

    found = (await plan(site)).holidays
    assert [(each.month, each.day) for each in found] == [
        (each.month, each.day) for each in VIETNAM
    ]
    assert "Add the public holidays of Vietnam" in first.text
    page = await root.get("/switchboard/holidays")
    assert "Hùng Kings’ Day" in page.text and "missing" not in page.text


async def test_an_own_holiday_is_added_changed_and_removed(site, root):
    trip = {"title": "Trip", "day": "12/6/2027", "days": "2"}
    await root.post("/switchboard/holidays/new", trip)
    [address] = set(
        re.findall(
            r"/switchboard/holidays/[0-9a-f]{16}", (await root.get("/switchboard/holidays")).text
        )
    )

    changed = await root.post(address, trip | {"title": "Outing"})
    again = await root.post(address, trip)

    assert (changed.status, again.status) == (303, 404)
    [outing] = (await plan(site)).holidays
    assert (outing.title, outing.day, outing.month, outing.year, outing.days) == (
        *("Outing", 12, 6, 2027, 2),
    )


@pytest.mark.parametrize("day", ["31/4", "0/1", "30.2", "31/12/1999", "x", ""])
async def test_what_is_no_day_is_no_holiday(root, day):
    answer = await root.post(
        "/switchboard/holidays/new", {"title": "Trip", "day": day, "days": "1"}
    )

    assert answer.status == 400
    assert "is not a day" in answer.text and 'value="Trip"' in answer.text


async def test_a_menu_leads_by_its_keys(site, root):
    await there(site, messages=(CLOSED,))
    typed = {"title": "Menu chính", "wait_s": "5", "tries": "3", "otherwise": "queue:care"}
    keys = {"key-1": "queue:sales", "key-star": "message:closed", "key-2": "", "key-hash": ""}

    answer = await root.post("/switchboard/menus/new", typed | keys)

    assert answer.status == 303
    [menu] = (await plan(site)).menus
    assert menu.keys == {"1": SALES, "*": Way(kind=Kind.MESSAGE, name="closed")}
    assert (menu.name, menu.tries, menu.otherwise) == ("menu_chinh", 3, CARE)
    refused = await root.post("/switchboard/menus/new", typed | {"tries": "9"})
    assert (refused.status, (await plan(site)).menus) == (400, (menu,))
    assert "There is one of that name already." in refused.text


@pytest.mark.parametrize("tries", ["0", "6", "", "x", "٣", "0000051000"])
async def test_how_often_a_menu_is_said_is_a_small_number(site, root, tries):
    typed = {"title": "Main", "wait_s": "5", "tries": tries, "otherwise": "queue:care"}

    answer = await root.post("/switchboard/menus/new", typed)

    assert (answer.status, "A number from 1 to 5." in answer.text) == (400, True)
    assert (await plan(site)).menus == ()


async def test_fields_of_hours_that_no_page_has_are_read_over(site, root):
    odd = [("begins-007", "8:00"), ("ends-007", "9:00"), ("begins-1٣", "8:00")]

    answer = await root.post("/switchboard/hours/new", [*HOURS.items(), *odd])

    assert answer.status == 303
    assert (await plan(site)).hours[0].openings == ()


async def test_of_two_who_change_a_menu_the_second_is_told(site, root):
    await there(site, messages=(CLOSED,), menus=(MAIN,))
    typed = {"title": "Main", "wait_s": "5", "tries": "2", "otherwise": "hang_up"}
    typed["mark"] = mark(await root.get("/switchboard/menus/main"))
    await root.post("/switchboard/menus/main", typed | {"title": "First"})

    answer = await root.post("/switchboard/menus/main", typed | {"title": "Second"})

    assert answer.status == 409
    assert 'value="Second"' in answer.text
    assert (await plan(site)).menus[0].title == "First"


async def test_deleting_says_what_leads_there_and_leads_it_elsewhere(site, root):
    await there(site, messages=(CLOSED,), menus=(MAIN,), hours=(OFFICE,), default=OFFICE.closed)
    address = "/switchboard/messages/closed/delete"

    page = await root.get(address)
    refused = await root.post(address, {"mark": mark(page), "instead": ""})
    itself = await root.post(address, {"mark": mark(page), "instead": "message:closed"})
    answer = await root.post(address, {"mark": mark(page), "instead": "queue:care"})

    for leading in ("Office", "Main", "key 9", "All other numbers"):
        assert leading in page.text
    assert (refused.status, itself.status, answer.status) == (400, 400, 303)
    now = await plan(site)
    assert now.messages == ()
    assert (now.hours[0].closed, now.menus[0].keys["9"], now.default) == (CARE, CARE, CARE)


async def test_what_nothing_leads_to_goes_without_a_question(site, root):
    await there(site, menus=(MAIN,), messages=(CLOSED,))

    page = await root.get("/switchboard/menus/main/delete")
    answer = await root.post("/switchboard/menus/main/delete", {"mark": mark(page)})

    assert "Nothing leads there." in page.text
    assert (answer.status, (await plan(site)).menus) == (303, ())
    assert (await root.get("/switchboard/menus/main")).status == 404


async def test_a_message_has_a_name_without_accents_and_never_another(site, root):
    await root.post("/switchboard/messages/new", {"title": "Đóng cửa", "prompt": ""})
    page = await root.get("/switchboard/messages/dong_cua")

    await root.post("/switchboard/messages/dong_cua", {"title": "Hết giờ", "mark": mark(page)})
    await root.post("/switchboard/messages/new", {"title": "Đóng cửa", "prompt": ""})
    await root.post("/switchboard/messages/new", {"title": "?!", "prompt": ""})

    assert [(each.name, each.title) for each in (await plan(site)).messages] == [
        *(("dong_cua", "Hết giờ"), ("dong_cua_2", "Đóng cửa"), ("message", "?!")),
    ]
    unknown = await root.post("/switchboard/messages/new", {"title": "X", "prompt": "nothing"})
    assert "Choose one of the sounds." in unknown.text
