"""What is typed about an account, checked field by field."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from callcenter.customers.numbers import dialable
from callcenter.errors import N_, CallcenterError, Conflict, Invalid
from callcenter.people.models import Role, User
from callcenter.staff.mobile import mobile_number

LENGTHS = {"name": 200, "username": 64, "mobile": 64, "phone": 64, "email": 200, "birthday": 10}
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})")
LANGUAGES = ("vi", "en")
RINGS = ("browser", "desk", "mobile")  # which phone; the first unless another is chosen

Problems = dict[str, CallcenterError]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """As typed, without blanks around it; "" is nothing chosen. `groups` and `skills` are ids."""

    name: str = ""
    username: str = ""
    role: str = Role.AGENT.value
    department: str = ""
    extension: str = ""
    rings: str = RINGS[0]
    mobile: str = ""
    phone: str = ""
    email: str = ""
    birthday: str = ""
    employee_type: str = ""
    language: str = "vi"
    groups: frozenset[int] = field(default_factory=frozenset)
    skills: frozenset[int] = field(default_factory=frozenset)

    @property
    def department_id(self) -> int | None:
        return number(self.department)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What may be chosen, besides what the account has already."""

    roles: Collection[Role]
    departments: Collection[int]
    extensions: range
    employee_types: Collection[int]
    own_numbers: Collection[str] = ()


def tidy(
    given: Mapping[str, str], groups: Collection[str] = (), skills: Collection[str] = ()
) -> AccountForm:
    """A form from raw texts; missing ones are empty, or the default."""

    def text(name: str) -> str:
        return " ".join(given.get(name, "").replace("\0", "").split())

    return AccountForm(
        name=text("name"),
        username=text("username").lower(),
        role=text("role") or Role.AGENT.value,
        department=text("department"),
        extension=text("extension"),
        rings=text("rings") if text("rings") in RINGS else RINGS[0],
        mobile=text("mobile") or (text("phone") if text("rings") == "mobile" else ""),
        phone=text("phone"),
        email=text("email"),
        birthday=text("birthday"),
        employee_type=text("employee_type"),
        language=text("language") if text("language") in LANGUAGES else LANGUAGES[0],
        groups=frozenset(found for each in groups if (found := number(each)) is not None),
        skills=frozenset(found for each in skills if (found := number(each)) is not None),
    )


def of(user: User, groups: Collection[int], skills: Collection[int] = ()) -> AccountForm:
    """The form as it stands in the tables."""
    return AccountForm(
        name=user.name,
        username=user.username,
        role=user.role,
        department=str(user.department_id or ""),
        extension=user.extension or "",
        rings=user.rings,
        mobile=user.mobile,
        phone=user.phone,
        email=user.email,
        birthday=f"{user.birthday:%d/%m/%Y}" if user.birthday else "",
        employee_type=str(user.employee_type_id or ""),
        language=user.language,
        groups=frozenset(groups),
        skills=frozenset(skills),
    )


def problems(
    form: AccountForm, choices: Choices, today: date, had: AccountForm | None = None
) -> Problems:
    """What must be put right, by field; what an account has already may stay as it is."""
    had = had or AccountForm(role="", language="")
    found: Problems = {}

    def wrong(name: str, sentence: str, **values: object) -> None:
        found.setdefault(name, Invalid(sentence, name, **values))

    for name, longest in LENGTHS.items():
        if len(getattr(form, name)) > longest:
            wrong(name, N_("Too long: {n} letters at most."), n=longest)
    if not form.name:
        wrong("name", N_("Enter a name."))
    if form.username != had.username and not USERNAME.fullmatch(form.username):
        wrong("username", N_("A username is made of a–z, 0–9, dot, dash and underscore."))
    if form.email and not EMAIL.fullmatch(form.email):
        wrong("email", N_("This is not an email address."))
    for name, problem in (
        _phone(form, had),
        _mobile(form, choices),
        _birthday(form, today),
        _extension(form, had, choices),
    ):
        if problem:
            found.setdefault(name, problem)
    found |= {name: each for name, each in _chosen(form, had, choices).items() if name not in found}
    return found


def birthday(text: str, today: date) -> date | None:
    """dd/mm/yyyy as people type it, with any separator; None for nothing. Raises Invalid."""
    if not text:
        return None
    typed = _DAY.fullmatch(text)
    try:
        day = date(int(typed[3]), int(typed[2]), int(typed[1])) if typed else _iso(text)
    except ValueError as error:
        sentence = N_("“{word}” is not a day. Write it like 21/11/1990.")
        raise Invalid(sentence, "birthday", word=text[:40]) from error
    if day.year < 1900 or day >= today:
        raise Invalid(N_("A birthday lies in the past."), "birthday")
    return day


def number(text: str) -> int | None:
    """An id as a form sends it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _iso(text: str) -> date:
    if len(text) != 10:  # 19901121 as well is ISO, and more likely a slip
        raise ValueError(text)
    return date.fromisoformat(text)


def _phone(form: AccountForm, had: AccountForm) -> tuple[str, Invalid | None]:
    if not form.phone or form.phone == had.phone:
        return "phone", None
    try:
        dialable(form.phone)
    except Invalid as error:
        return "phone", Invalid(error.sentence, "phone", **error.values)
    return "phone", None


def _mobile(form: AccountForm, choices: Choices) -> tuple[str, Invalid | None]:
    if not form.mobile and form.rings != "mobile":
        return "mobile", None
    try:
        mobile_number(form.mobile, choices.own_numbers)
    except Invalid as error:
        return "mobile", error
    return "mobile", None


def _birthday(form: AccountForm, today: date) -> tuple[str, Invalid | None]:
    try:
        birthday(form.birthday, today)
    except Invalid as error:
        return "birthday", error
    return "birthday", None


def _extension(
    form: AccountForm, had: AccountForm, choices: Choices
) -> tuple[str, CallcenterError | None]:
    if not form.extension or form.extension == had.extension:
        return "extension", None
    given = number(form.extension)
    if given in choices.extensions and form.extension == str(given):
        return "extension", None
    sentence = N_("Extensions are from {first} to {last}.")
    first, last = choices.extensions[0], choices.extensions[-1]
    return "extension", Invalid(sentence, "extension", first=first, last=last)


def _chosen(form: AccountForm, had: AccountForm, choices: Choices) -> Problems:
    found: Problems = {}
    if form.role != had.role and form.role not in choices.roles:
        found["role"] = Conflict(N_("You cannot give this role."))
    if form.department and form.department != had.department:
        if form.department_id not in choices.departments:
            found["department"] = Conflict(N_("This department is not among yours."))
    elif not form.department and form.role == Role.AGENT:
        found["department"] = Invalid(N_("Choose the department the agent works in."), "department")
    is_new = form.employee_type not in ("", had.employee_type)
    if is_new and number(form.employee_type) not in choices.employee_types:
        found["employee_type"] = Conflict(N_("This employee type does not exist any more."))
    return found
