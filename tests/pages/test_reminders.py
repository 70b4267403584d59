from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from callcenter.config import ROOT, load
from callcenter.customers.models import Customer
from callcenter.people.models import User
from callcenter.settings.models import Setting
from tests.pages.site import IDS

ZONE = load(ROOT / "config.toml").zone
HEADING = "Customers’ birthdays"


def today():
    """The company's day, asked in each test: midnight may have passed since this file was read."""
    return datetime.now(ZONE).date()


async def born(site, model, id, day):
    async with site.sessions() as session:
        await session.execute(update(model).where(model.id == id).values(birthday=day))
        await session.commit()


async def test_without_birthdays_the_home_page_has_no_such_section(site):
    page = await (await site.signed_in("mara")).get("/")

    assert "Colleagues’ birthdays" not in page.text and HEADING not in page.text


@pytest.mark.parametrize("who", ["root", "lea", "mara"])
async def test_a_colleagues_birthday_is_told_to_everybody_with_details(site, who):
    await born(site, User, IDS["kim"], today().replace(year=1988))
    page = await (await site.signed_in(who)).get("/")
    section = page.text.partition('id="colleagues"')[2].partition("</section>")[0]

    assert "Phạm Kim" in section and "Care" in section and "ext. 204" in section
    assert "1988" not in section  # how old somebody is stays theirs to tell


async def test_a_customers_birthday_is_told_within_ones_scope_as_many_days_before_as_is_set(site):
    hers = await site.customer("An", "0912345678", owner="mara")
    kims = await site.customer("Bình", "0912345679", owner="kim")
    later = await site.customer("Chi", "0912345670", owner="mara")
    for customer, after in ((hers, 0), (kims, 0), (later, 10)):
        day = today() + timedelta(days=after)
        await born(site, Customer, customer.id, day.replace(year=1988))
    mara = await site.signed_in("mara")

    def reminders(page):
        return page.text.partition(HEADING)[2].partition("</section>")[0]

    now = reminders(await mara.get("/"))
    assert ">An</b>" in now and 'data-call="0912345678"' in now
    assert "Bình" not in now and "Chi" not in now
    await site.add(Setting(name="birthday_reminder_days", value="10"))
    assert "Chi" in reminders(await mara.get("/"))
