"""Who belongs to a project, what they may do there and in which capacities they act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from common import content, versions
from common.errors import FieldError, ValidationFailed
from journal.services import record
from projects.errors import AlreadyMember, LastOwner
from projects.models import ACCESS, FunctionalRole, Membership, Project, StandingException, StandingRole
from projects.permissions import Action, require
from projects.services.state import lock_unarchived


@transaction.atomic
def add_member(
    *,
    project: Project,
    actor: Actor,
    now: datetime,
    username: str,
    access: Iterable[str],
    functions: Iterable[str] = (),
    team: bool = True,
) -> Membership:
    """Let a person in. Raises ValidationFailed (nobody of that name, no such access or role), AlreadyMember."""
    require(actor, Action.MANAGE_MEMBERS, project)
    project = lock_unarchived(project)
    granted, roles = checked_access(access), checked_roles(functions)
    user = User.objects.active(now.date()).named(username).first()
    if user is None:
        raise ValidationFailed.at("user", "not_found", _("There is nobody of this name."))
    if Membership.objects.filter(project=project, user=user).exists():
        raise AlreadyMember
    member = Membership.objects.create(
        project=project, user=user, team=team, since=now, **granted, **_deciding(None, granted, now)
    )
    _set_roles(member, roles, now)
    record(
        "member.added",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"membership:{member.pk}",
        notify={user.pk: "member"},
        member=user.pk,
        after=_facts(member),
    )
    return member


@transaction.atomic
def update_member(
    *,
    member: Membership,
    actor: Actor,
    now: datetime,
    version: int,
    access: Iterable[str] | None = None,
    functions: Iterable[str] | None = None,
    team: bool | None = None,
) -> Membership:
    """Change a member's access, capacities, place in the team; an inherited member is the project's own from then on.

    Raises VersionMismatch, LastOwner, ValidationFailed.
    """
    require(actor, Action.MANAGE_MEMBERS, member.project)
    lock_unarchived(member.project)
    changes: dict[str, Any] = {} if team is None else {"team": team}
    changes |= {} if access is None else checked_access(access)
    roles = None if functions is None else checked_roles(functions)
    current = Membership.objects.select_related("project", "user").get(pk=member.pk)
    versions.check(current, version)
    if not changes.get("owner", True):
        _keep_an_owner(current)
    before = _facts(current)
    changes |= _deciding(current, changes, now)
    versions.bump(Membership, current.pk, version, standing=None, **changes)
    current.refresh_from_db()
    if roles is not None:
        _set_roles(current, roles, now)
    record(
        "member.updated",
        actor=actor,
        at=now,
        project_id=current.project_id,
        object=f"membership:{current.pk}",
        notify={current.user_id: "member"},
        member=current.user_id,
        before=before,
        after=_facts(current),
    )
    return current


@transaction.atomic
def remove_member(*, member: Membership, actor: Actor, now: datetime, version: int) -> None:
    """Take a person out; what they wrote and decided stays. Raises VersionMismatch, LastOwner.

    A standing role of theirs on a portfolio above leaves this project out from then on.
    """
    require(actor, Action.MANAGE_MEMBERS, member.project)
    lock_unarchived(member.project)
    current = Membership.objects.select_related("project__portfolio").get(pk=member.pk)
    versions.check(current, version)
    _keep_an_owner(current)
    before, user_id, project_id = _facts(current), current.user_id, current.project_id
    current.delete()
    StandingException.objects.bulk_create(
        [
            StandingException(project=current.project, standing=role, made_by=actor.user, made_at=now)
            for role in StandingRole.objects.over(current.project).filter(user=user_id)
        ],
        ignore_conflicts=True,
    )
    record(
        "member.removed",
        actor=actor,
        at=now,
        project_id=project_id,
        object=f"membership:{member.pk}",
        notify={user_id: "member"},
        member=user_id,
        before=before,
    )


def _keep_an_owner(member: Membership) -> None:
    """Under the project's lock, so that two owners cannot leave at once."""
    others = Membership.objects.owners().filter(project=member.project_id, user__is_active=True).exclude(pk=member.pk)
    if member.owner and not others.exists():
        raise LastOwner


def checked_access(access: Iterable[str]) -> dict[str, bool]:
    """The columns of this access. Raises ValidationFailed."""
    given = set(access)
    if not given:
        raise ValidationFailed.at("access", "required", _("Give at least one kind of access."))
    if given - set(ACCESS):
        raise ValidationFailed.at(
            "access", "invalid_choice", _("Access is any of: %(words)s.") % {"words": ", ".join(ACCESS)}
        )
    return {name: name in given for name in ACCESS}


def _deciding(member: Membership | None, access: dict[str, Any], now: datetime) -> dict[str, datetime | None]:
    """Since when the member may decide, for the cooldown of gatekeepers. Who keeps the right keeps its day."""
    if "decide" not in access or (member is not None and member.decide == access["decide"]):
        return {}
    return {"decide_since": now if access["decide"] else None}


def checked_roles(functions: Iterable[str]) -> list[str]:
    """Each role once. Raises ValidationFailed for what the catalogue does not know."""
    roles, known = list(dict.fromkeys(functions)), content.roles()
    wrong = [
        FieldError(f"/functions/{i}", "invalid_choice", _("There is no such role."))
        for i, role in enumerate(roles)
        if role not in known
    ]
    if wrong:
        raise ValidationFailed(errors=wrong)
    return roles


def _set_roles(member: Membership, roles: list[str], now: datetime) -> None:
    """Roles that stay keep their day of naming: the cooldown of gatekeepers counts from it."""
    held = set(member.functions.values_list("role", flat=True))
    member.functions.exclude(role__in=roles).delete()
    FunctionalRole.objects.bulk_create(
        [FunctionalRole(membership=member, role=role, since=now) for role in roles if role not in held]
    )


def _facts(member: Membership) -> dict[str, Any]:
    roles = list(FunctionalRole.objects.filter(membership=member).values_list("role", flat=True))
    return {"access": member.access, "functions": roles, "team": member.team}
