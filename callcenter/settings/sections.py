"""What can be set, as the settings' menu shows it: each section with a line about it."""

from dataclasses import dataclass

from callcenter.catalogues.lists import LISTS
from callcenter.catalogues.models import Catalogue
from callcenter.errors import N_
from callcenter.people.permissions import Permission, Rights


@dataclass(frozen=True, slots=True)
class Section:
    """Title and explanation are message ids."""

    path: str
    title: str
    explanation: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    sections: tuple[Section, ...]


def _list(catalogue: Catalogue) -> Section:
    listed = LISTS[catalogue]
    return Section(listed.path, listed.title, listed.explanation, listed.permission)


CHAPTERS = (
    Chapter(
        N_("Company"),
        (
            Section(
                "/settings/company",
                N_("Company information"),
                N_("Name, address and tax code, as they stand on pages and reports."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/parameters",
                N_("Parameters"),
                N_("Reminders, copies of emails, the size of documents, where data lies."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/mail",
                N_("Mail server"),
                N_("By which server emails go out, and in whose name."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/breaks",
                N_("Breaks"),
                N_("Why agents may be on a break, for how long, and how many at once."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/sums",
                N_("Sums of reports"),
                N_("Whether what reports add up is what the calls say, compared each night."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/log",
                N_("Log"),
                N_("Who looked up, exported and deleted customers, and changed accounts."),
                Permission.COMPANY,
            ),
        ),
    ),
    Chapter(
        N_("Calls"),
        (
            Section(
                "/switchboard",
                N_("Switchboard"),
                N_("Where calls lead: numbers, opening hours, menus, queues, providers."),
                Permission.SWITCHBOARD,
            ),
            Section(
                "/settings/outcomes",
                N_("Outcomes of calls"),
                N_("What calls end in, with sub-outcomes, and after which queues each is offered."),
                Permission.CATALOGUES,
            ),
            Section(
                "/settings/wrap-up",
                N_("Time after a call"),
                N_("How long agents have for outcome and note, in the company and by queue."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/recordings",
                N_("Recordings compared"),
                N_("Files without a call, calls without a file, what is empty or cut – and why."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/retention",
                N_("How long recordings are kept"),
                N_("Days by department, or for ever; what a shorter term would delete."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/storage",
                N_("Room for recordings"),
                N_("How much is used, how fast it grows, and when the disk will be full."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/holds",
                N_("Legal holds"),
                N_("Recordings that may neither be deleted nor changed, and why."),
                Permission.HOLD,
            ),
            Section(
                "/settings/deleted",
                N_("Deleted recordings"),
                N_("The proof of every recording that was deleted: what, when, by whom, why."),
                Permission.ERASE,
            ),
            Section(
                "/settings/alerts",
                N_("Alerts"),
                N_("When a queue needs its team lead: long waits, nobody ready, lost calls."),
                Permission.COMPANY,
            ),
        ),
    ),
    Chapter(
        N_("Customer files"),
        (
            _list(Catalogue.STATUS),
            _list(Catalogue.CUSTOMER_TYPE),
            _list(Catalogue.CUSTOMER_GROUP),
            _list(Catalogue.SOURCE),
            _list(Catalogue.PROJECT),
            Section(
                "/settings/required",
                N_("Required fields"),
                N_("What every customer’s file must have."),
                Permission.COMPANY,
            ),
            Section(
                "/settings/duplicates",
                N_("Duplicate check"),
                N_("What no two customers may have in common."),
                Permission.COMPANY,
            ),
        ),
    ),
    Chapter(
        N_("Other catalogues"),
        (
            _list(Catalogue.POSITION),
            _list(Catalogue.ACTIVITY_TYPE),
            _list(Catalogue.EMPLOYEE_TYPE),
            _list(Catalogue.SKILL),
            Section(
                "/settings/places",
                N_("Places"),
                N_("Countries, provinces, districts and wards, by hand or from a workbook."),
                Permission.CATALOGUES,
            ),
        ),
    ),
)


def chapters_for(rights: Rights) -> list[Chapter]:
    """What these rights may set, without what they may not."""
    mine = [
        Chapter(each.title, tuple(s for s in each.sections if rights.may(s.permission)))
        for each in CHAPTERS
    ]
    return [each for each in mine if each.sections]
