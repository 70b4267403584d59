"""What the link says to people is said in both languages."""

import ast
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
ROOM = ROOT / "callcenter/asterisk"
CATALOGUE = ROOT / "web/locale/vi/link.po"


def sentences():
    """Every sentence marked for translation by N_("…")."""
    for name in ("ami", "action", "link", "moves", "originate"):
        for node in ast.walk(ast.parse((ROOM / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
                yield node.args[0].value


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


def test_each_sentence_has_its_vietnamese_and_the_same_values(catalogue):
    def values(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    assert set(sentences()) == catalogue.keys()
    for english, vietnamese in catalogue.items():
        assert vietnamese and values(vietnamese) == values(english), english
