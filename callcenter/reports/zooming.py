"""A long time as lines that one zooms into: what web/static/js/zoom-chart.js draws."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from callcenter.pages.formats import address
from callcenter.reports.asked import Asked, Step

MOST = 62  # days as bars; more are drawn as lines


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """`name` in the reader's language, `color` a token of css/tokens.css, without its dashes.

    None is a gap in the line. `dash`: px of line and gap, in turn.
    """

    name: str
    color: str
    values: Sequence[float | None]
    unit: Literal["count", "share"] = "count"
    dash: tuple[int, ...] = ()


def is_long(asked: Asked) -> bool:
    return not asked.by and asked.step is Step.DAY and asked.days > MOST


def chart(days: Sequence[date], series: Sequence[Series], link: Mapping[str, str]) -> str:
    """JSON; `link` is what the list of calls is asked for, besides the day."""
    rest = {name: value for name, value in link.items() if name not in ("since", "until")}
    told = {"days": days, "series": series, "href": address("/calls", rest)}
    return msgspec.json.encode(told).decode()
