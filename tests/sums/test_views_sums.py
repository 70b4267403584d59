"""The page that says whether reports add up what the calls say."""

import asyncio

from sqlalchemy import update

from callcenter.calls.models import CallDay
from callcenter.keys import GROUP


async def done(site):
    await asyncio.gather(*site.app[GROUP]._tasks)


async def shown(visitor):
    return (await visitor.get("/settings/sums")).text


async def test_sums_that_are_wrong_are_shown_and_made_anew(site):
    root = await site.signed_in("root")
    await site.call("mara")
    await site.call("kim", result="abandoned")
    assert "have not been compared yet" in await shown(root)

    await root.post("/settings/sums", {"errand": "compare"})
    await done(site)
    page = await shown(root)
    assert "differ from its calls" in page or "differ from their calls" in page
    assert "Difference: 0" not in page

    await root.post("/settings/sums", {"errand": "rebuild"})
    await done(site)
    page = await shown(root)
    assert "Difference: 0" in page
    assert "Made anew" in page

    async with site.sessions.begin() as session:
        await session.execute(update(CallDay).values(talked_s=CallDay.talked_s + 1))
    await root.post("/settings/sums", {"errand": "compare"})
    await done(site)
    assert "Difference: 0" not in await shown(root)


async def test_one_errand_at_a_time(site):
    root = await site.signed_in("root")
    await root.post("/settings/sums", {"errand": "rebuild"})

    refused = await root.post("/settings/sums", {"errand": "compare"})

    assert refused.status == 409
    await done(site)


async def test_who_may_not_set_the_company_sees_nothing_of_it(site):
    lea = await site.signed_in("lea")

    assert (await lea.get("/settings/sums")).status == 403
