"""Who may still get a letter that waits: asked again before it goes out, whoever sends it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from callcenter.errors import Forbidden
from callcenter.keys import DIRECTORY
from callcenter.people.models import User
from callcenter.report_files.models import ReportView
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail
from callcenter.report_mail.schedules import send_again
from tests.pages.site import IDS
from tests.report_mail.conftest import LATER, MINUTE, MONDAY

AGAIN = "/reports/mails/1/again/1"


@pytest.fixture
def site_url(database_url):
    return database_url


async def waiting(office, who="root", answer="450 4.2.0 Later", **values):
    """A schedule with a letter that the server has not taken for anybody but root."""
    await office.mail(who, **values)
    for address in ("mara@phat.vn", "lea@phat.vn", "a@out.vn"):
        office.box.answers[f"rcpt:{address}"] = answer
    await office.at(MONDAY)
    office.box.answers.clear()
    await office.sets(ReportMail, next_at=LATER)


async def test_who_may_no_longer_get_it_when_it_is_tried_again_is_refused_in_words(office):
    await office.may_export("lea")
    await waiting(office, "lea", people=("mara", "lea"))
    await office.changes("mara", active=False)

    await office.at(MONDAY + 5 * MINUTE)

    lea, mara = sorted(await office.rows(ReportCopy), key=lambda each: each.address)
    assert office.arrived() == ["lea@phat.vn"] and (lea.state, mara.state) == ("sent", "refused")
    assert mara.said["text"] == "{owner} may not send reports to {name}."


async def test_who_was_taken_off_the_schedule_does_not_get_what_waits(office):
    await waiting(office, people=("mara", "lea"), addresses="a@out.vn")
    await office.sets(ReportMail, people=str(IDS["lea"]), addresses="")

    await office.at(MONDAY + 5 * MINUTE)

    assert office.arrived() == ["lea@phat.vn"]
    refused = {each.said["values"].get("name") for each in await office.rows(ReportCopy)}
    assert refused == {None, "Nguyễn Mara", "a@out.vn"}


async def test_send_again_does_not_override_a_refusal_that_was_made_for_rights(office):
    await office.may_export("lea")
    await waiting(
        office, "lea", "550 5.1.1 No", people=("mara", "kim", "jon"), addresses="a@out.vn"
    )
    before = {state for _, state in await office.copies()}
    lea = await office.site.signed_in("lea")

    answer = await lea.post(AGAIN)
    going = sorted(state for _, state in await office.copies())
    await office.at(datetime.now(UTC))

    assert before == {"refused"} and answer.status == 303
    assert going == [*["refused"] * 3, "waiting"]
    assert office.arrived() == ["mara@phat.vn"]
    assert sorted(state for _, state in await office.copies()) == [*["refused"] * 3, "sent"]


async def test_nothing_is_sent_again_by_an_owner_who_may_no_longer(office):
    await office.may_export("lea")
    await waiting(office, "lea", "550 5.1.1 No", people=("mara",))
    await office.may_not_export("lea")
    async with office.sessions() as session:
        mail = await session.get_one(ReportMail, 1)
        letter = await session.get_one(ReportLetter, 1)

        with pytest.raises(Forbidden, match="nothing is sent"):
            await send_again(session, office.site.app[DIRECTORY], mail, letter, MONDAY)


async def test_when_none_of_its_copies_may_go_send_again_says_so(office):
    await waiting(office, answer="550 5.1.1 No", people=("mara",))
    await office.sets(ReportMail, people=str(IDS["lea"]))
    root = await office.site.signed_in("root")

    answer = await root.post(AGAIN)

    assert answer.status == 409 and "There is nobody to send it to." in answer.text
    assert "Nguyễn Mara is no longer among the recipients of this schedule." in answer.text


async def test_an_address_that_was_put_right_is_the_one_it_is_sent_to_again(office):
    await office.mail(people=("jon", "root"))
    await office.at(MONDAY)
    await office.sets(ReportMail, next_at=LATER)
    async with office.sessions.begin() as session:
        mine = update(User).where(User.id == IDS["jon"])
        await session.execute(mine.values(email="jon@phat.vn"))
    root = await office.site.signed_in("root")

    await root.post(AGAIN)
    await office.at(datetime.now(UTC))

    assert office.arrived() == ["root@phat.vn", "jon@phat.vn"]


async def test_a_letter_that_waits_stays_what_it_was_made_of(office):
    await waiting(office, people=("mara",), name="Hôm qua")
    other = ReportView(
        user_id=IDS["root"], name="Khác", report="queues", asked="", span="today", used_at=MONDAY
    )
    await office.site.add(other)
    await office.sets(ReportMail, view_id=other.id, format="xlsx", language="en")

    await office.at(MONDAY + 5 * MINUTE)

    [(to, message)] = office.box.letters
    assert to == "mara@phat.vn"
    assert message["subject"].endswith("Báo cáo cuộc gọi – Hôm qua (22/11/2026)")
    [file] = message.iter_attachments()
    assert file.get_content_type() == "text/csv" and "Ngày" in file.get_content()
