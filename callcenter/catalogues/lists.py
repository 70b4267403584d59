"""The short lists one by one: who keeps them, what they are called, and who uses their items."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Column, Table

from callcenter.catalogues.models import Catalogue
from callcenter.db import Base
from callcenter.errors import N_
from callcenter.people.permissions import Permission

COLOURS: Final[Mapping[str, str]] = {  # of a status's dot: the design's k-… classes
    "": N_("Grey"),
    "acc": N_("Indigo"),
    "2": N_("Teal"),
    "warn": N_("Amber"),
    "ok": N_("Green"),
    "bad": N_("Red"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """The column that points at an item of a list, and what a row of its table is for people.

    `change` is the field of a customer's history that tells of it, "" where it has none.
    """

    table: str
    column: str
    counted: tuple[str, str]  # "{n} customer", "{n} customers"
    refusal: tuple[str, str]  # of one and of many, with {name} and {n}
    change: str = ""

    @property
    def points(self) -> Column[int]:
        return self.rows.c[self.column]

    @property
    def rows(self) -> Table:
        return Base.metadata.tables[self.table]


_BY_CUSTOMERS = (
    ("{n} customer", "{n} customers"),
    (
        N_("“{name}” is used by {n} customer: put it away, or merge it into another."),
        "“{name}” is used by {n} customers: put it away, or merge it into another.",
    ),
)
_CONTACTS = (
    ("{n} contact", "{n} contacts"),
    (
        N_("“{name}” is used by {n} contact: put it away, or merge it into another."),
        "“{name}” is used by {n} contacts: put it away, or merge it into another.",
    ),
)
_ACTIVITIES = (
    ("{n} activity", "{n} activities"),
    (
        N_("“{name}” is used by {n} activity: put it away, or merge it into another."),
        "“{name}” is used by {n} activities: put it away, or merge it into another.",
    ),
)
_EMPLOYEES = (
    ("{n} employee", "{n} employees"),
    (
        N_("“{name}” is used by {n} employee: put it away, or merge it into another."),
        "“{name}” is used by {n} employees: put it away, or merge it into another.",
    ),
)
_GROUPS = (
    ("{n} group", "{n} groups"),
    (
        N_("“{name}” has {n} group: put it away, or merge it into another."),
        "“{name}” has {n} groups: put it away, or merge it into another.",
    ),
)
COUNTED = (  # the words above, for the catalogue
    *(N_("{n} customer"), N_("{n} contact"), N_("{n} activity"), N_("{n} employee")),
    N_("{n} group"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One list. Its words are message ids."""

    catalogue: Catalogue
    permission: Permission
    title: str
    explanation: str
    add: str
    empty: str
    use: Use
    has_code: bool = False
    has_colour: bool = False
    parent: Catalogue | None = None  # the list that each item names one of
    shown_by: str = ""  # the parameter of /customers that shows who uses an item

    @property
    def path(self) -> str:
        return f"/settings/catalogues/{self.catalogue.value}"


_ALL = (
    Listed(
        catalogue=Catalogue.STATUS,
        permission=Permission.STATUSES,
        title=N_("Profile statuses"),
        explanation=N_(
            "Every customer has one status. The order here is the order in forms, "
            "and of the columns in the report on customers."
        ),
        add=N_("Add status"),
        empty=N_("There are no statuses yet. Add the first one, for example “New”."),
        use=Use("customers", "status_id", *_BY_CUSTOMERS, change="status"),
        has_colour=True,
        shown_by="status",
    ),
    Listed(
        catalogue=Catalogue.CUSTOMER_TYPE,
        permission=Permission.CATALOGUES,
        title=N_("Customer types"),
        explanation=N_("What customers are told apart by: area, industry… Each type has groups."),
        add=N_("Add type"),
        empty=N_("There are no types yet. Add the first one, for example “Industry”."),
        use=Use("catalogue_items", "parent_id", *_GROUPS),
    ),
    Listed(
        catalogue=Catalogue.CUSTOMER_GROUP,
        permission=Permission.CATALOGUES,
        title=N_("Customer groups"),
        explanation=N_("A group is a value of one type: “Retail” of the type “Industry”."),
        add=N_("Add group"),
        empty=N_("There are no groups yet. Add the first one."),
        use=Use("customer_groups", "group_id", *_BY_CUSTOMERS, change="groups"),
        parent=Catalogue.CUSTOMER_TYPE,
        shown_by="group",
    ),
    Listed(
        catalogue=Catalogue.SOURCE,
        permission=Permission.SOURCES,
        title=N_("Data sources"),
        explanation=N_("Where customers come from. The position is the place in lists."),
        add=N_("Add data source"),
        empty=N_("There are no data sources yet. Add the first one, for example “Website”."),
        use=Use("customers", "source_id", *_BY_CUSTOMERS, change="source"),
        shown_by="source",
    ),
    Listed(
        catalogue=Catalogue.PROJECT,
        permission=Permission.PROJECTS,
        title=N_("Project codes"),
        explanation=N_("Projects that customers belong to. The position is the place in lists."),
        add=N_("Add project code"),
        empty=N_("There are no project codes yet. Add the first one."),
        use=Use("customers", "project_id", *_BY_CUSTOMERS, change="project"),
        has_code=True,
        shown_by="project",
    ),
    Listed(
        catalogue=Catalogue.POSITION,
        permission=Permission.CATALOGUES,
        title=N_("Job titles"),
        explanation=N_("What the people one talks to are at the customer’s company."),
        add=N_("Add job title"),
        empty=N_("There are no job titles yet. Add the first one, for example “Director”."),
        use=Use("contacts", "position_id", *_CONTACTS),
    ),
    Listed(
        catalogue=Catalogue.ACTIVITY_TYPE,
        permission=Permission.CATALOGUES,
        title=N_("Activity types"),
        explanation=N_("What is done with customers besides calls: meeting, quotation…"),
        add=N_("Add activity type"),
        empty=N_("There are no activity types yet. Add the first one, for example “Meeting”."),
        use=Use("activities", "type_id", *_ACTIVITIES),
    ),
    Listed(
        catalogue=Catalogue.EMPLOYEE_TYPE,
        permission=Permission.CATALOGUES,
        title=N_("Employee types"),
        explanation=N_("What employees are told apart by in lists and reports."),
        add=N_("Add employee type"),
        empty=N_("There are no employee types yet. Add the first one, for example “Full-time”."),
        use=Use("users", "employee_type_id", *_EMPLOYEES),
    ),
    Listed(
        catalogue=Catalogue.SKILL,
        permission=Permission.CATALOGUES,
        title=N_("Skills"),
        explanation=N_(
            "What somebody is good at: a language, a product. A queue can ask for skills; "
            "who has them is ticked under Team."
        ),
        add=N_("Add skill"),
        empty=N_("There are no skills yet. Add the first one, for example “English”."),
        use=Use("user_skills", "skill_id", *_EMPLOYEES),
    ),
)
LISTS: Final[Mapping[Catalogue, Listed]] = {each.catalogue: each for each in _ALL}
