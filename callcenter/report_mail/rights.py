"""Who may have reports sent, and to whom. Asked when a schedule is set, when it is due, and right
before each of its letters goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import N_, CallcenterError, Forbidden, Invalid
from callcenter.mail.server import is_address
from callcenter.people.directory import Directory, Person
from callcenter.people.models import Role, User
from callcenter.people.permissions import Permission
from callcenter.report_mail.models import ReportCopy, ReportMail
from callcenter.reports.frame import Report


@dataclass(frozen=True, slots=True)
class Recipient:
    """`problem`: why they get nothing. `user_id` is None of an address outside."""

    user_id: int | None
    name: str
    address: str
    problem: CallcenterError | None = None


def owner_of(directory: Directory, mail: ReportMail, report: Report) -> Person:
    """The schedule's owner, as long as they may take that report out. Raises Forbidden in words."""
    person, known = directory.person(mail.user_id), directory.known(mail.user_id)
    name = known.name if known else "?"
    if person is None:
        raise Forbidden(N_("{name}, who set this schedule, has left: nothing is sent."), name=name)
    rights = directory.rights_of(person)
    if not all(map(rights.may, (Permission.EXPORT, report.needs, report.files))):
        raise Forbidden(
            N_("{name}, who set this schedule, may no longer export this report: nothing is sent."),
            name=name,
        )
    return person


def may_write_outside(person: Person) -> bool:
    """Whether to addresses that are no user's: what is sent there leaves the company."""
    return person.role is Role.SUPERADMIN


async def colleagues(
    session: AsyncSession, directory: Directory, person: Person
) -> list[tuple[Person, str]]:
    """To whom that person may send reports, with their addresses ("", and last: none that is
    one): whose work they may see, and superadmins, who see everything anyway."""
    within = directory.within(directory.scope_of(person, Permission.REPORTS))
    seen = {each.id for each in within}
    found = [each for each in directory.people() if each.id in seen or each.role is Role.SUPERADMIN]
    rows = await session.execute(select(User.id, User.email).where(User.active))
    addresses = {id: email for id, email in rows if is_address(email)}
    listed = [(each, addresses.get(each.id, "")) for each in found]
    return sorted(listed, key=lambda pair: not pair[1])


async def recipients(
    session: AsyncSession, directory: Directory, owner: Person, mail: ReportMail
) -> list[Recipient]:
    """Who gets it now, and who of those that were chosen does not, with the reason."""
    seen = await colleagues(session, directory, owner)
    there = {each.id: (each, address) for each, address in seen}
    found: list[Recipient] = []
    for user_id in ids_of(mail):
        known = directory.known(user_id)
        person, address = there.get(user_id, (None, ""))
        name = known.name if known else "?"
        if person is None:
            sentence = N_("{owner} may not send reports to {name}.")
            problem = Invalid(sentence, owner=owner.name, name=name)
            found.append(Recipient(user_id, name, address, problem))
        elif not address:
            problem = Invalid(N_("{name} has no email address in their account."), name=name)
            found.append(Recipient(user_id, name, address, problem))
        else:
            found.append(Recipient(user_id, name, address))
    may = may_write_outside(owner)
    outside = Forbidden(N_("Only superadmins send to addresses outside the company."))
    found += [Recipient(None, "", each, None if may else outside) for each in addresses_of(mail)]
    return found


def as_now(found: Sequence[Recipient], copy: ReportCopy) -> Recipient:
    """Whoever was to get that copy, as `recipients` has found them now. One who got it as a
    colleague is looked for by that: their address may have been put right."""
    for each in found:
        if copy.user_id and each.user_id == copy.user_id:
            return each
        if not copy.user_id and each.address.lower() == copy.address.lower():
            return each
    sentence = N_("{name} is no longer among the recipients of this schedule.")
    problem = Invalid(sentence, name=copy.name or copy.address)
    return Recipient(copy.user_id, copy.name, copy.address, problem)


def ids_of(mail: ReportMail) -> list[int]:
    return [int(each) for each in mail.people.split(",") if each]


def addresses_of(mail: ReportMail) -> Sequence[str]:
    return mail.addresses.split()
