"""How whoever keeps a place is called: by the gate, and with which number."""

import pytest
from msgspec.structs import replace as replaced

from callcenter.call_parts import kept_places
from callcenter.errors import Forbidden
from callcenter.keys import BACK_FILL, DIRECTORY, GATE, PRESENCE
from callcenter.switchboard import versions
from callcenter.switchboard.plan import Dialling, Plan, Shown
from tests.api.house import PEOPLE, SALES, house_of

OWN = "02873001234"
RULES = (
    Dialling(prefix="+84", title="Việt Nam", roles=frozenset({"agent", "team_lead"})),
    Dialling(prefix="+1", title="America", roles=frozenset({"team_lead"})),
)


@pytest.fixture
async def api(engine, sessions, tmp_path):
    async with house_of(engine, sessions, tmp_path) as house:
        house.phones_are("reachable", "201", "210")
        yield house


def places_of(api, is_behind=False):
    """As the application builds them."""
    api.app[BACK_FILL].is_behind = is_behind
    return kept_places(api.app)


def person(api, username):
    return api.app[DIRECTORY].person(PEOPLE[username][0])


async def test_a_number_that_may_be_made_up_is_called_by_nobody_where_agents_may_not_call(api):
    api.app[GATE].take(Plan(dialling=RULES))
    places = places_of(api)

    with pytest.raises(Forbidden):
        await places._call(person(api, "lead"), "+12025550123", "sales", "c-1")
    await places._call(person(api, "lead"), "0912345678", "sales", "c-2")

    asked = [each for each in api.asterisk.asked if each["Action"] == "Originate"]
    assert [each["Exten"] for each in asked] == ["0912345678"]


async def test_it_carries_the_number_of_the_agents_department(api):
    def shows(plan):
        return replaced(plan, shown=(Shown(department_id=SALES, number=OWN),))

    async with api.sessions.begin() as session:
        edited = await versions.change(session, 1, shows)
        await versions.publish(session, 1, edited.revision, "")

    await places_of(api)._call(person(api, "mara"), "0912345678", "sales", "c-1")

    [asked] = [each for each in api.asterisk.asked if each["Action"] == "Originate"]
    assert f"__CCSHOWN={OWN}" in asked["Variable"]


async def test_nobody_is_called_before_what_happened_while_we_were_away_is_known(api):
    await api.app[PRESENCE].want(PEOPLE["mara"][0], "ready")

    assert places_of(api, is_behind=True)._free() == []
    assert places_of(api)._free() == [PEOPLE["mara"][0]]
