"""Who reads a gate's page: their rights, their place among the members, all read in two queries."""

from dataclasses import dataclass

from accounts.actor import Actor
from lifecycle.selectors.seats import Member, members_of
from projects.models import Project
from projects.permissions import Action, rights


@dataclass(frozen=True, slots=True)
class Reader:
    """`member` is None for who reads without belonging to the project."""

    actor: Actor
    member: Member | None
    members: tuple[Member, ...]
    rights: frozenset[Action]


def reader_of(actor: Actor, project: Project) -> Reader:
    members = tuple(members_of(project))
    member = next((one for one in members if one.user_id == actor.user_id), None)
    own = (member.access, frozenset(member.named)) if member else (frozenset[str](), frozenset[str]())
    return Reader(actor, member, members, rights(actor, project, own=own))
