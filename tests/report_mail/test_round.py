"""What goes wrong with one letter stops no other, and what was stopped does not go out."""

import threading

import pytest

from callcenter.report_mail import files, letters, postman, round
from callcenter.report_mail.models import ReportCopy, ReportLetter, ReportMail
from tests.report_mail.conftest import LATER, MINUTE, MONDAY

PAGE = "/reports/mails/1"


@pytest.fixture
def site_url(database_url):
    return database_url


def hangs_up(server):
    server.transport.abort()


async def test_a_recipient_at_whom_the_server_hangs_up_holds_up_nobody_else(office):
    await office.mail(people=("mara", "root", "lea"))
    office.box.answers["rcpt:mara@phat.vn"] = hangs_up

    await office.at(MONDAY)

    assert office.arrived() == ["root@phat.vn", "lea@phat.vn"]
    assert (await office.copies())[0] == ("mara@phat.vn", "waiting")


async def test_after_two_in_a_row_the_others_wait_and_come_first_the_next_time(office):
    await office.mail(people=("mara", "lea", "root"))
    asked = []
    for who in ("mara@phat.vn", "lea@phat.vn"):
        office.box.answers[f"rcpt:{who}"] = lambda server, who=who: (
            asked.append(who) or hangs_up(server)
        )
    await office.at(MONDAY)
    first, tries = list(asked), [each.tries for each in await office.rows(ReportCopy)]

    await office.at(MONDAY + MINUTE)

    assert first == ["mara@phat.vn", "lea@phat.vn"] and tries == [1, 1, 0]
    assert office.arrived() == ["root@phat.vn"]


async def test_a_sender_whom_the_server_does_not_take_is_put_right_and_then_they_go(
    office,
):
    await office.mail(people=("mara", "root"))
    office.box.answers["mail"] = "550 5.7.1 Sender not allowed"
    await office.at(MONDAY)
    before = {state for _, state in await office.copies()}
    office.box.answers.clear()

    await office.at(MONDAY + MINUTE)

    assert before == {"waiting"} and len(office.arrived()) == 2


@pytest.mark.parametrize("becomes", [{"next_at": None}, {"deleted_at": MONDAY}])
async def test_one_that_is_stopped_at_the_last_moment_does_not_go_out(office, becomes):
    await office.mail()
    mark = round.Round._mark

    async def late(self, ready):
        await office.sets(ReportMail, **becomes)
        await mark(self, ready)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(round.Round, "_mark", late)
        await office.at(MONDAY)

    assert office.arrived() == [] and (await office.rows(ReportCopy))[0].tries == 0


async def test_one_that_waits_no_longer_is_left_as_it_is(office):
    await office.mail()
    mark = round.Round._mark

    async def late(self, ready):
        await office.sets(ReportCopy, state="refused", said={"text": "Enough", "values": {}})
        await mark(self, ready)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(round.Round, "_mark", late)
        await office.at(MONDAY)

    [copy] = await office.rows(ReportCopy)
    assert office.arrived() == [] and copy.said["text"] == "Enough"


async def test_pausing_ends_what_waits_in_words_and_it_is_sent_again_after_that_only(office):
    await office.mail(people=("root",))
    office.box.answers["rcpt:root@phat.vn"] = "450 4.2.0 Later"
    await office.at(MONDAY)
    office.box.answers.clear()
    await office.sets(ReportMail, next_at=LATER)
    root = await office.site.signed_in("root")

    await root.post(f"{PAGE}/pause")
    page = (await root.get(PAGE)).text
    again = await root.post(f"{PAGE}/again/1")
    states = await office.copies()
    await root.post(f"{PAGE}/pause")  # goes on

    assert states == [("root@phat.vn", "refused")] and again.status == 409
    assert "The schedule was paused before it went out." in page
    assert "again/1" not in page and "load delay" not in page
    assert "again/1" in (await root.get(PAGE)).text


async def test_a_file_that_is_there_only_after_the_pause_goes_to_nobody_and_the_page_rests(office):
    await office.mail(people=("root", "mara"))
    office.now = MONDAY
    await office.postman.round()
    await office.sets(ReportMail, next_at=None)

    await office.look()

    root = await office.site.signed_in("root")
    assert {state for _, state in await office.copies()} == {"refused"}
    assert (await office.rows(ReportLetter))[0].stage == "over" and office.arrived() == []
    assert "load delay" not in (await root.get(PAGE)).text


async def test_a_letter_that_nobody_may_get_is_over_and_its_owner_told(office):
    await office.may_export("lea")
    await office.mail("lea", people=("kim",))

    await office.at(MONDAY)

    assert (await office.rows(ReportLetter))[0].stage == "over" and len(office.told) == 1


async def test_what_nobody_foresaw_about_a_copy_stops_no_other(office, monkeypatch):
    def written(server, templates, letter, copy, *rest):
        if copy.address == "mara@phat.vn":
            raise ZeroDivisionError
        return letters.written(server, templates, letter, copy, *rest)

    monkeypatch.setattr(round, "written", written)
    await office.mail(people=("mara", "root"))

    await office.at(MONDAY)

    mara, _ = await office.rows(ReportCopy)
    assert office.arrived() == ["root@phat.vn"] and mara.state == "refused"
    assert "nobody foresaw" in mara.said["text"] and len(office.told) == 1


async def test_what_nobody_foresaw_after_the_text_went_out_leaves_open_whether_it_was_sent(
    office, monkeypatch
):
    async def fails(self, line, server, text):
        raise ZeroDivisionError

    monkeypatch.setattr("callcenter.mail.post.Post._hand_over", fails)
    await office.mail()

    await office.at(MONDAY)

    assert await office.copies() == [("root@phat.vn", "unknown")]


@pytest.mark.parametrize(("room", "name"), [(postman, "begin"), (files, "_address")])
async def test_what_nobody_foresaw_about_a_schedule_stops_no_other(office, monkeypatch, room, name):
    whole = getattr(room, name)

    async def fails_once(*given):
        monkeypatch.setattr(room, name, whole)
        raise ZeroDivisionError

    await office.mail()
    await office.mail(people=("mara",))
    monkeypatch.setattr(room, name, fails_once)

    await office.at(MONDAY)

    assert office.arrived() == ["mara@phat.vn"] and len(office.told) == 1
    assert sorted(await office.problems())[1].endswith("The log of the service says what.")
    assert {each.next_at > MONDAY for each in await office.rows(ReportMail)} == {True}


async def test_a_letter_is_put_together_beside_the_loop(office, monkeypatch):
    """A large file takes a second, in which nobody's call would pop up."""
    threads = []

    def written(*given):
        threads.append(threading.current_thread())
        return letters.written(*given)

    monkeypatch.setattr(round, "written", written)
    await office.mail()

    await office.at(MONDAY)

    assert office.arrived() == ["root@phat.vn"] and threading.main_thread() not in threads
