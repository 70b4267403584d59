"""A corner of the tree of places: a district of the old kind, a ward of the new."""

from callcenter.catalogues import places


async def vietnam(session):
    """{name: Place}"""
    tree = {}
    for parent, level, name in (
        (None, "country", "Việt Nam"),
        ("Việt Nam", "province", "Hà Nội"),
        ("Việt Nam", "province", "TP. Hồ Chí Minh"),
        ("TP. Hồ Chí Minh", "district", "Quận 1"),
        ("Quận 1", "ward", "Phường Tân Định"),
        ("Hà Nội", "ward", "Phường Ba Đình"),
    ):
        tree[name] = await places.add(session, tree.get(parent), level, name)
    return tree
