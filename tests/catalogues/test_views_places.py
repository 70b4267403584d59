import pytest

from callcenter.catalogues.queries import find_places, places_below
from tests.catalogues.vietnam import vietnam

PLACES = "/settings/places"


@pytest.fixture
async def tree(site):
    async with site.sessions() as session:
        found = await vietnam(session)
        await session.commit()
    return found


async def below(site, parent):
    async with site.sessions() as session:
        return [place.name for place, _ in await places_below(session, parent and parent.id)]


@pytest.mark.parametrize("who", ["lea", "jon"])
async def test_places_are_the_superadmins(site, tree, who):
    visitor = await site.signed_in(who)

    assert (await visitor.get(PLACES)).status == 403
    assert (await visitor.post(PLACES, {"name": "Lào"})).status == 403
    assert await below(site, None) == ["Việt Nam"]


async def test_an_empty_tree_says_what_to_do_next(site):
    page = await (await site.signed_in("root")).get(PLACES)

    assert "Nothing lies below it yet." in page.text


async def test_the_tree_asks_for_a_branch_when_it_is_opened(site, tree):
    root = await site.signed_in("root")
    page = await root.get(PLACES)
    branch = await root.part(f"{PLACES}/tree?below={tree['Việt Nam'].id}")

    assert "Hà Nội" not in page.text and f"tree?below={tree['Việt Nam'].id}" in page.text
    assert "Hà Nội" in branch.text and "<title>" not in branch.text
    for nonsense in ("", "?below=x", "?below=999999", "?below=99999999999999"):
        assert (await root.get(f"{PLACES}/tree{nonsense}")).status == 404


async def test_a_place_is_added_below_another_renamed_and_deleted(site, tree):
    root, hanoi = await site.signed_in("root"), tree["Hà Nội"]

    form = {"name": "Phường Hoàn Kiếm", "level": "ward", "code": "00070"}
    assert (await root.post(f"{PLACES}/{hanoi.id}/below", form)).status == 303
    assert await below(site, hanoi) == ["Phường Ba Đình", "Phường Hoàn Kiếm"]

    ward = tree["Phường Ba Đình"]
    changed = {"name": "Phường Ngọc Hà", "code": ""}
    assert (await root.post(f"{PLACES}/{ward.id}", changed)).status == 303
    assert await below(site, hanoi) == ["Phường Hoàn Kiếm", "Phường Ngọc Hà"]
    async with site.sessions() as session:
        assert await find_places(session, "ngoc ha") != []

    answer = await root.post(f"{PLACES}/{ward.id}/delete")
    assert (answer.status, answer.headers["Location"]) == (303, f"{PLACES}/{hanoi.id}")
    assert await below(site, hanoi) == ["Phường Hoàn Kiếm"]


async def test_what_cannot_be_is_refused_in_words_and_what_was_typed_is_kept(site, tree):
    root, country = await site.signed_in("root"), tree["Việt Nam"]

    twice = await root.post(f"{PLACES}/{country.id}/below", {"name": "HÀ NỘI", "code": "01"})
    renamed = await root.post(f"{PLACES}/{tree['Hà Nội'].id}", {"name": "tp. hồ chí minh"})
    used = await root.post(f"{PLACES}/{country.id}/delete")
    nowhere = await root.post(f"{PLACES}/{country.id}/below", {"name": "X", "level": "ward"})

    assert twice.status == 409 and 'value="HÀ NỘI"' in twice.text and 'value="01"' in twice.text
    assert "“HÀ NỘI” is there already." in twice.text
    assert renamed.status == 409 and 'value="tp. hồ chí minh"' in renamed.text
    assert used.status == 409 and "2 places lie below “Việt Nam”" in used.text
    assert nowhere.status == 400 and "This level does not lie below that one." in nowhere.text
    assert await below(site, country) == ["Hà Nội", "TP. Hồ Chí Minh"]


async def test_places_are_searched_with_the_way_to_them(site, tree):
    root = await site.signed_in("root")

    found = await root.get(f"{PLACES}?q=tan+dinh")
    nothing = await root.get(f"{PLACES}?q=atlantis")

    assert "Phường Tân Định, Quận 1, TP. Hồ Chí Minh" in found.text
    assert "No place is called that." in nothing.text
