"""A report asked for somebody, with what they may see at that moment, and put on paper."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.catalogues.models import Catalogue, CatalogueItem
from callcenter.errors import N_, Forbidden, Missing
from callcenter.pages.call_words import DIRECTIONS, RESULTS
from callcenter.pages.formats import Formats
from callcenter.pages.language import Words
from callcenter.people import audit
from callcenter.people.directory import Directory, Person
from callcenter.report_files.paper import Fact, Paper, paper
from callcenter.reports.asked import Asked, Step, query_of
from callcenter.reports.comparing import answered
from callcenter.reports.frame import Asker, Report
from callcenter.reports.registry import REPORTS
from callcenter.settings.company import Company, company

STEPS = {
    Step.MIN_5: N_("by 5 minutes"),
    Step.MIN_15: N_("by 15 minutes"),
    Step.MIN_30: N_("by 30 minutes"),
    Step.HOUR: N_("by hour"),
    Step.DAY: N_("by day"),
    Step.WEEK: N_("by week"),
    Step.MONTH: N_("by month"),
}
MANY = 8  # names of a filter; more are counted


def report_of(name: str) -> Report:
    """Raises Missing."""
    if name not in REPORTS:
        raise Missing(N_("There is no such report."))
    return REPORTS[name]


class Printer:
    """Puts reports on paper, in the language of whoever asks and in the company's zone."""

    def __init__(self, directory: Directory, words: Words, formats: Formats) -> None:
        self.directory = directory
        self.words = words
        self.formats = formats

    async def prepare(
        self, session: AsyncSession, person: Person | None, report: Report, asked: Asked
    ) -> Paper:
        """The report as that person may see it now. Raises Forbidden, and what the report does."""
        asker = self.asker(report, person)
        assert person
        table = await answered(session, report.answer, asker, asked)
        now = datetime.now(UTC)
        made = f"{self.formats.day(now)} {self.formats.clock(now)}, {person.name}"
        types = await _types(session, asked)
        facts = [*self._facts(asked, types), (self.words.say(N_("Made")), made)]
        lines = company_lines(await company(session), self.words)
        title = self.words.say(report.title)
        return paper(title, lines, facts, table, self.words, asker.zone)

    def asker(self, report: Report, person: Person | None) -> Asker:
        """Who takes a report out, as far as they may now. Raises Forbidden when they may not."""
        rights = self.directory.rights_of(person) if person else None
        if person is None or rights is None or not rights.may(report.needs):
            raise Forbidden(N_("You may not see this report."))
        if not rights.may(report.files):
            raise Forbidden(N_("You may look at this report, but not take it out."))
        nearer = min(report.needs, report.files, *report.of, key=rights.reach)
        scope = self.directory.scope_of(person, nearer)
        return Asker(scope, self.directory, self.formats.today(), self.formats.zone.key)

    def _facts(self, asked: Asked, types: list[str]) -> Iterator[Fact]:
        """What was asked, in words."""
        say, directory = self.words.say, self.directory
        yield say(N_("Period")), self.period(asked)
        if asked.before:
            yield say(N_("Compared with")), self.period(asked.before)
        if asked.step is not Step.DAY:
            yield say(N_("Shown")), say(STEPS[asked.step])
        nodes = [directory.departments.get(each) for each in asked.departments]
        people = [directory.known(each) for each in asked.users]
        titles = [directory.queues.get(each, (each, None))[0] for each in asked.queues]
        results = [say(words.text) for name, words in RESULTS.items() if name in asked.results]
        for name, values in (
            (N_("Department"), [each.name for each in nodes if each]),
            (N_("Employee"), [each.name for each in people if each]),
            (N_("Queue"), titles),
            (N_("Number"), list(asked.dids)),
            (N_("Channel"), types),
            (N_("Result"), results),
        ):
            if values:
                yield say(name), self._listed(values)
        for direction, words in DIRECTIONS.items():
            if direction == asked.direction:
                yield say(N_("Direction")), say(words.text)

    def period(self, asked: Asked) -> str:
        first, last = self.formats.day(asked.since), self.formats.day(asked.until)
        return first if first == last else f"{first} – {last}"

    def _listed(self, values: list[str]) -> str:
        if len(values) <= MANY:
            return ", ".join(values)
        shown = ", ".join(values[:MANY])
        return self.words.say(N_("{names} and {n} more"), names=shown, n=len(values) - MANY)


async def _types(session: AsyncSession, asked: Asked) -> list[str]:
    """The names of the types of activities that are asked for."""
    if not asked.types:
        return []
    of = CatalogueItem.catalogue == Catalogue.ACTIVITY_TYPE.value
    names = select(CatalogueItem.name).where(of, CatalogueItem.id.in_(asked.types))
    return list(await session.scalars(names.order_by(CatalogueItem.position, CatalogueItem.id)))


def company_lines(owner: Company, words: Words) -> list[str]:
    """The header of what is printed [7.15]: the name, the address, how to reach it."""
    named = [
        (N_("Tax code"), owner.tax_code),
        (N_("Phone number"), owner.phone),
        (N_("Email"), owner.email),
    ]
    reached = [f"{words.say(name)}: {value}" for name, value in named if value]
    last = " · ".join([*reached, *([owner.website] if owner.website else [])])
    return [line for line in (owner.name, owner.address, last) if line]


def note(
    session: AsyncSession, user_id: int, report: Report, asked: Asked, form: str, rows: int
) -> None:
    """For the audit: who took out what. The caller commits."""
    told = {"title": report.title, "format": form, "rows": rows, "asked": query_of(asked)}
    audit.note(session, user_id, "report-exported", msgspec.json.encode(told).decode())
