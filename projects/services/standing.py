"""Standing roles: named once on a portfolio, carried out as a membership in every project below (decision 0006)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from common import versions
from common.errors import ValidationFailed
from journal.services import record
from projects.errors import AlreadyStanding, LastOwner, NothingToInherit
from projects.models import (
    ACCESS,
    FunctionalRole,
    Membership,
    Portfolio,
    Project,
    StandingException,
    StandingRole,
)
from projects.models.project import ProjectQuerySet
from projects.permissions import Action, require, require_to_run
from projects.services.members import checked_access, checked_roles
from projects.services.state import lock_unarchived

CARRIED = (*ACCESS, "team", "decide_since", "standing", "version")
Seat = tuple[int, int]


@dataclass(slots=True)
class Synced:
    """The memberships that a change of standing roles made, changed and ended."""

    added: list[Membership] = field(default_factory=list)
    changed: list[Membership] = field(default_factory=list)
    removed: list[Membership] = field(default_factory=list)

    def as_data(self) -> dict[str, int]:
        return {"added": len(self.added), "changed": len(self.changed), "removed": len(self.removed)}


@transaction.atomic
def give_standing_role(
    *,
    portfolio: Portfolio,
    actor: Actor,
    now: datetime,
    username: str,
    access: Iterable[str],
    functions: Iterable[str] = (),
    team: bool = False,
) -> StandingRole:
    """Make a person a member of every project of the portfolio and below, now and later.

    Raises PermissionDenied, HumanSessionRequired, ValidationFailed, AlreadyStanding.
    """
    require_to_run(actor, portfolio)
    granted, roles = checked_access(access), checked_roles(functions)
    hold_trees(portfolio)
    user = User.objects.active(now.date()).named(username).first()
    if user is None:
        raise ValidationFailed.at("user", "not_found", _("There is nobody of this name."))
    if StandingRole.objects.filter(portfolio=portfolio, user=user).exists():
        raise AlreadyStanding
    role = StandingRole.objects.create(portfolio=portfolio, user=user, team=team, functions=roles, since=now, **granted)
    synced = sync(projects=below(portfolio), users=[user.pk], now=now)
    record(
        "standing.given",
        actor=actor,
        at=now,
        object=f"standingrole:{role.pk}",
        notify={user.pk: "standing"},
        member=user.pk,
        portfolio=portfolio.name,
        portfolio_id=portfolio.pk,
        memberships=synced.as_data(),
        after=_facts(role),
    )
    return role


@transaction.atomic
def change_standing_role(
    *,
    role: StandingRole,
    actor: Actor,
    now: datetime,
    version: int,
    access: Iterable[str] | None = None,
    functions: Iterable[str] | None = None,
    team: bool | None = None,
) -> StandingRole:
    """Change what a person is in every project below that inherits it. Raises VersionMismatch, LastOwner and others."""
    require_to_run(actor, role.portfolio)
    changes: dict[str, Any] = {} if team is None else {"team": team}
    changes |= {} if access is None else checked_access(access)
    changes |= {} if functions is None else {"functions": checked_roles(functions)}
    hold_trees(role.portfolio)
    current = StandingRole.objects.select_related("portfolio", "user").get(pk=role.pk)
    before = _facts(current)
    versions.bump(StandingRole, current.pk, version, **changes)
    current.refresh_from_db(fields=["version", *changes])
    synced = sync(projects=below(current.portfolio), users=[current.user_id], now=now)
    record(
        "standing.changed",
        actor=actor,
        at=now,
        object=f"standingrole:{current.pk}",
        notify={current.user_id: "standing"},
        member=current.user_id,
        portfolio=current.portfolio.name,
        portfolio_id=current.portfolio_id,
        memberships=synced.as_data(),
        before=before,
        after=_facts(current),
    )
    return current


@transaction.atomic
def take_standing_role(*, role: StandingRole, actor: Actor, now: datetime, version: int) -> None:
    """End a standing role and the memberships that came from it; those of a project's own stay.

    Where the person also stands on a portfolio above, that role holds again. Raises VersionMismatch, LastOwner.
    """
    require_to_run(actor, role.portfolio)
    hold_trees(role.portfolio)
    current = StandingRole.objects.select_related("portfolio", "user").get(pk=role.pk)
    versions.check(current, version)
    synced = sync(projects=below(current.portfolio), users=[current.user_id], without=current.pk, now=now)
    before, pk = _facts(current), current.pk
    current.delete()
    record(
        "standing.taken",
        actor=actor,
        at=now,
        object=f"standingrole:{pk}",
        notify={current.user_id: "standing"},
        member=current.user_id,
        portfolio=current.portfolio.name,
        portfolio_id=current.portfolio_id,
        memberships=synced.as_data(),
        before=before,
    )


@transaction.atomic
def inherit_member(*, project: Project, username: str, actor: Actor, now: datetime) -> Membership:
    """Give up what the project decided about a person: the nearest standing role holds for them again.

    Raises PermissionDenied, ProjectArchived, NothingToInherit, LastOwner.
    """
    require(actor, Action.MANAGE_MEMBERS, project)
    lock_unarchived(project)
    standing = list(
        StandingRole.objects.over(project).filter(user__username__iexact=username).select_related("portfolio")
    )
    if not standing:
        raise NothingToInherit
    nearest = standing[-1]
    StandingException.objects.filter(project=project, standing__in=standing).delete()
    Membership.objects.filter(project=project, user=nearest.user_id, standing=None).update(
        standing=nearest, version=F("version") + 1
    )
    sync(projects=Project.objects.filter(pk=project.pk), users=[nearest.user_id], now=now)
    member = Membership.objects.select_related("user", "project").get(project=project, user=nearest.user_id)
    record(
        "member.inherited",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"membership:{member.pk}",
        notify={member.user_id: "member"},
        member=member.user_id,
        portfolio=nearest.portfolio.name,
        after=_facts(nearest),
    )
    return member


def below(portfolio: Portfolio) -> ProjectQuerySet:
    """The projects of a portfolio and of those below it."""
    return Project.objects.filter(portfolio__path__startswith=portfolio.path)


def hold_trees(*portfolios: Portfolio | None) -> None:
    """Hold the trees of these portfolios until the transaction ends; before any project's lock, always in one order.

    So a project that starts while a role is given is seen by one of the two.
    """
    roots = {portfolio.line[0] for portfolio in portfolios if portfolio is not None}
    if roots:
        list(Portfolio.objects.filter(pk__in=roots).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def sync(
    *, projects: ProjectQuerySet, now: datetime, users: Collection[int] | None = None, without: int | None = None
) -> Synced:
    """Make the inherited memberships of `projects` what the standing roles above them say, of `users` or everybody.

    A step of the services that record: a fixed number of statements however many projects. The nearest portfolio's
    role wins; what a project decided itself stays. `without` is a role about to end. Raises LastOwner.
    """
    held = projects.order_by("pk").select_for_update(of=("self",)).values_list("pk", "portfolio__path")
    paths = {pk: path or "" for pk, path in held}
    wanted = _wanted(paths, users, without)
    people = {"user__in": users} if users is not None else {}
    rows = {(row.project_id, row.user_id): row for row in Membership.objects.filter(project__in=paths, **people)}
    synced = Synced()
    for seat, role in wanted.items():
        found = rows.get(seat)
        if found is None:
            synced.added.append(
                _carry(Membership(project_id=seat[0], user_id=seat[1], since=now, version=0), role, now)
            )
        elif found.standing_id is not None:
            synced.changed.append(found)
    synced.removed = [row for seat, row in rows.items() if row.standing_id is not None and seat not in wanted]
    kept = {seat for seat, role in wanted.items() if role.owner}
    owned = {row.project_id for seat, row in rows.items() if row.owner and row.standing_id and seat not in kept}
    synced.changed = _written(synced, wanted, now)
    _keep_owners(owned)
    return synced


def _wanted(paths: dict[int, str], users: Collection[int] | None, without: int | None) -> dict[Seat, StandingRole]:
    """The role that holds for each person in each project: the nearest, unless the project took them out of it."""
    above = {int(number) for path in paths.values() for number in path.split("/") if number}
    roles = StandingRole.objects.filter(portfolio__in=above).exclude(pk=without or 0)
    roles = roles if users is None else roles.filter(user__in=users)
    on: dict[int, list[StandingRole]] = {}
    for role in roles:
        on.setdefault(role.portfolio_id, []).append(role)
    out = set(
        StandingException.objects.filter(project__in=paths, standing__in=roles).values_list("project", "standing")
    )
    wanted = {
        (project, role.user_id): role
        for project, path in paths.items()
        for number in path.split("/")
        if number
        for role in on.get(int(number), ())
    }
    return {seat: role for seat, role in wanted.items() if (seat[0], role.pk) not in out}


def _carry(row: Membership, role: StandingRole, now: datetime) -> Membership:
    """Who keeps the right to decide keeps the day of it: the cooldown of gatekeepers counts from there."""
    if role.decide != row.decide:
        row.decide_since = now if role.decide else None
    for name in (*ACCESS, "team"):
        setattr(row, name, getattr(role, name))
    row.standing_id = role.pk
    row.version += 1
    return row


def _written(synced: Synced, wanted: dict[Seat, StandingRole], now: datetime) -> list[Membership]:
    """Write what `synced` names; returns which of the rows that were there changed."""
    roles = _roles_of([*synced.changed])
    moved = []
    for row in synced.changed:
        role = wanted[row.project_id, row.user_id]
        if _differs(row, role, roles.get(row.pk, {})):
            moved.append(_carry(row, role, now))
    Membership.objects.filter(pk__in=[row.pk for row in synced.removed]).delete()
    Membership.objects.bulk_update(moved, CARRIED)
    Membership.objects.bulk_create(synced.added)
    stale, fresh = [], []
    for row in [*moved, *synced.added]:
        functions, has = wanted[row.project_id, row.user_id].functions, roles.get(row.pk, {})
        stale += [pk for key, pk in has.items() if key not in functions]
        fresh += [FunctionalRole(membership=row, role=key, since=now) for key in functions if key not in has]
    FunctionalRole.objects.filter(pk__in=stale).delete()
    FunctionalRole.objects.bulk_create(fresh)
    return moved


def _differs(row: Membership, role: StandingRole, functions: Collection[str]) -> bool:
    same = all(getattr(row, name) == getattr(role, name) for name in (*ACCESS, "team"))
    return not same or row.standing_id != role.pk or set(functions) != set(role.functions)


def _roles_of(rows: Sequence[Membership]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for membership, key, pk in FunctionalRole.objects.filter(membership__in=[row.pk for row in rows]).values_list(
        "membership", "role", "pk"
    ):
        found.setdefault(membership, {})[key] = pk
    return found


def _keep_owners(owned: Collection[int]) -> None:
    """Under the projects' locks: none that lost an owner is left without. Raises LastOwner naming the projects."""
    owners = Membership.objects.owners().filter(project=OuterRef("pk"), user__is_active=True)
    bereft = list(Project.objects.filter(~Exists(owners), pk__in=owned).values_list("key", flat=True)[:20])
    if bereft:
        detail = _("Nobody else owns %(projects)s. Name another owner there first.") % {"projects": ", ".join(bereft)}
        raise LastOwner(detail, projects=bereft)


def _facts(role: StandingRole) -> dict[str, Any]:
    return {"access": role.access, "functions": role.functions, "team": role.team}
