"""Who belongs to a project, those who decide its current gate first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import Stage
from lifecycle.models.definition import ANY, GateRules
from projects.models import Membership


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    roles: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class People:
    title: str
    deciders: tuple[Person, ...]
    team: tuple[Person, ...]
    others: int
    count: int


def people_of(members: Sequence[Membership], stage: Stage | None, level: str) -> People:
    """`members` come with their users and functions."""
    rules = stage.definition.rules.get(level) if stage else None
    deciding = [member for member in members if rules and _decides(member, rules)]
    must = rules.must_include if rules else ()
    deciding.sort(key=lambda member: (not set(member.roles) & set(must), member.pk))
    team = [member for member in members if member.team and member not in deciding]
    team.sort(key=lambda member: (not member.owner, member.pk))
    return People(
        title=_title(stage, rules) if stage and rules else "",
        deciders=tuple(_person(one, _("required") if set(one.roles) & set(must) else "") for one in deciding),
        team=tuple(_person(one, _("owner") if one.owner else "") for one in team),
        others=len(members) - len(deciding) - len(team),
        count=len(members),
    )


def _decides(member: Membership, rules: GateRules) -> bool:
    return member.decide and (ANY in rules.deciders or bool(set(member.roles) & set(rules.deciders)))


def _title(stage: Stage, rules: GateRules) -> str:
    votes = ngettext("%(n)s vote", "%(n)s votes", rules.quorum) % {"n": rules.quorum}
    words = {"n": stage.position, "votes": votes, "roles": _(" and ").join(map(role_name, rules.must_include))}
    if not rules.must_include:
        return _("Decide Gate %(n)s: %(votes)s") % words
    return _("Decide Gate %(n)s: %(votes)s, %(roles)s among them") % words


def _person(member: Membership, mark: str) -> Person:
    return Person(member.user.display_name, ", ".join(map(role_name, member.roles)), mark)
