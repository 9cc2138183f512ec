"""Who is told about what is due in a project. One query for all projects of a tick."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lifecycle.models.definition import ANY
from projects.models import Membership

# From how many days over due the owners are told too, and then the sponsor.
OWNERS_FROM, SPONSOR_FROM = 3, 10


@dataclass(slots=True)
class People:
    """The active members of one project by what they are to it; ids in the order in which they joined."""

    owners: list[int] = field(default_factory=list)
    sponsors: list[int] = field(default_factory=list)
    deciders: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def gatekeepers(self, roles: Iterable[str]) -> list[int]:
        """Who may vote in a round that offers these roles (`any`: whoever may decide)."""
        return list(dict.fromkeys(user for role in roles for user in self.deciders.get(role, ())))

    def told(self, first: Mapping[int, str], offset: int) -> dict[int, str]:
        """Recipients with the reason why: those it is about, and with the days over due those above them."""
        late = self.owners if offset >= OWNERS_FROM else []
        later = self.sponsors if offset >= SPONSOR_FROM else []
        return {**dict.fromkeys([*late, *later], "escalation"), **first}


def people_of(projects: Iterable[int]) -> dict[int, People]:
    """By project id; a project without active members reads as empty."""
    found: dict[int, People] = defaultdict(People)
    rows = Membership.objects.filter(project__in=set(projects), user__is_active=True).order_by("pk")
    for project, user, owner, decide, role in rows.values_list(
        "project_id", "user_id", "owner", "decide", "functions__role"
    ):
        people = found[project]
        if owner and user not in people.owners:
            people.owners.append(user)
        if role == "sponsor":
            people.sponsors.append(user)
        if decide:
            for seat in filter(None, (ANY, role)):
                people.deciders[seat].append(user)
    return found
