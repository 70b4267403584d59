import pytest

from callcenter.catalogues import places
from callcenter.catalogues.queries import find_places, place_path, places_below
from callcenter.customers.models import Customer
from callcenter.errors import Conflict, Invalid
from tests.catalogues.vietnam import vietnam


@pytest.fixture
async def session(sessions):
    async with sessions() as session:
        yield session


async def test_a_place_is_told_from_the_lowest_up_without_its_country(session):
    tree = await vietnam(session)

    paths = await place_path(session, [tree[name].id for name in tree])

    assert paths[tree["Phường Tân Định"].id] == "Phường Tân Định, Quận 1, TP. Hồ Chí Minh"
    assert paths[tree["Phường Ba Đình"].id] == "Phường Ba Đình, Hà Nội"
    assert paths[tree["Việt Nam"].id] == "Việt Nam"
    assert await place_path(session, [999_999]) == {}


async def test_the_tree_opens_a_level_at_a_time_by_name(session):
    tree = await vietnam(session)

    [(country, below)] = await places_below(session, None)
    provinces = await places_below(session, country.id)

    assert (country.name, below) == ("Việt Nam", 2)
    assert [(place.name, n) for place, n in provinces] == [("Hà Nội", 1), ("TP. Hồ Chí Minh", 1)]
    assert await places_below(session, tree["Phường Ba Đình"].id) == []


@pytest.mark.parametrize(
    "text, names",
    [
        ("ho chi minh", ["TP. Hồ Chí Minh"]),
        ("PHUONG", ["Phường Ba Đình", "Phường Tân Định"]),
        ("dinh", ["Phường Ba Đình", "Phường Tân Định"]),
        ("dinh, ha noi", ["Phường Ba Đình"]),
        ("%", []),
        ("", []),
        (", ha noi", []),
    ],
)
async def test_places_are_found_without_accents_and_by_what_they_lie_in(session, text, names):
    await vietnam(session)

    assert [place.name for place, _ in await find_places(session, text)] == names


@pytest.mark.parametrize(
    "parent, level, name, refusal",
    [
        (None, "province", "X", Invalid),
        ("Việt Nam", "country", "X", Invalid),
        ("Việt Nam", "ward", "X", Invalid),
        ("Phường Ba Đình", "ward", "X", Invalid),
        ("Việt Nam", "moon", "X", Invalid),
        ("Việt Nam", "province", " ", Invalid),
        ("Việt Nam", "province", "x" * 201, Invalid),
        ("Việt Nam", "province", "hà  NỘI", Conflict),
        (None, "country", "việt nam", Conflict),
    ],
)
async def test_a_place_that_fits_nowhere_is_refused(session, parent, level, name, refusal):
    tree = await vietnam(session)

    with pytest.raises(refusal):
        await places.add(session, tree.get(parent), level, name)


async def test_a_ward_may_lie_straight_below_a_province_or_in_a_district(session):
    tree = await vietnam(session)

    await places.add(session, tree["Hà Nội"], "ward", "Phường Hoàn Kiếm")
    await places.add(session, tree["Quận 1"], "ward", "Phường Bến Nghé")


async def test_a_place_with_others_below_or_with_customers_stays(session):
    tree = await vietnam(session)
    ward = tree["Phường Ba Đình"]
    await session.merge(customer_at(ward.id))
    await session.flush()

    with pytest.raises(Conflict, match="1 place lies below “Hà Nội”"):
        await places.remove(session, tree["Hà Nội"])
    with pytest.raises(Conflict, match="is the place of 1 customer\\."):
        await places.remove(session, ward)

    await places.remove(session, tree["Phường Tân Định"])
    assert await find_places(session, "tan dinh") == []


def customer_at(place_id):
    from datetime import UTC, datetime

    now = datetime(2026, 11, 20, tzinfo=UTC)
    return Customer(
        id=1,
        code="KH-1",
        name="An",
        search_key="an",
        place_id=place_id,
        created_at=now,
        updated_at=now,
    )
