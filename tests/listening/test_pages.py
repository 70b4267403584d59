"""What is written down of who listened, on the call's page: for superadmins alone."""

from datetime import timedelta

from callcenter.listening.models import Stretch
from tests.pages.site import IDS, NOW


async def test_superadmins_see_at_the_call_who_listened_and_nobody_else_does(site):
    call = await site.call("mara")
    about = {"call_id": call.call_id, "user_id": IDS["lea"], "agent_id": IDS["mara"]}
    later = NOW + timedelta(seconds=42)
    await site.add(
        Stretch(**about, way="listen", told=False, began_at=NOW, ended_at=later),
        Stretch(**about, way="join", told=True, began_at=later, ended_at=None),
    )

    root, lea = await site.signed_in("root"), await site.signed_in("lea")
    seen = (await root.get(f"/calls/{call.call_id}")).text

    assert "Team leads in this call" in seen
    for words in ("Listened", "0:42", "the agent was not told", "Talked as well", "goes on"):
        assert words in seen
    assert "Lê Thị Lea" in seen
    assert "Team leads in this call" not in (await lea.get(f"/calls/{call.call_id}")).text


async def test_the_panel_and_its_keys_are_only_with_those_who_lead(site):
    assert "<lead-panel" in (await (await site.signed_in("lea")).get("/")).text
    assert "<lead-panel" not in (await (await site.signed_in("mara")).get("/")).text
