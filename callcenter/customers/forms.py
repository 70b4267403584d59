"""What is typed about a customer, checked field by field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from callcenter.customers.numbers import dialable, key_of
from callcenter.errors import N_, Invalid

MOST_PHONES = 10
LENGTHS = {"name": 200, "company": 200, "email": 200, "address": 300, "note": 10_000}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Problems = dict[str, Invalid]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerForm:
    """As typed, without blanks around it. `phones` in their order: the first is the one called."""

    name: str
    phones: Sequence[str]
    company: str = ""
    email: str = ""
    address: str = ""
    note: str = ""
    owner_id: int | None = None
    kept: frozenset[str] = field(default_factory=frozenset)  # numbers it has already, as keys

    @property
    def number_keys(self) -> list[str]:
        return [key_of(phone) for phone in self.phones]

    def keeping(self, keys: Sequence[str]) -> "CustomerForm":
        """The same form of a customer who has those numbers: they need not be dialable to stay."""
        return replace(self, kept=frozenset(keys))


def tidy(values: Mapping[str, str], phones: Sequence[str], owner_id: int | None) -> CustomerForm:
    """A form from raw texts; missing ones are empty."""

    def text(name: str) -> str:
        return values.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()

    return CustomerForm(
        name=" ".join(text("name").split()),
        phones=[phone.strip() for phone in phones if phone.strip()],
        company=" ".join(text("company").split()),
        email=text("email"),
        address=" ".join(text("address").split()),
        note=text("note"),
        owner_id=owner_id,
    )


def problems(form: CustomerForm) -> Problems:
    """What must be put right, by field; a phone's field is "phone-0", "phone-1", …"""
    found: Problems = {}
    if not form.name:
        found["name"] = Invalid(N_("Enter a name."), field="name")
    if not form.phones:
        found["phone-0"] = Invalid(N_("Enter a phone number."), field="phone-0")
    if form.email and not _EMAIL.fullmatch(form.email):
        found["email"] = Invalid(N_("This is not an e-mail address."), field="email")
    for name, longest in LENGTHS.items():
        if len(getattr(form, name)) > longest:
            found[name] = Invalid(N_("Too long: {n} letters at most."), field=name, n=longest)
    seen: set[str] = set()
    for place, phone in enumerate(form.phones):
        if problem := _phone_problem(form, place, phone, seen):
            found[f"phone-{place}"] = problem
        seen.add(key_of(phone))
    return found


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
