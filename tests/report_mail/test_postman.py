"""Reports that are due: sent once to each, whatever breaks in between; else it is said why not."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import update

from callcenter.jobs.models import Job
from callcenter.keys import JOBS
from callcenter.mail.server import keep_server
from callcenter.report_files.models import ReportView
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail, State
from callcenter.report_mail.round import WAITS
from callcenter.report_mail.schedules import forget_letters
from callcenter.tasks import running
from tests.pages.site import IDS
from tests.report_mail.conftest import DAY, LATER, MINUTE, MONDAY


@pytest.fixture
def site_url(database_url):
    return database_url


async def test_a_report_arrives_with_its_file_its_period_and_vietnamese_letters(office):
    await office.site.day("mara", date(2026, 11, 22), calls=3)
    mail = await office.mail(people=("root", "mara"), name="Hôm\r\nBcc: x@y.vn qua")
    jobs = office.site.app[JOBS]
    async with running(jobs.run(), "long work"):
        office.now = MONDAY
        await office.postman.round()
        [job] = await office.rows(Job)
        await jobs.over(job.id)
        await office.postman.round()

    [letter] = await office.rows(ReportLetter)
    sent = dict(office.box.letters)
    assert office.arrived() == ["root@phat.vn", "mara@phat.vn"]
    message = sent["mara@phat.vn"]
    assert message["to"] == "Nguyễn Mara <mara@phat.vn>" and message["bcc"] is None
    assert message["reply-to"] == "Root <root@phat.vn>"
    assert message["subject"] == (
        "Nước sạch An Phát: Báo cáo cuộc gọi – Hôm Bcc: x@y.vn qua (22/11/2026)"
    )
    text = message.get_body(("plain",)).get_content()
    assert "Khoảng thời gian: 22/11/2026" in text and "hằng ngày lúc 07:30. Lịch gửi do R" in text
    [file] = message.iter_attachments()
    assert file.get_filename() == letter.file_name == "Báo cáo cuộc gọi 2026-11-22.csv"
    cells = list(csv.reader(io.StringIO(file.get_content()), delimiter=";"))
    assert cells[1][:2] == ["22/11/2026", "3"]
    assert letter.stage == "over" and office.told == []
    assert (await office.rows(ReportMail))[0].next_at == MONDAY + DAY and mail.id == letter.mail_id


async def test_nothing_goes_out_before_its_time_and_then_once(office):
    await office.mail()

    wait_s = await office.look()
    early = office.arrived()
    await office.at(MONDAY)
    for minutes in range(1, 5):
        await office.at(MONDAY + minutes * MINUTE)

    assert (early, wait_s) == ([], 30.0)
    assert office.arrived() == ["root@phat.vn"]


async def test_of_letters_that_were_missed_one_is_sent_with_the_days_of_the_newest(office):
    await office.mail()

    await office.at(MONDAY + 3 * DAY + 5 * MINUTE)
    await office.at(MONDAY + 3 * DAY + 6 * MINUTE)

    [(_, message)] = office.box.letters
    assert "(25/11/2026)" in message["subject"]
    assert (await office.rows(ReportMail))[0].next_at == MONDAY + 4 * DAY


@pytest.mark.parametrize("hours", [1, 18, 23])  # its midnight is at 17:00 UTC
async def test_a_letter_that_is_late_has_the_days_of_its_due_day(office, hours):
    await office.mail(every="week", weekdays="0")

    await office.at(MONDAY + timedelta(hours=hours))
    await office.at(MONDAY + 6 * DAY)

    [(_, message)] = office.box.letters
    assert "(22/11/2026)" in message["subject"]


async def test_a_restart_while_the_file_is_made_loses_and_repeats_nothing(office):
    await office.mail()
    office.now = MONDAY
    await office.postman.round()

    office.restarts()
    await office.postman.take_up()
    await office.look()
    office.restarts()
    await office.postman.take_up()
    await office.look()

    assert office.arrived() == ["root@phat.vn"]


async def test_who_was_refused_for_now_waits_longer_each_time_and_the_others_do_not(office):
    await office.mail(people=("root", "mara"))
    office.box.answers["rcpt:mara@phat.vn"] = "450 4.2.0 Greylisted"
    await office.at(MONDAY)
    tried = [MONDAY]
    for _ in range(len(WAITS)):
        _, copy = await office.rows(ReportCopy)
        tried.append(copy.next_at)
        await office.at(copy.next_at - timedelta(seconds=1))  # too early
        await office.at(copy.next_at)

    office.box.answers.clear()
    _, copy = await office.rows(ReportCopy)
    await office.at(copy.next_at)

    waits = [later - before for before, later in pairwise(tried)]
    assert waits == [timedelta(seconds=each) for each in WAITS]
    assert office.arrived() == ["root@phat.vn", "mara@phat.vn"]
    assert copy.said["values"]["answer"] == "450 4.2.0 Greylisted" and office.told == []


async def test_a_refusal_for_good_is_named_and_its_owner_told(office):
    mail = await office.mail(people=("root", "mara"))
    office.box.answers["rcpt:mara@phat.vn"] = "550 5.1.1 No such user"

    await office.at(MONDAY)
    await office.at(MONDAY + 3 * DAY - MINUTE)

    assert (await office.copies())[:2] == [("root@phat.vn", "sent"), ("mara@phat.vn", "refused")]
    assert "550 5.1.1 No such user" in str((await office.rows(ReportCopy))[1].said)
    assert office.told[0] == (IDS["root"], f"/reports/mails/{mail.id}")


async def test_a_server_that_is_away_for_a_day_is_given_up_and_asked_once_for_all(office):
    await office.mail(people=("root", "mara"), every="month", month_day=23)
    office.house.stop()
    now = MONDAY
    while now <= MONDAY + DAY:
        await office.at(now)
        states = {state for _, state in await office.copies()}
        now += timedelta(minutes=30)

    assert states == {"given_up"} and office.told == [(IDS["root"], "/reports/mails/1")]
    office.house.start()
    await office.at(now)
    assert office.arrived() == []


async def test_an_outage_of_an_hour_delays_a_letter_and_repeats_none(office):
    await office.mail(people=("root", "mara"))
    office.house.stop()
    await office.at(MONDAY)
    office.house.start()

    await office.at(MONDAY + 60 * MINUTE)
    await office.at(MONDAY + 120 * MINUTE)

    assert office.arrived() == ["root@phat.vn", "mara@phat.vn"]


async def test_a_service_that_dies_while_it_hands_over_never_sends_that_again_by_itself(office):
    await office.mail(people=("root", "mara"))
    office.now = MONDAY
    office.box.answers["rcpt:mara@phat.vn"] = "450 4.2.0 Later"
    await office.look()
    async with office.sessions.begin() as session:  # as it stands on disk at that moment
        mine = update(ReportCopy).where(ReportCopy.address == "mara@phat.vn")
        await session.execute(mine.values(state=State.HANDING))
    office.box.answers.clear()

    office.restarts()
    await office.postman.take_up()
    await office.at(MONDAY + 60 * MINUTE)

    assert await office.copies() == [("root@phat.vn", "sent"), ("mara@phat.vn", "unknown")]
    assert office.arrived() == ["root@phat.vn"]
    assert (await office.rows(ReportLetter))[0].stage == "over"


async def test_it_is_written_down_before_the_text_goes_out(office):
    await office.mail()
    seen = []

    async def looks():
        seen.extend(await office.copies())

    mark = office.postman.round.__globals__["Round"]._mark

    async def marked(self, copy_id):
        await mark(self, copy_id)
        await looks()
        assert office.arrived() == []

    office.now = MONDAY
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("callcenter.report_mail.round.Round._mark", marked)
        await office.look()

    assert seen == [("root@phat.vn", "handing")] and office.arrived() == ["root@phat.vn"]


async def test_a_connection_lost_after_the_text_is_not_repeated_but_may_be_by_hand(office):
    mail = await office.mail()
    seen = []
    office.box.answers["data"] = lambda server: seen.append(1) or server.transport.abort()
    await office.at(MONDAY)
    await office.at(MONDAY + 60 * MINUTE)
    unknown = await office.copies()
    office.box.answers.clear()
    root = await office.site.signed_in("root")

    answer = await root.post(f"/reports/mails/{mail.id}/again/1")
    await office.at(datetime.now(UTC))

    assert unknown == [("root@phat.vn", "unknown")] and seen == [1]
    assert answer.status == 303 and (await office.copies())[0] == ("root@phat.vn", "sent")


async def test_every_attempt_has_the_same_message_id(office):
    await office.mail()
    await office.at(MONDAY)
    await office.sets(ReportCopy, state=State.WAITING)

    await office.look()

    first, second = (message["message-id"] for _, message in office.box.letters)
    assert first == second and first.endswith("@phat.vn>")


@pytest.mark.parametrize("loses", ["account", "right"])
async def test_an_owner_who_may_no_longer_sends_nothing_and_it_says_why(office, loses):
    await office.may_export("lea")
    await office.mail("lea", people=("lea", "mara"))
    await office.at(MONDAY)
    before = office.arrived()
    await (
        office.changes("lea", active=False) if loses == "account" else office.may_not_export("lea")
    )

    await office.at(MONDAY + DAY)

    assert before == office.arrived() == ["lea@phat.vn", "mara@phat.vn"]
    assert "Lê Thị Lea" in str((await office.rows(ReportLetter))[1].problem)
    assert "nothing is sent" in (await office.problems())[1] and len(office.told) == 1
    is_paused = (await office.rows(ReportMail))[0].next_at is None
    assert is_paused == (loses == "account")  # nobody is left to set it right


async def test_an_owner_who_loses_the_right_while_a_letter_waits_sends_it_no_more(office):
    await office.may_export("lea")
    await office.mail("lea", people=("mara",))
    office.box.answers["rcpt:mara@phat.vn"] = "450 4.2.0 Later"
    await office.at(MONDAY)
    office.box.answers.clear()
    await office.may_not_export("lea")

    await office.at(MONDAY + 60 * MINUTE)

    assert await office.copies() == [("mara@phat.vn", "refused")] and office.arrived() == []


async def test_recipients_are_who_the_owner_may_write_to_when_it_is_due(office):
    await office.may_export("lea")
    await office.mail("lea", people=("root", "mara", "jon", "kim", "tom"), addresses="a@out.vn")
    await office.changes("tom", active=False)

    await office.at(MONDAY)

    assert office.arrived() == ["root@phat.vn", "mara@phat.vn"]
    said = {each.name or each.address: each.said["text"] for each in await office.rows(ReportCopy)}
    assert said["Trần Jon"] == "{name} has no email address in their account."
    assert said["Phạm Kim"] == said["Vũ Tom"] == "{owner} may not send reports to {name}."
    assert said["a@out.vn"] == "Only superadmins send to addresses outside the company."


async def test_a_superadmin_sends_outside_and_nobody_gets_two(office):
    await office.mail(people=("root",), addresses="Chu.Tich@out.vn\nROOT@phat.vn")

    await office.at(MONDAY)

    assert office.arrived() == ["root@phat.vn", "Chu.Tich@out.vn"]
    assert [message["to"] for _, message in office.box.letters][1] == "Chu.Tich@out.vn"


async def test_paused_and_deleted_ones_send_nothing_not_even_what_waits(office):
    mail = await office.mail()
    root = await office.site.signed_in("root")
    office.box.answers["rcpt:root@phat.vn"] = "450 4.2.0 Later"
    await office.at(MONDAY)
    office.box.answers.clear()
    await office.sets(ReportMail, next_at=LATER)

    await root.post(f"/reports/mails/{mail.id}/pause")
    await office.at(MONDAY + 2 * DAY)
    paused = office.arrived()
    await root.post(f"/reports/mails/{mail.id}/delete")
    await office.at(MONDAY + 3 * DAY)

    assert paused == office.arrived() == [] and len(await office.rows(ReportLetter)) == 1


async def test_without_a_server_or_with_a_view_that_is_gone_it_says_so(office):
    await office.mail(every="week", weekdays="0,1")
    async with office.sessions.begin() as session:
        await keep_server(session, None)
    await office.at(MONDAY)
    await office.server()
    async with office.sessions.begin() as session:
        await session.execute(update(ReportView).values(deleted_at=MONDAY))

    await office.at(MONDAY + DAY)

    assert await office.problems() == ["No mail server is set.", "There is no such view."]
    assert len(office.told) == 2 and office.arrived() == []


async def test_a_file_too_large_for_a_letter_is_said(office, monkeypatch):
    monkeypatch.setattr("callcenter.report_mail.files.MOST", 10)
    await office.mail()

    await office.at(MONDAY)

    [problem] = await office.problems()
    assert problem.startswith("The file has {size}") and office.arrived() == []


async def test_what_a_job_could_not_make_is_said(office):
    await office.mail()
    office.now = MONDAY
    await office.postman.round()
    async with office.sessions.begin() as session:
        failed = {"text": "You may not see this report.", "values": {}}
        await session.execute(update(Job).values(state="failed", problem=failed))

    await office.look()

    assert await office.problems() == ["You may not see this report."] and len(office.told) == 1


async def test_letters_of_long_ago_are_forgotten_with_their_copies(office):
    await office.mail()
    await office.at(MONDAY)
    async with office.sessions.begin() as session:
        await session.execute(
            update(ReportLetter).values(created_at=datetime(2024, 1, 1, tzinfo=UTC))
        )

    await forget_letters(office.sessions)

    assert await office.rows(ReportLetter) == [] == await office.rows(ReportCopy)


async def test_by_hand_and_by_the_clock_in_one_minute_are_one_letter(office):
    mail = await office.mail()
    office.now = MONDAY
    await office.postman.send_now(mail)

    await office.look()
    await office.at(MONDAY + MINUTE)

    assert office.arrived() == ["root@phat.vn"]
    assert (await office.rows(ReportMail))[0].next_at == MONDAY + DAY
