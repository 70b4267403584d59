"""Who may change whose account, and what they may give (pure; FEATURES 15.4, 15.6, 15.9).

Nobody gives more than they have. A superadmin changes every account, others those of agents within
their reach, and none that may do more than they themselves: its password would be theirs to set.
"""

from collections.abc import Collection
from dataclasses import dataclass

from callcenter.errors import N_, Forbidden, Missing
from callcenter.people.directory import Directory, Person
from callcenter.people.models import Role
from callcenter.people.permissions import Permission, Rights
from callcenter.people.rights import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Superior:
    """Whoever administers: `scope` is that of Permission.EMPLOYEES."""

    person: Person
    rights: Rights
    scope: Scope

    @property
    def is_superadmin(self) -> bool:
        return self.person.role is Role.SUPERADMIN

    def sees(self, user: Person) -> bool:
        """Whether the account is in their list."""
        return (
            self.scope.everything
            or user.id == self.person.id
            or user.department_id in self.scope.departments
        )

    def manages(self, user: Person, rights: Rights) -> bool:
        """Whether they may change the account, whose `rights` those are."""
        if self.is_superadmin:
            return True
        return (
            self.sees(user)
            and user.id != self.person.id
            and user.role is Role.AGENT
            and all(rights.reach(each) <= self.rights.reach(each) for each in Permission)
        )

    def check(self, user: Person, rights: Rights) -> None:
        """Raises Missing for an account they do not see, Forbidden for one they may not change."""
        if not self.sees(user):
            raise Missing(NO_SUCH)
        if user.id == self.person.id and not self.is_superadmin:
            raise Forbidden(N_("Your own account is changed by your superior."))
        if not self.manages(user, rights):
            raise Forbidden(N_("Only a superadmin may change this account."))

    @property
    def roles(self) -> list[Role]:
        """Those they may give: team leads and superadmins are made by superadmins [15.4]."""
        return [Role.AGENT, Role.TEAM_LEAD, Role.SUPERADMIN] if self.is_superadmin else [Role.AGENT]

    def departments(self, all_of_them: Collection[int]) -> set[int]:
        """Those they may put somebody into."""
        return set(all_of_them) if self.scope.everything else set(self.scope.departments)


NO_SUCH = N_("There is no such account.")


def reaches(directory: Directory, leader: Person, department_id: int) -> bool:
    """Whether a leader's own department is that one, or above it."""
    mine = leader.department_id
    return mine is not None and department_id in directory.below(mine)


def would_be_a_circle(directory: Directory, department_id: int, parent_id: int | None) -> bool:
    """Whether a department would come to be below itself."""
    return parent_id is not None and parent_id in directory.below(department_id)
