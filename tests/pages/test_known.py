"""What is settled when a template is compiled, and what is not."""

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from callcenter.pages.known import Known


@pytest.fixture
def asked():
    """The texts that somebody was asked about, in order."""
    return []


@pytest.fixture
def drawn(asked):
    def say(text, **values):
        asked.append(text)
        return {"Call": "Gọi", "Q&A": "Hỏi & đáp"}.get(text, text).format(**values)

    def icon(name):
        asked.append(name)
        return Markup("<svg>{}</svg>").format(name)

    def draw(source, times=1, **values):
        environment = Environment(
            loader=DictLoader({"page": source}), autoescape=True, extensions=[Known]
        )
        environment.extend(known={"_": say, "icon": icon})
        environment.globals |= {"_": say, "icon": icon}
        for _ in range(times):
            text = environment.get_template("page").render(**values)
        return text

    return draw


def test_a_sentence_is_asked_for_once_however_often_the_page_is_drawn(drawn, asked):
    assert drawn("<b>{{ _('Call') }}</b>", times=3) == "<b>Gọi</b>"
    assert asked == ["Call"]


def test_a_sentence_is_escaped_and_an_icon_is_not(drawn):
    assert drawn("{{ _('Q&A') }}{{ icon('x') }}") == "Hỏi &amp; đáp<svg>x</svg>"


def test_a_sentence_with_values_is_asked_for_each_time(drawn, asked):
    assert drawn("{{ _('{n} rows', n=n) }}", times=2, n=5) == "5 rows"
    assert asked == ["{n} rows"] * 2


def test_a_sentence_that_only_the_page_knows_is_asked_for_as_it_is_drawn(drawn):
    assert drawn("{% for each in labels %}{{ _(each) }} {% endfor %}", labels=["Call", "X"]) == (
        "Gọi X "
    )


def test_a_settled_text_can_be_worked_with_like_any_other(drawn):
    source = (
        "{% set words = [_('Call'), icon('a')] %}{{ words | join('+') }}{{ _('Call') | upper }}"
    )

    assert drawn(source) == "Gọi+<svg>a</svg>GỌI"


def test_what_only_has_the_same_name_is_left_alone(drawn):
    class Other:
        def icon(self, name):
            return f"other {name}"

    assert drawn("{{ other.icon('x') }}", other=Other()) == "other x"
