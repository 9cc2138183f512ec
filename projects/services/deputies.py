"""Who votes in someone's place for some days; named and taken back by the two people themselves."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actor import Actor, require_human
from common import versions
from common.errors import PermissionDenied, ValidationFailed
from journal.services import record
from projects.errors import DeputyAlreadyNamed, DeputyIsOver, NoVoteToHandOver
from projects.models import Deputy, Membership, Project
from projects.permissions import Action, require
from projects.services.days import day_of
from projects.services.state import lock_unarchived

LONGEST = timedelta(days=366)


@transaction.atomic
def name_deputy(
    *,
    project: Project,
    actor: Actor,
    deputy: str,
    starts_on: date,
    ends_on: date,
    reason: str = "",
    now: datetime,
) -> Deputy:
    """Let another member vote in one's place from one day to another, both included.

    Only one's own vote passes on, never that of a person one stands in for oneself; one deputy at a time.
    Raises HumanSessionRequired, NoVoteToHandOver, DeputyAlreadyNamed, ProjectArchived; ValidationFailed for a person
    who could not serve, and for days that end before they start, are over or span more than a year.
    """
    require_human(actor)
    require(actor, Action.SNOOZE, project)
    project = lock_unarchived(project)
    if not Membership.objects.filter(project=project, user=actor.person, decide=True).exists():
        raise NoVoteToHandOver
    _check_days(starts_on, ends_on, earliest=min(day_of(actor, now), now.date()))
    member = _who_can_serve(project, actor, deputy)
    those_days = Deputy.objects.filter(project=project, ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if those_days.filter(user=actor.person).exists():
        raise DeputyAlreadyNamed
    if those_days.filter(user=member.user_id).exists():
        raise ValidationFailed.at(
            "deputy", "invalid_choice", _("This person has a deputy of their own on some of these days.")
        )
    named = Deputy.objects.create(
        project=project,
        user=actor.person,
        deputy=member.user,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        named_at=now,
    )
    record(
        "deputy.named",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"deputy:{named.pk}",
        notify={member.user_id: "deputy", named.user_id: "principal"},
        member=named.user_id,
        deputy=member.user_id,
        since=starts_on.isoformat(),
        until=ends_on.isoformat(),
        reason=reason,
    )
    return named


@transaction.atomic
def end_deputy(*, deputy: Deputy, actor: Actor, version: int, now: datetime) -> Deputy:
    """Take a deputy back before their days are over, or decline to be one.

    A vote given in the other's place speaks for them no more once the round is looked at again.
    Raises HumanSessionRequired, PermissionDenied for anybody but the two, DeputyIsOver, VersionMismatch.
    """
    require_human(actor)
    may_end(deputy, actor)
    lock_unarchived(deputy.project)
    deputy = Deputy.objects.select_related("project", "user", "deputy").get(pk=deputy.pk)
    versions.check(deputy, version)
    if deputy.ended_at is not None or deputy.ends_on < now.date():
        raise DeputyIsOver
    versions.bump(Deputy, deputy.pk, version, ended_at=now)
    deputy.refresh_from_db(fields=["ended_at", "version"])
    record(
        "deputy.ended",
        actor=actor,
        at=now,
        project_id=deputy.project_id,
        object=f"deputy:{deputy.pk}",
        notify={deputy.deputy_id: "deputy", deputy.user_id: "principal"},
        member=deputy.user_id,
        deputy=deputy.deputy_id,
    )
    return deputy


def may_end(deputy: Deputy, actor: Actor) -> None:
    """Only the two people themselves. Raises PermissionDenied."""
    if actor.user_id not in (deputy.user_id, deputy.deputy_id):
        raise PermissionDenied(_("Only the person and their deputy end this."))


def _check_days(starts_on: date, ends_on: date, *, earliest: date) -> None:
    if ends_on < starts_on:
        raise ValidationFailed.at("ends_on", "end_before_start", _("The last day is the first one or later."))
    if starts_on < earliest:
        raise ValidationFailed.at("starts_on", "out_of_range", _("A deputy starts today or later."))
    if ends_on - starts_on > LONGEST:
        raise ValidationFailed.at("ends_on", "out_of_range", _("A deputy serves for a year at most."))


def _who_can_serve(project: Project, actor: Actor, username: str) -> Membership:
    """A member who does more than read. Raises ValidationFailed."""
    more_than_reads = Q(owner=True) | Q(contribute=True) | Q(decide=True)
    found = Membership.objects.filter(more_than_reads, project=project, user__is_active=True)
    member = found.filter(user__username__iexact=username).select_related("user").first()
    if member is None:
        raise ValidationFailed.at(
            "deputy", "not_found", _("A deputy is a member of the project who does more than read.")
        )
    if member.user_id == actor.user_id:
        raise ValidationFailed.at("deputy", "invalid_choice", _("Nobody is their own deputy."))
    return member
