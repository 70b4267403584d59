"""Which customers something is to be done with: ticked ones, or all that a list is narrowed to.

It travels as parameters of an address: `ids=3,5,8`, or `all=1` with the filters of the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from multidict import MultiDict
from sqlalchemy import ColumnElement, Select, select

from callcenter.customers.models import Customer
from callcenter.errors import N_, Invalid
from callcenter.lists.filters import ListFilters, read, whole
from callcenter.people.rights import Scope

MOST_TICKED = 1000  # more than any page has; `all` goes as far as one likes


@dataclass(frozen=True, slots=True)
class Selection:
    """`ids` are whatever somebody sent: the scope decides, as it does for `filters`."""

    ids: tuple[int, ...]
    filters: ListFilters | None  # of the whole list, when nothing is ticked one by one
    tab: str  # "assigned", "unassigned", or "contacts": the customers of both

    @property
    def query(self) -> str:
        """As it is passed on, from page to page."""
        tab = {"tab": self.tab} if self.tab != "assigned" else {}
        if self.filters is None:
            return urlencode({"ids": ",".join(map(str, self.ids))} | tab)
        return urlencode({"all": "1"} | self.filters.query() | tab)

    @property
    def back(self) -> str:
        """The list it was made in."""
        if self.tab == "contacts":
            return "/contacts"
        filters = self.filters.query() if self.filters else {}
        tab = {"tab": self.tab} if self.tab == "unassigned" else {}
        query = urlencode(tab | filters)
        return f"/customers?{query}" if query else "/customers"

    def customers(
        self, scope: Scope, narrowed: list[ColumnElement[bool]], *, held: bool = False
    ) -> Select[int]:
        """The ids of those whom `scope` has; with `held` of those it may give away.

        `narrowed` are the conditions of the filters (lists.filters.narrowed).
        """
        statement = select(Customer.id).where(*narrowed)
        if self.filters is None:
            statement = statement.where(Customer.id.in_(self.ids))
        elif self.tab == "unassigned":
            return scope.held_unassigned(statement) if held else scope.unassigned(statement)
        elif self.tab == "assigned":
            statement = statement.where(Customer.owner_id.is_not(None))
        return scope.held_customers(statement) if held else scope.customers(statement)


def selected(query: Mapping[str, str]) -> Selection:
    """Raises Invalid when nothing, or nonsense, is selected."""
    tab = query.get("tab", "")
    tab = tab if tab in ("unassigned", "contacts") else "assigned"
    if query.get("all") == "1":
        return Selection((), read(query), tab)
    ids = [whole(each) for each in query.get("ids", "").split(",") if each]
    known = tuple(dict.fromkeys(each for each in ids if each is not None))
    if not known or len(known) < len(set(ids)) or len(known) > MOST_TICKED:
        raise Invalid(N_("Select some customers first."), field="ids")
    return Selection(known, None, tab)


def selected_again(text: str) -> Selection:
    """From a `query` that came back in a form."""
    return selected(MultiDict(parse_qsl(text)))
