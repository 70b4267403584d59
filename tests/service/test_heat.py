"""The heat map of a week: which cells there are, and how dark each is."""

import pytest

from callcenter.service import heat
from callcenter.sums.terms import Sum


def drawn(week, figure="calls"):
    return heat.draw(
        week,
        heat.FIGURES[figure],
        ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
        lambda day, hour, sum: f"{day} {hour} {sum.offered}",
        lambda day, hour: f"/{day}/{hour}",
    )


def test_the_busiest_hour_is_the_darkest_and_a_quiet_one_has_no_cell():
    map = drawn({(0, 9): Sum(offered=100), (1, 9): Sum(offered=10), (2, 9): Sum()})

    assert [(cell.text, cell.shade) for cell in map.cells] == [("100", 5), ("10", 1)]


def test_an_hour_at_night_widens_the_map_and_the_office_is_always_on_it():
    assert list(heat.hours_of({})) == list(heat.OFFICE)
    hours = heat.hours_of({(6, 3): Sum(offered=1), (0, 22): Sum(offered=1)})
    assert (hours[0], hours[-1]) == (3, 22)


def test_where_there_is_nothing_to_say_the_cell_says_nothing():
    only_short = Sum(offered=2, abandoned=2, abandoned_short=2)

    [cell] = drawn({(0, 9): only_short}, "level").cells

    assert (cell.text, cell.shade) == ("–", 0)


@pytest.mark.parametrize("share, shade", [(0, 0), (0.01, 1), (0.5, 3), (0.99, 5), (1, 5), (2, 5)])
def test_shades_are_equal_steps(share, shade):
    assert heat.shade(share) == shade


def test_no_cell_stands_outside_of_the_map():
    week = {(day, hour): Sum(offered=day + hour + 1) for day in range(7) for hour in range(24)}

    map = drawn(week)

    assert len(map.cells) == 7 * 24
    assert all(c.x >= 0 and c.x + map.wide <= map.width for c in map.cells)
    assert all(c.y >= 0 and c.y + map.tall <= map.height for c in map.cells)
