"""The pages of schedules: who sets which, what must be put right, what is written down."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from multidict import MultiDict
from sqlalchemy import select

from callcenter.jobs.models import Job
from callcenter.keys import TEMPLATES
from callcenter.mail.server import keep_server
from callcenter.people.models import AuditEntry
from callcenter.report_mail import forms
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail, State
from callcenter.report_mail.times import next_due, rhythm_of
from tests.pages.site import IDS
from tests.report_mail.conftest import LATER, MONDAY

PATH = "/reports/mails"


def form(mail, **values):
    """As the page sends it, about the view of that schedule."""
    typed = {
        "view": str(mail.view_id),
        "every": "week",
        "clock": "18:05",
        "month_day": "1",
        "format": "pdf",
        "language": "en",
        "addresses": "",
        **values,
    }
    people = typed.pop("person", [IDS["root"]])
    days = typed.pop("weekday", ["4"])
    return [
        *typed.items(),
        *(("person", str(each)) for each in people),
        *(("weekday", each) for each in days),
    ]


async def test_a_schedule_is_set_shown_changed_and_deleted(office):
    there = await office.mail(name="Hôm qua <b>")
    root = await office.site.signed_in("root")

    answer = await root.post(f"{PATH}/new", form(there, addresses="a@out.vn; b@out.vn"))

    [_, mail] = await office.rows(ReportMail)
    assert answer.headers["location"] == f"{PATH}/{mail.id}"
    assert (mail.every, mail.weekdays, mail.minute, mail.format) == ("week", "4", 1085, "pdf")
    assert (mail.people, mail.addresses) == (str(IDS["root"]), "a@out.vn\nb@out.vn")
    zone = office.site.app[TEMPLATES].formats.zone
    assert mail.next_at == next_due(rhythm_of(mail), datetime.now(UTC), zone)
    page = (await root.get(PATH)).text
    assert "Hôm qua &lt;b&gt;" in page and "each Friday at 18:05" in page and "3 recip" in page

    await root.post(f"{PATH}/{mail.id}", form(there, every="month", month_day="31"))
    assert "on the last day of each month at 18:05" in (await root.get(f"{PATH}/{mail.id}")).text
    await root.post(f"{PATH}/{mail.id}/delete")
    assert (await root.get(f"{PATH}/{mail.id}")).status == 404
    async with office.sessions() as session:
        noted = (await session.execute(select(AuditEntry.action, AuditEntry.detail))).all()
    assert [each.action for each in noted] == [
        *("report-mail-set", "report-mail-set", "report-mail-deleted"),
    ]
    assert noted[0].detail == "Hôm qua <b> (week 18:05, pdf): Root, a@out.vn, b@out.vn"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"view": "99"}, "view"),
        ({"view": ""}, "view"),
        ({"every": "hour"}, "every"),
        ({"clock": "24:00"}, "clock"),
        ({"clock": ""}, "clock"),
        ({"weekday": []}, "weekday"),
        ({"weekday": ["9"]}, "weekday"),
        ({"every": "month", "month_day": "32"}, "month_day"),
        ({"every": "month", "month_day": "٣"}, "month_day"),
        ({"format": "exe"}, "format"),
        ({"language": "de"}, "language"),
        ({"person": []}, "person"),
        ({"person": ["1", "77"]}, "person"),
        ({"addresses": "a@out.vn b@"}, "addresses"),
        ({"addresses": " ".join(f"a{n}@out.vn" for n in range(51))}, "person"),
    ],
)
def test_what_makes_no_sense_is_named_at_its_field(typed, field):
    sent = MultiDict(form(ReportMail(view_id=1), **typed))

    problems = forms.fill(ReportMail(), forms.typed(sent), [1], [1, 2], outside=True)

    assert list(problems) == [field]


async def test_a_form_with_a_mistake_comes_back_as_it_was_typed(office):
    there = await office.mail()
    root = await office.site.signed_in("root")

    answer = await root.post(f"{PATH}/new", form(there, addresses="nobody", clock="06:15"))

    assert answer.status == 400 and "“nobody” is not an email address." in answer.text
    assert 'value="06:15"' in answer.text and len(await office.rows(ReportMail)) == 1


async def test_the_form_says_how_large_a_letter_may_be(office):
    root = await office.site.signed_in("root")

    assert "At most 10 MB: a larger file is not sent" in (await root.get(f"{PATH}/new")).text


@pytest.mark.parametrize("who", ["lea", "mara"])
async def test_who_may_not_export_sees_nothing_of_it(office, who):
    visitor = await office.site.signed_in(who)

    assert (await visitor.get(PATH)).status == 403
    assert (await visitor.get(f"{PATH}/new")).status == 403
    assert PATH not in (await visitor.get("/reports")).text


async def test_a_lead_sends_to_her_own_people_and_superadmins_only_and_never_outside(office):
    await office.may_export("lea")
    there = await office.mail("lea", people=("lea",))
    lea = await office.site.signed_in("lea")

    page = (await lea.get(f"{PATH}/new?view={there.view_id}")).text
    kim = await lea.post(f"{PATH}/new", form(there, person=[IDS["kim"]]))
    jon = await lea.post(f"{PATH}/new", form(there, person=[IDS["jon"]]))  # has no address
    outside = await lea.post(f"{PATH}/new", form(there, person=[IDS["root"]], addresses="a@out.vn"))

    assert "mara@phat.vn" in page and "root@phat.vn" in page
    assert "kim@phat.vn" not in page and 'name="addresses"' not in page
    assert (kim.status, jon.status, outside.status) == (400, 400, 303)
    assert (await office.rows(ReportMail))[-1].addresses == ""


async def test_others_see_none_of_them_but_superadmins_who_may_stop_them(office):
    await office.may_export("lea")
    hers, his = await office.mail("lea", people=("lea",)), await office.mail()
    lea, root = await office.site.signed_in("lea"), await office.site.signed_in("root")

    assert (await lea.get(f"{PATH}/{his.id}")).status == 404
    assert (await lea.post(f"{PATH}/{his.id}/pause")).status == 404
    assert "Lê Thị Lea" in (await root.get(PATH)).text
    assert (await root.get(f"{PATH}/{hers.id}")).status == 200
    for wish in ("", "/send", "/again/1"):
        assert (await root.post(f"{PATH}/{hers.id}{wish}", form(his))).status == 404
    assert (await root.post(f"{PATH}/{hers.id}/pause")).status == 303
    assert (await office.rows(ReportMail))[0].next_at is None


async def test_sent_now_it_is_on_its_way_once(office):
    mail = await office.mail(next_at=datetime(2100, 1, 1, tzinfo=UTC))
    root = await office.site.signed_in("root")

    first = await root.post(f"{PATH}/{mail.id}/send")
    second = await root.post(f"{PATH}/{mail.id}/send")
    await office.at(datetime.now(UTC))

    assert (first.status, second.status) == (303, 409)
    assert "on its way already" in second.text
    assert office.arrived() == ["root@phat.vn"]
    page = (await root.get(f"{PATH}/{mail.id}")).text
    assert "The mail server has taken it: 250 OK: queued as 1" in page


async def test_a_paused_one_goes_on_at_its_next_time_and_is_not_sent_by_hand(office):
    mail = await office.mail(next_at=LATER)
    root = await office.site.signed_in("root")
    await root.post(f"{PATH}/{mail.id}/pause")

    by_hand = await root.post(f"{PATH}/{mail.id}/send")
    await root.post(f"{PATH}/{mail.id}", form(mail))
    paused = (await office.rows(ReportMail))[0].next_at
    await root.post(f"{PATH}/{mail.id}/pause")

    assert by_hand.status == 409 and await office.rows(ReportLetter) == [] and paused is None
    assert (await office.rows(ReportMail))[0].next_at > datetime.now(UTC)


@pytest.mark.parametrize("wish", ["", "/pause"])
async def test_a_letter_that_is_due_is_not_lost_by_changing_or_pausing_its_schedule(office, wish):
    """As it was until then, even if somebody saves it before the postman looks."""
    now = datetime.now(UTC)
    mail = await office.mail(next_at=now - timedelta(minutes=1))
    root = await office.site.signed_in("root")

    await root.post(f"{PATH}/{mail.id}{wish}", form(mail))
    if wish:
        await root.post(f"{PATH}/{mail.id}/pause")  # goes on
    await office.at(datetime.now(UTC))

    [letter] = await office.rows(ReportLetter)
    assert letter.format == "csv" and office.arrived() == ["root@phat.vn"]
    assert (await office.rows(ReportMail))[0].next_at > now


async def test_a_mistake_in_the_form_begins_no_letter(office):
    mail = await office.mail(next_at=datetime.now(UTC) - timedelta(minutes=1))
    root = await office.site.signed_in("root")

    answer = await root.post(f"{PATH}/{mail.id}", form(mail, clock="25:00"))

    assert answer.status == 400 and await office.rows(ReportLetter) == [] == await office.rows(Job)


async def test_a_letter_of_another_schedule_is_not_sent_again(office):
    mail, other = await office.mail(), await office.mail()
    letter = await office.site.add(
        ReportLetter(mail_id=other.id, due_at=mail.created_at, created_at=mail.created_at)
    )
    root = await office.site.signed_in("root")

    assert (await root.post(f"{PATH}/{mail.id}/again/{letter.id}")).status == 404


async def test_without_a_server_the_pages_say_so_with_a_way_there_for_whoever_may(office):
    await office.may_export("lea")
    async with office.sessions.begin() as session:
        await keep_server(session, None)
    lea, root = await office.site.signed_in("lea"), await office.site.signed_in("root")

    hers, his = (await lea.get(PATH)).text, (await root.get(PATH)).text

    assert "No mail server is set" in hers and "/settings/mail" not in hers
    assert 'href="/settings/mail"' in his


async def test_the_page_of_reports_names_ones_own_letters_that_did_not_reach_everybody(office):
    await office.may_export("lea")
    mail = await office.mail(people=("root", "mara"), name="Hôm qua <b>")
    await office.mail("lea", ("lea",), name="Của Lea")
    await office.server()
    root, lea = [await office.site.signed_in(name) for name in ("root", "lea")]
    assert f'hx-get="{PATH}/trouble"' in (await root.get("/reports")).text
    assert "banner" not in (await root.get(f"{PATH}/trouble")).text
    await office.at(MONDAY)

    await office.sets(ReportCopy, state=State.REFUSED)

    banner = (await root.get(f"{PATH}/trouble")).text
    assert banner.count("banner--bad") == 1 and "Hôm qua &lt;b&gt;" in banner
    assert "Not sent" in banner and f'href="{PATH}/{mail.id}"' in banner
    assert "Của Lea" in (await lea.get(f"{PATH}/trouble")).text
    await office.sets(ReportCopy, state=State.SENT)
    assert "banner" not in (await root.get(f"{PATH}/trouble")).text


async def test_a_letter_the_server_does_not_take_yet_says_so_wherever_it_is_named(office):
    mail = await office.mail(format="pdf")
    await office.server()
    office.box.answers["mail"] = "451 later"
    root = await office.site.signed_in("root")

    await office.at(MONDAY)

    for page in (PATH, f"{PATH}/{mail.id}", f"{PATH}/trouble"):
        text = (await root.get(page)).text
        assert "Not sent yet, is tried again" in text and "Is being sent" not in text, page
    assert "Call report · PDF · " in (await root.get(PATH)).text


async def test_a_page_left_open_looks_again_when_the_next_letter_is_due(office):
    mail = await office.mail(next_at=datetime.now(UTC) + timedelta(minutes=2))
    root = await office.site.signed_in("root")

    soon = (await root.get(f"{PATH}/{mail.id}")).text
    await office.sets(ReportMail, next_at=LATER)
    later = (await root.get(f"{PATH}/{mail.id}")).text

    assert re.search(r'hx-trigger="load delay:1[12][0-9]s"', soon)
    assert "load delay" not in later
