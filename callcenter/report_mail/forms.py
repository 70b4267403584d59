"""What is typed about a schedule, read. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from multidict import MultiMapping

from callcenter.errors import N_, Invalid
from callcenter.mail.server import is_address
from callcenter.pages.language import LANGUAGES
from callcenter.report_files.forms import FORMS
from callcenter.report_mail.models import ReportMail
from callcenter.report_mail.rights import addresses_of, ids_of
from callcenter.report_mail.times import Every, rhythm_of

MOST: Final = 50  # recipients
NEW: Final = {"every": Every.DAY, "clock": "07:30", "month_day": "1", "format": "xlsx"}


@dataclass(slots=True)
class Typed:
    """As the form shows it, and again when something must be put right."""

    texts: dict[str, str]
    weekdays: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)


def typed(given: MultiMapping[object]) -> Typed:
    names = ("view", "every", "clock", "month_day", "format", "language")
    texts = {name: str(given.get(name, ""))[:100] for name in names}
    texts["addresses"] = str(given.get("addresses", ""))[:20_000].replace("\0", "")
    weekdays = {str(each) for each in given.getall("weekday", [])}
    return Typed(texts, weekdays, {str(each) for each in given.getall("person", [])})


def shown(mail: ReportMail) -> Typed:
    rhythm = rhythm_of(mail)
    texts = {
        "view": str(mail.view_id),
        "every": mail.every,
        "clock": rhythm.clock,
        "month_day": str(mail.month_day),
        "format": mail.format,
        "language": mail.language,
        "addresses": "\n".join(addresses_of(mail)),
    }
    return Typed(texts, {str(each) for each in rhythm.weekdays}, {str(i) for i in ids_of(mail)})


def fill(
    mail: ReportMail,
    form: Typed,
    views: Collection[int],
    colleagues: Collection[int],
    *,
    outside: bool,
) -> Mapping[str, Invalid]:
    """Write what was typed into `mail`; what must be put right, by field, when it says something.

    `views` and `colleagues` are those there are to choose, `outside` whether other addresses may
    be typed.
    """
    problems: dict[str, Invalid] = {}
    texts = form.texts
    _rhythm(mail, form, problems)
    if texts["view"] not in {str(each) for each in views}:
        problems["view"] = Invalid(N_("Choose a view."), field="view")
    if texts["format"] not in FORMS:
        problems["format"] = Invalid(N_("Choose a kind of file."), field="format")
    if texts["language"] not in LANGUAGES:
        problems["language"] = Invalid(N_("Choose a language."), field="language")
    people = sorted(each for each in colleagues if str(each) in form.people)
    if form.people - {str(each) for each in people}:
        problems["person"] = Invalid(N_("Choose recipients from the list."), field="person")
    pieces = re.split(r"[\s,;]+", texts["addresses"]) if outside else []
    addresses = [each for each in dict.fromkeys(pieces) if each]
    if wrong := next((each for each in addresses if not is_address(each)), ""):
        sentence = N_("“{text}” is not an email address.")
        problems["addresses"] = Invalid(sentence, field="addresses", text=wrong[:100])
    if len(people) + len(addresses) > MOST:
        sentence = N_("At most {n} recipients.")
        problems["person"] = Invalid(sentence, field="person", n=MOST)
    if not people and not addresses and "person" not in problems:
        problems["person"] = Invalid(N_("Choose who gets it."), field="person")
    if not problems:
        mail.view_id = int(texts["view"])
        mail.format, mail.language = texts["format"], texts["language"]
        mail.people = ",".join(map(str, people))
        mail.addresses = "\n".join(addresses)
    return problems


def _rhythm(mail: ReportMail, form: Typed, problems: dict[str, Invalid]) -> None:
    texts = form.texts
    clock = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", texts["clock"])
    days = sorted(each for each in form.weekdays if re.fullmatch("[0-6]", each))
    month_day = texts["month_day"] if re.fullmatch("[0-9]{1,2}", texts["month_day"]) else "0"
    if texts["every"] not in set(Every):
        problems["every"] = Invalid(N_("Choose how often."), field="every")
    if clock is None:
        problems["clock"] = Invalid(N_("A time like 07:30, please."), field="clock")
    if texts["every"] == Every.WEEK and not days:
        problems["weekday"] = Invalid(N_("Choose a day of the week."), field="weekday")
    if texts["every"] == Every.MONTH and not 1 <= int(month_day) <= 31:
        sentence = N_("A whole number from {least} to {most}, please.")
        problems["month_day"] = Invalid(sentence, field="month_day", least=1, most=31)
    if clock and not problems:
        mail.every, mail.minute = texts["every"], int(clock[1]) * 60 + int(clock[2])
        mail.weekdays = ",".join(days) if mail.every == Every.WEEK else ""
        mail.month_day = int(month_day) if mail.every == Every.MONTH else 1
