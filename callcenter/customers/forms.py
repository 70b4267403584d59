"""What is typed about a customer, checked field by field."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from callcenter.customers.fields import FIELDS, What, of_kind
from callcenter.customers.models import Kind
from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import N_, Invalid

MOST_PHONES = 10
LENGTHS = {each.name: each.longest for each in FIELDS.values() if each.longest and each.column}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
_CODE = re.compile(r"[\w.\-/]+")

Problems = dict[str, Invalid]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerForm:
    """As typed, without blanks around it. `phones` in their order: the first is the one called.

    Days are dd/mm/yyyy, or whatever was typed instead. `code` "" is given one of ours.
    """

    name: str
    phones: Sequence[str]
    kind: str = Kind.PERSON.value
    code: str = ""
    company: str = ""
    email: str = ""
    fax: str = ""
    website: str = ""
    tax_code: str = ""
    address: str = ""
    registered_address: str = ""
    note: str = ""
    birthday: str = ""
    founded_on: str = ""
    place_id: int | None = None
    source_id: int | None = None
    project_id: int | None = None
    status_id: int | None = None
    group_ids: frozenset[int] = frozenset()
    owner_id: int | None = None
    kept: frozenset[str] = field(default_factory=frozenset)  # numbers it has already, as keys

    @property
    def number_keys(self) -> list[str]:
        return [key_of(phone) for phone in self.phones]

    def keeping(self, keys: Collection[str]) -> "CustomerForm":
        """The same form of a customer who has those numbers: they need not be dialable to stay."""
        return replace(self, kept=frozenset(keys))

    def of(self, name: str) -> object:
        """What stands in the field of that name; None, "" or an empty collection for nothing."""
        return getattr(self, ATTRIBUTES[name])

    def taking(self, name: str, other: "CustomerForm") -> "CustomerForm":
        """The same form with that one field of `other`."""
        attribute = ATTRIBUTES[name]
        return replace(self, **{attribute: getattr(other, attribute)})


ATTRIBUTES = {
    **{each.name: each.column for each in FIELDS.values() if each.column},
    "phone": "phones",
    "groups": "group_ids",
}
_ITEMS = [each for each in FIELDS.values() if each.what in (What.ITEM, What.PLACE)]
_LINES = [each.name for each in FIELDS.values() if each.what is What.TEXT and each.name != "code"]


def tidy(
    values: Mapping[str, str],
    phones: Sequence[str],
    owner_id: int | None,
    base: CustomerForm | None = None,
) -> CustomerForm:
    """A form from raw texts by names of fields; what is missing is as in `base`, or empty.

    Catalogue items and places are ids; groups are ids with commas between.
    """
    form = base or CustomerForm(name="", phones=())
    texts = {
        name: text.replace("\r\n", "\n").replace("\0", "").strip() for name, text in values.items()
    }
    changes: dict[str, object] = {
        name: " ".join(texts[name].split()) for name in _LINES if name in texts
    }
    if "code" in texts:
        changes["code"] = "".join(texts["code"].split()).upper()
    if "email" in texts:
        changes["email"] = texts["email"].lower()  # so that two spellings are one address
    if "note" in texts:
        changes["note"] = texts["note"]
    if texts.get("kind") in set(Kind):
        changes["kind"] = texts["kind"]
    for name in ("birthday", "founded_on"):
        if name in texts:
            changes[name] = day_text(texts[name])
    for each in _ITEMS:
        if each.name in texts:
            changes[each.column] = _id(texts[each.name])
    if "groups" in texts:
        ids = (_id(text) for text in texts["groups"].split(","))
        changes["group_ids"] = frozenset(each for each in ids if each)
    changes["phones"] = [phone.replace("\0", "").strip() for phone in phones if phone.strip()]
    return replace(form, owner_id=owner_id, **changes)  # type: ignore[arg-type]  # by their names


def problems(form: CustomerForm, required: Collection[str] = ("name", "phone")) -> Problems:
    """What must be put right, by field; a phone's field is "phone-0", "phone-1", …"""
    found: Problems = {}
    for each in of_kind(form.kind):
        if each.name in required and not form.of(each.name):
            name = "phone-0" if each.name == "phone" else each.name
            found[name] = Invalid(_MISSING.get(name, N_("This must be filled in.")), field=name)
    if form.email and not _EMAIL.fullmatch(form.email):
        found["email"] = Invalid(N_("This is not an email address."), field="email")
    if form.code and not _CODE.fullmatch(form.code):
        found["code"] = Invalid(
            N_("A code has letters, digits, dots, dashes and slashes only."), field="code"
        )
    for name in ("birthday", "founded_on"):
        if problem := _day_problem(name, getattr(form, name)):
            found[name] = problem
    for name, longest in LENGTHS.items():
        if len(getattr(form, name)) > longest:
            found[name] = Invalid(N_("Too long: {n} letters at most."), field=name, n=longest)
    seen: set[str] = set()
    for place, phone in enumerate(form.phones):
        if trouble := _phone_problem(form, place, phone, seen):
            found[f"phone-{place}"] = trouble
        seen.add(key_of(phone))
    return found


_MISSING = {"name": N_("Enter a name."), "phone-0": N_("Enter a phone number.")}


def day_of(text: str) -> date | None:
    """21/11/1990 (or with dots or dashes), or 1990-11-21; None for nothing. Raises ValueError."""
    if not text:
        return None
    if found := _DAY.fullmatch(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return date.fromisoformat(text)


def day_text(day: date | str | None) -> str:
    """As it stands in a form, 21/11/1990; what is no day comes back as it was typed."""
    try:
        found = day_of(day) if isinstance(day, str) else day
    except ValueError:
        return str(day)
    return f"{found.day:02}/{found.month:02}/{found.year:04}" if found else ""


def _day_problem(name: str, text: str) -> Invalid | None:
    try:
        found = day_of(text)
    except ValueError:
        return Invalid(N_("“{word}” is not a day."), field=name, word=text[:40])
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # today, somewhere
    if found and not date(1800, 1, 1) <= found <= tomorrow:
        return Invalid(N_("This day cannot be right."), field=name)
    return None


def _phone_problem(form: CustomerForm, place: int, phone: str, seen: set[str]) -> Invalid | None:
    name = f"phone-{place}"
    if place >= MOST_PHONES:
        return Invalid(N_("{n} numbers at most."), field=name, n=MOST_PHONES)
    if (key := key_of(phone)) in seen:
        return Invalid(N_("This number stands here twice."), field=name)
    if key in form.kept:
        return None
    try:
        dialable(phone)
    except Invalid as error:
        return Invalid(error.sentence, field=name, **error.values)
    return None


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
