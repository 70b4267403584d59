"""/explain: a call's chain, and an agent's time, to those who may see them."""

from datetime import timedelta

import msgspec
import pytest

from callcenter.agents.models import AgentState
from callcenter.calls.call import Step
from callcenter.calls.rows import steps_as_text
from callcenter.explain.models import CallHop
from callcenter.keys import DIRECTORY
from tests.pages.site import IDS, NOW

START = NOW.replace(microsecond=0) - timedelta(minutes=30)


def at(second):
    return START + timedelta(seconds=second)


def hop(kind, second, who=None, what="", **more):
    because = msgspec.json.encode({"w": more}).decode() if more else ""
    return CallHop(
        call_id="c1" if kind not in ("page", "phone", "link") else "",
        at=at(second),
        kind=kind,
        user_id=IDS[who] if who else None,
        what=what,
        more=because,
    )


async def jon_misses_mara_answers(site):
    steps = [
        Step(kind="arrived", at=at(0), what="19006789"),
        Step(kind="menu", at=at(0.5), what="main"),
        Step(kind="queue", at=at(1), until=at(19), what="sales", how="answered"),
        Step(kind="rang", at=at(1.1), until=at(16.1), what="202", how="no_answer"),
        Step(kind="rang", at=at(16.5), until=at(19), what="201", how="answered"),
        Step(kind="talked", at=at(19), until=at(206), what="201"),
        Step(kind="ended", at=at(206), how="customer"),
    ]
    await site.call(
        "mara",
        "0912345678",
        call_id="c1",
        started_at=START,
        answered_at=at(19),
        ended_at=at(206),
        rung="202,201",
        journey=steps_as_text(steps),
    )
    await site.add(
        hop("asked", 1.12, what="sales", asked=[IDS["jon"]], wrap_up=[IDS["mara"]]),
        hop("told", 1.13, "jon"),
        hop("asked", 16.51, what="sales", asked=[IDS["mara"]], missed=[IDS["jon"]]),
        hop("told", 16.503, "mara"),
        hop("shown", 16.52, "mara"),
        hop("filed", 206.1),
    )


def words_in(page):
    """The chain's texts in their order."""
    return [part.split("</b>")[0] for part in page.split('class="why__b"><b>')[1:]]


async def test_a_calls_chain_says_who_was_asked_and_why_not_the_others(site):
    await jon_misses_mara_answers(site)
    site.app[DIRECTORY].titles[("menus", "main")] = "Chính"
    lea = await site.signed_in("lea")

    page = (await lea.get("/explain?call=c1")).text

    assert words_in(page) == [
        "Rang in at 1900 6789",
        "Menu Chính",
        "Queue Bán hàng",
        "Bán hàng asks 1 of 2",
        "The phone of Trần Jon",
        "The page of Trần Jon was told",
        "The page of Trần Jon has not said that it showed the call",
        "Bán hàng asks 1 of 2",
        "The phone of Nguyễn Mara",
        "The page of Nguyễn Mara was told",
        "The page of Nguyễn Mara showed it",
        "Nguyễn Mara in the call",
        "End",
        "Not recorded",
        "Filed",
    ]
    assert "Nguyễn Mara answered after 0:19." in page
    assert "rang 0:15, no answer" in page and "answered after 2.5 s" in page
    assert "finishing the call before" in page and "did not answer this call before" in page
    assert "+17 ms" in page  # from the page being told to its showing the call


@pytest.mark.parametrize("typed", ["0912345678", "+84 912 345 678", "0912.345.678", "84912345678"])
async def test_a_number_is_explained_however_it_is_written(site, typed):
    await jon_misses_mara_answers(site)
    lea = await site.signed_in("lea")

    for name in ("number", "q"):
        answer = await lea.session.get("/explain", params={name: typed})
        assert "Nguyễn Mara answered after 0:19." in await answer.text()


async def test_what_is_typed_may_be_a_calls_id_and_an_unknown_one_is_404(site):
    await jon_misses_mara_answers(site)
    lea = await site.signed_in("lea")

    assert "Id of the call: c1" in (await lea.get("/explain?q=c1")).text
    assert (await lea.get("/explain?q=pbx-1.1")).status == 404
    assert "There is no call with 0999" in (await lea.get("/explain?number=0999")).text
    assert (await lea.get("/explain?number=%00%F0%9F%98%80")).status == 200


@pytest.mark.parametrize(
    "who, status", [("root", 200), ("lea", 200), ("mara", 200), ("jon", 200), ("kim", 404)]
)
async def test_a_call_is_explained_to_those_who_may_see_it(site, who, status):
    await jon_misses_mara_answers(site)
    visitor = await site.signed_in(who)

    assert (await visitor.get("/explain?call=c1")).status == status
    shown = "answered after 0:19." in (await visitor.get("/explain?number=0912345678")).text
    assert shown == (status == 200)


async def test_an_agent_learns_how_many_colleagues_were_busy_but_not_who(site):
    await jon_misses_mara_answers(site)
    jon = await site.signed_in("jon")

    page = (await jon.get("/explain?call=c1")).text

    assert "<dt>finishing the call before</dt><dd>1 colleague</dd>" in page


async def test_a_call_from_before_hops_were_kept_says_so(site):
    await site.call("mara", call_id="old")
    mara = await site.signed_in("mara")

    page = (await mara.get("/explain?call=old")).text

    assert "kept for 30 days: of this call only what the exchange said is known" in page


