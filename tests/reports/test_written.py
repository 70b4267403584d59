"""The values of a report as people read them, in both languages."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from callcenter.config import ROOT
from callcenter.pages.formats import Formats
from callcenter.pages.language import Words, speak
from callcenter.reports import lines
from callcenter.reports.frame import Column, Kind, Row, Table
from callcenter.reports.written import Written

WORDS = Words(ROOT / "web/locale")
WRITTEN = Written(WORDS, Formats(ZoneInfo("Asia/Ho_Chi_Minh")))
VALUES = [
    (Kind.COUNT, 12345, "12.345", "12,345"),
    (Kind.DECIMAL, 3.14, "3,1", "3.1"),
    (Kind.DECIMAL, 3.0, "3,0", "3.0"),
    (Kind.SHARE, 0.8345, "83,5%", "83.5%"),
    (Kind.SHARE, 1, "100%", "100%"),
    (Kind.SECONDS, 3725, "1:02:05", "1:02:05"),
    (Kind.DAY, date(2026, 11, 20), "20/11/2026", "20 Nov 2026"),
    (Kind.MOMENT, datetime(2026, 11, 20, 18, tzinfo=UTC), "21/11/2026 01:00", "21 Nov 2026 01:00"),
    (Kind.TEXT, "Ẩn", "Ẩn", "Ẩn"),
    (Kind.COUNT, None, "–", "–"),
    (Kind.COUNT, 0, "0", "0"),
]


@pytest.mark.parametrize(("kind", "value", "vi", "en"), VALUES)
def test_a_value_is_written_as_its_kind_is_in_each_language(kind, value, vi, en):
    found = []
    for language in ("vi", "en"):
        speak(language)
        found.append(WRITTEN.value(value, Column("x", "X", kind), Row((value,))))

    assert found == [vi, en]


def test_sentences_of_ours_are_translated_and_names_are_not():
    speak("vi")
    column, mine = Column("x", "Department", Kind.TEXT), Row(("Total",), is_message={"x"})

    assert WRITTEN.value("Total", column, mine) == "Tổng"
    assert WRITTEN.value("Total", column, Row(("Total",))) == "Total"
    assert WRITTEN.title(column) == "Bộ phận"
    assert WRITTEN.title(Column("x", "Department", is_plain=True)) == "Department"


def test_what_it_was_stands_beside_a_figure_with_its_growth():
    speak("en")
    columns = (Column("who", "W", Kind.TEXT), Column("n", "N"), Column("s", "S", Kind.SHARE))
    before = Table(columns, [Row(("An", 100, 0.5)), Row(("Bo", 0, None))])
    now = Table(columns, [Row(("An", 88, 0.525)), Row(("Bo", 3, 0.1))], before=before)

    first, second = WRITTEN.drawn(now).rows

    assert [(each.text, each.was, each.change) for each in first] == [
        ("An", "", ""),
        ("88", "100", "−12%"),
        ("52.5%", "50%", "+2.5 pts"),
    ]
    assert [(each.was, each.change) for each in second] == [("", ""), ("0", ""), ("–", "")]


def test_a_page_draws_only_so_many_rows_and_says_how_many_it_left_out():
    table = Table((Column("n", "N"),), [Row((n,)) for n in range(12)])

    drawn = WRITTEN.drawn(table, most=10)

    assert (len(drawn.rows), drawn.left_out) == (10, 2)


def test_a_line_is_marked_up_and_nothing_in_it_is_markup():
    speak("en")
    columns = (Column("who", "<W>", Kind.TEXT, is_plain=True), Column("n", "N"))
    row = Row(("<b>An", 1200), {"who": '/x?a=1&b="', "n": "/calls"})
    total = Row((None, 1200))
    table = Table(columns, [row], total, before=Table(columns, [Row(("<b>An", 1000))], total))
    drawn = WRITTEN.drawn(table)

    assert lines.body(drawn, WORDS.say) == (
        '<tr><th scope="row"><a class="link" href="/x?a=1&amp;b=&quot;">&lt;b&gt;An</a></th>'
        '<td data-label="N" class="n" data-v="1200"><a class="link" href="/calls">1,200</a>'
        '<span class="was"><b>+20%</b> <span class="vh">before:</span><i>1,000</i></span></td></tr>'
    )
    assert lines.foot(drawn, WORDS.say).startswith('<tr><td data-label="&lt;W&gt;">Total</td><td')
