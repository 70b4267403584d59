"""Who heard which recording: a list for superadmins, and a card at the call for nobody else."""

from datetime import timedelta

import pytest

from callcenter.recordings.models import Listening, Recording
from tests.pages.site import IDS, NOW


@pytest.fixture
async def heard(site):
    """Lea heard a call of Mara's, Root took it away; Mara heard one that is gone by now."""
    customer = await site.customer("Trần Thị Hạnh", "0912345678", owner="mara")
    await site.call("mara", call_id="c1", customer_id=customer.id, answered_at=NOW)
    await site.add(
        Recording(call_id="c1", state="ready", duration_s=187, created_at=NOW),
        Listening(call_id="c1", user_id=IDS["lea"], at=NOW, heard_s=130),
        Listening(call_id="c1", user_id=IDS["root"], at=NOW, kind="kept"),
        Listening(call_id="gone", user_id=IDS["mara"], at=NOW - timedelta(days=40)),
    )


async def test_it_is_narrowed_by_who_what_when_and_which_customer(site, heard):
    root = await site.signed_in("root")

    async def of(query):
        page = (await root.part(f"/settings/log/heard{query}")).text
        return page.count("<tr>") - 1 if "<tbody>" in page else 0

    assert await of("") == 3
    assert await of(f"?who={IDS['lea']}") == await of("?what=kept") == 1
    assert await of("?q=h%E1%BA%A1nh") == await of("?q=912345") == 2
    assert await of("?until=31/12/2020") == await of("?q=nobody") == 0
    assert await of("?who=x&what=x&q=%00") == 3  # no filters: they name nothing
    page = (await root.part("/settings/log/heard")).text
    assert "2:10 of 3:07" in page and "Downloaded" in page
    assert "The call is not there any more." in page


async def test_the_call_tells_a_superadmin_alone_who_heard_it(site, heard):
    root, lea = await site.signed_in("root"), await site.signed_in("lea")

    assert "Who heard the recording" in (await root.get("/calls/c1")).text
    assert "Who heard the recording" not in (await lea.get("/calls/c1")).text
    assert (await lea.get("/settings/log/heard")).status == 403


async def test_the_button_to_take_a_recording_away_is_there_for_whoever_may(site, heard):
    pages = {who: (await (await site.signed_in(who)).get("/calls/c1")).text for who in IDS}
    offered = {who for who, page in pages.items() if "/recordings/c1/file" in page}

    assert offered == {"root", "lea"}
    assert "<call-player" in pages["mara"] and "<call-player" not in pages["kim"]