async def test_a_queue_that_could_ask_nobody_is_where_it_broke(site):
    steps = [
        Step(kind="arrived", at=at(0), what="19006789"),
        Step(kind="queue", at=at(1), until=at(31), what="sales", how="left"),
        Step(kind="ended", at=at(31), how="customer"),
    ]
    journey = steps_as_text(steps)
    await site.call(None, call_id="c1", result="abandoned", department_id=1, journey=journey)
    busy = {"break": [IDS["mara"]], "page_closed": [IDS["jon"]], "unreachable": [IDS["lea"]]}
    await site.add(hop("asked", 1.1, what="sales", **busy))
    lea = await site.signed_in("lea")

    page = (await lea.get("/explain?call=c1")).text

    assert "No phone rang: nobody of the queue could be asked." in page
    assert "Bán hàng could ask nobody of 3" in page and "broke here" in page
    for why in (
        "on a break",
        "their page was closed",
        "page open, but its phone was not connected",
    ):
        assert why in page


async def test_why_nothing_rang_at_an_agent(site):
    await jon_misses_mara_answers(site)
    await site.add(
        AgentState(user_id=IDS["mara"], at=at(-900), state="wrap_up", cause="call c0"),
        AgentState(user_id=IDS["mara"], at=at(10), state="ready", cause="agent"),
        hop("page", -5, "mara", "0"),
        hop("phone", 3, "mara", "reachable"),
        hop("link", 4, None, "lost"),
    )
    lea = await site.signed_in("lea")

    page = (await lea.get(f"/explain/agent?agent={IDS['mara']}")).text

    assert "1 call rang here." in page
    assert words_in(page) == [
        "The page showed it",
        "A call of Bán hàng rang here",
        "The page was told of a call",
        "Ready",
        "The connection to the exchange was lost",
        "The phone was connected",
        "A call of Bán hàng went past",
        "The last page was closed",
        "After the call",
    ]
    assert "was finishing the call before" in page and "/explain?call=c1" in page


async def test_calls_that_went_past_are_counted_by_reason(site):
    await jon_misses_mara_answers(site)
    await site.add(*[hop("asked", 60 + n, what="sales", **{"break": [IDS["tom"]]}) for n in (0, 1)])
    tom = await site.signed_in("tom")

    page = (await tom.get("/explain/agent")).text  # by itself oneself

    assert "No call rang here." in page and "1 call went past:" in page and "on a break" in page
    assert "/explain?call=c1" not in page  # it is not his


@pytest.mark.parametrize("who, whom, status", [("lea", "mara", 200), ("mara", "jon", 404)])
async def test_an_agents_time_is_explained_to_those_who_may_see_their_work(site, who, whom, status):
    visitor = await site.signed_in(who)

    assert (await visitor.get(f"/explain/agent?agent={IDS[whom]}")).status == status


@pytest.mark.parametrize(
    "since, until, sentence",
    [
        ("2026-03-02T10:00", "2026-03-02T09:00", "The end has to come after the beginning."),
        ("2026-03-02T10:00", "2026-03-04T10:00", "One day at most can be explained at once."),
        ("yesterday", "", "Choose a beginning and an end."),
    ],
)
async def test_a_time_that_is_none_is_refused_in_words_and_kept(site, since, until, sentence):
    mara = await site.signed_in("mara")

    answer = await mara.get(f"/explain/agent?since={since}&until={until}")

    assert answer.status == 400
    assert sentence in answer.text and f'value="{since}"' in answer.text


async def test_why_somebody_goes_on_from_a_queue_is_said(site):
    steps = [
        Step(kind="arrived", at=at(0), what="19006789"),
        Step(kind="overflow", at=at(9), what="sales~TIMEOUT"),
        Step(kind="overflow", at=at(10), what="care~JOINEMPTY"),
        Step(kind="overflow", at=at(11), what="gone~"),
    ]
    await site.call("kim", "0912345678", call_id="c1", journey=steps_as_text(steps))
    root = await site.signed_in("root")

    words = words_in((await root.get("/explain?call=c1")).text)

    assert words[1:4] == [
        "Waited too long for Bán hàng: goes on",
        "Nobody is there for Chăm sóc: goes on",
        "Goes on from gone",
    ]


async def test_a_trunk_that_carried_nothing_and_the_one_after_it_are_called_by_their_titles(site):
    site.app[DIRECTORY].titles |= {
        ("trunks", "viettel"): "Viettel Hà Nội",
        ("trunks", "carrier"): "FPT",
    }
    steps = [
        Step(kind="rang", at=at(0), until=at(1), what="201", how="answered"),
        Step(kind="trunk", at=at(1), what="viettel"),
        Step(kind="trunk_failed", at=at(2), what="viettel"),
        Step(kind="trunk", at=at(2.1), what="carrier"),
        Step(kind="called", at=at(2.1), until=at(5), what="0912345678", how="answered"),
        Step(kind="talked", at=at(5), until=at(60), what="201"),
    ]
    await site.call(
        "mara", "0912345678", call_id="c1", direction="outbound", journey=steps_as_text(steps)
    )
    root = await site.signed_in("root")

    page = (await root.get("/explain?call=c1")).text

    assert words_in(page)[1:4] == [
        "By trunk Viettel Hà Nội",
        "Trunk Viettel Hà Nội did not carry the call",
        "By trunk FPT",
    ]
    assert "the next one is tried" in page
    one = (await root.get("/calls/c1")).text
    assert "Trunk Viettel Hà Nội did not carry the call" in one and "By trunk FPT" in one
