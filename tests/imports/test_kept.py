"""What the check made of the rows serves the run, as long as the run would make the same."""

from dataclasses import replace
from datetime import date

import pytest

from callcenter.imports.choices import Choices
from callcenter.imports.kept import Kept, encoded, forget, keeping, lines_of
from callcenter.imports.lines import Rules
from callcenter.imports.places import Node, Places
from callcenter.imports.stored import write_rows
from callcenter.sheets.tables import Row

MAPPING = ["name", "phone", "birthday", "groups", "owner", "kind"]
ROWS = [
    Row(2, ["Nguyễn Thị Hường", "0912345678; 0987654321", "31/12/1990", "VIP", "mara", ""]),
    Row(3, ["", "abc", "", "", "", ""]),
    Row(4, ["An Phát", "912345678", "", "", "nobody", "tổ chức"]),
]
RULES = Rules(
    mapping=MAPPING,
    required=frozenset({"name", "phone"}),
    criteria=frozenset({"phone", "code", "email", "name"}),
    choices=Choices(destination="file"),
    items={"groups": {"vip": 7}, "source": {}, "project": {}, "status": {}},
    places=Places([Node(1, None, "Huế")]),
    employees={"mara": 2},
    given={"source": None, "project": None, "status": 5},
)


@pytest.fixture
def folder(tmp_path):
    write_rows(tmp_path, ROWS)
    with keeping(tmp_path, RULES) as keep:
        keep(0, encoded(lines_of(ROWS[:2], RULES)))
        keep(2, encoded(lines_of(ROWS[2:], RULES)))
    return tmp_path


def test_lines_come_back_as_they_were_made_whichever_piece_is_asked_for(folder):
    kept = Kept(folder, RULES)

    assert kept.lines(2, ROWS[2:]) == lines_of(ROWS[2:], RULES)
    first = kept.lines(0, ROWS[:2])
    assert first == lines_of(ROWS[:2], RULES)
    assert first[0].values["birthday"] == date(1990, 12, 31)


def test_rows_that_were_not_kept_together_are_made_again(folder):
    kept = Kept(folder, RULES)

    assert kept.lines(1, ROWS[1:]) is None
    assert kept.lines(0, ROWS) is None
    assert kept.lines(0, [Row(1, ROWS[0].texts), Row(2, ROWS[1].texts)]) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"required": frozenset({"name", "phone", "email"})},
        {"items": {**RULES.items, "groups": {"vip": 8}}},
        {"employees": {"mara": 2, "nobody": 3}},
        {"places": Places([Node(2, None, "Huế")])},
        {"choices": Choices(destination="file", unknown_empty=True)},
        {"mapping": ["name", "phone", "", "groups", "owner", "kind"]},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_other_rules_make_them_again(folder, changed):
    assert Kept(folder, replace(RULES, **changed)).lines(0, ROWS[:2]) is None


def test_the_rows_of_another_file_make_them_again(folder):
    write_rows(folder, [Row(2, ["Lan", "0912345679", "", "", "", ""]), *ROWS[1:]])

    assert Kept(folder, RULES).lines(0, ROWS[:2]) is None


def test_a_check_that_was_cut_off_has_kept_nothing_nor_what_an_earlier_one_kept(folder):
    with pytest.raises(RuntimeError), keeping(folder, RULES) as keep:
        keep(0, encoded(lines_of(ROWS[:2], RULES)))
        raise RuntimeError

    assert Kept(folder, RULES).lines(0, ROWS[:2]) is None


def test_what_is_forgotten_is_gone_and_nothing_else(folder):
    before = {each.name for each in folder.iterdir()}
    forget(folder)

    assert Kept(folder, RULES).lines(0, ROWS[:2]) is None
    left = {each.name for each in folder.iterdir()}
    assert before - left == {"lines.msgpack", "lines.json"}
