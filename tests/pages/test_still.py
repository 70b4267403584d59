"""Parts of pages that are drawn once for whatever they are told."""

from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

from callcenter.pages import templates
from callcenter.pages.assets import Assets
from callcenter.pages.formats import Formats
from callcenter.pages.language import Words, speak
from callcenter.pages.templates import Templates


class Told(str):
    """A text that counts how often it is written."""

    times = 0

    def __html__(self):
        self.times += 1
        return str(self)


@pytest.fixture
def drawn(tmp_path):
    (tmp_path / "part.html").write_text("{{ language() }}:{{ name }}")
    (tmp_path / "page.html").write_text("{{ still('part.html', name=name) }}")
    (tmp_path / "careless.html").write_text("{{ still('part.html') }}")
    made = Templates(
        tmp_path, Words(tmp_path), Assets(tmp_path), Formats(ZoneInfo("Asia/Ho_Chi_Minh"))
    )
    speak("vi")
    yield lambda page="page.html", **values: made.html(page, values)
    speak("vi")


def test_what_is_told_the_same_is_drawn_once(drawn):
    mara = Told("Mara")

    assert [drawn(name=mara) for _ in range(3)] == ["vi:Mara"] * 3
    assert mara.times == 1


def test_what_is_told_something_else_is_drawn_for_it(drawn):
    assert [drawn(name=name) for name in ("Mara", "Jon", "Mara")] == [
        "vi:Mara",
        "vi:Jon",
        "vi:Mara",
    ]


def test_each_language_has_its_own(drawn):
    assert drawn(name="Mara") == "vi:Mara"
    speak("en")
    assert drawn(name="Mara") == "en:Mara"


def test_what_is_told_is_escaped(drawn):
    assert drawn(name="<b>") == "vi:&lt;b&gt;"


def test_nothing_of_the_page_around_it_gets_in(drawn):
    with pytest.raises(UndefinedError):
        drawn("careless.html", name="Mara")


def test_what_is_kept_has_an_end(drawn, monkeypatch):
    monkeypatch.setattr(templates, "MOST_DRAWN", 2)
    mara = Told("Mara")
    drawn(name=mara)

    for name in ("Jon", "Linh", "An"):
        assert drawn(name=name) == f"vi:{name}"
    assert drawn(name=mara) == "vi:Mara"
    assert mara.times == 2
