"""Both languages are complete: every sentence has its Vietnamese, and no catalogue has too many."""

import ast
import json
import re
import string
from functools import cache

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from callcenter.config import ROOT

CATALOGUES = sorted((ROOT / "web/locale/vi").glob("*.po"))


def _said_in_python():
    for path in sorted((ROOT / "callcenter").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("N_", "N_n")
            ):
                yield ast.literal_eval(node.args[0]), path


def _said_in_templates():
    for path in sorted((ROOT / "web/templates").rglob("*.html")):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "_n"), [], {"encoding": "utf-8"}):
                yield _first(message), path


def _said_in_javascript():
    """Babel's reader does not look into template strings, where half of the sentences stand."""
    for path in sorted((ROOT / "web/static/js").glob("*.js")):
        for call in re.finditer(r"(?<![\w.])_n?\(\s*(\"(?:[^\"\\]|\\.)*\")", path.read_text()):
            yield json.loads(call[1]), path


def _first(message):
    """A plural is (one, many); None is a sentence worked out as the page is drawn."""
    return message if isinstance(message, str) else next(iter(message or ()), None)


@cache
def said():
    """Each sentence with the file that says it first."""
    found = {}
    for sentences in (_said_in_python(), _said_in_templates(), _said_in_javascript()):
        for sentence, path in sentences:
            if sentence and any(letter.isalpha() for letter in _words_of(sentence)):
                found.setdefault(sentence, path.relative_to(ROOT))
    return found


def _words_of(sentence):
    return "".join(text for text, _, _, _ in string.Formatter().parse(sentence) if text)


def translated(path):
    """{English: Vietnamese} of one catalogue."""
    with path.open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: (
                message.string if isinstance(message.string, str) else message.string[0]
            )
            for message in read_po(file, locale="vi", abort_invalid=True)
            if message.id
        }


def test_every_sentence_has_its_vietnamese():
    known = {sentence for path in CATALOGUES for sentence, text in translated(path).items() if text}

    assert {each: str(path) for each, path in said().items() if each not in known} == {}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_catalogue_keeps_a_sentence_that_nobody_says(path):
    assert set(translated(path)) - said().keys() == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_translation_fills_the_same_places(path):
    for english, vietnamese in translated(path).items():
        assert _places(vietnamese) == _places(english), english


def test_two_rooms_never_translate_one_sentence_differently():
    seen = {}
    for path in CATALOGUES:
        for english, vietnamese in translated(path).items():
            assert seen.setdefault(english, vietnamese) == vietnamese, (path.stem, english)


def _places(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_vietnamese_has_one_spelling_and_one_word_for_a_thing(path):
    """Both tone marks of óa and oá are right, but not beside each other on a page. What the manuals
    call by name keeps its name."""
    rejected = re.compile(r"xoá|huỷ|khoá|tuỳ|uỷ|lí do|(?<![\w{.])(?<!upload )file(?!})", re.I)
    with path.open("rb") as file:
        messages = [message.string for message in read_po(file)]

    words = [each if isinstance(each, str) else " ".join(each) for each in messages]

    assert [each for each in words if rejected.search(each)] == []


def test_email_is_spelt_one_way():
    words = [(each, text) for path in CATALOGUES for each, text in translated(path).items()]

    assert [each for each in words if re.search("e-mail", "".join(each), re.IGNORECASE)] == []
