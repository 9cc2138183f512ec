from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from common import versions
from common.errors import PermissionDenied, ValidationFailed
from journal.services import record
from lifecycle.criteria import CheckState
from lifecycle.criteria.readiness import find
from lifecycle.errors import ConditionClosed
from lifecycle.models import Condition, ConditionState, Stage
from lifecycle.selectors import gather
from projects.errors import ProjectArchived
from projects.models import Action as Owed
from projects.models import ProjectState
from projects.permissions import Action, require
from projects.services import close_action, lock_unarchived


@transaction.atomic
def propose_condition(*, condition: Condition, actor: Actor, version: int, now: datetime) -> Condition:
    """Say that a condition is fulfilled; a gatekeeper closes it. Raises ConditionClosed, VersionMismatch."""
    project = condition.review.stage.project
    if condition.action.owner_id != actor.user_id:
        require(actor, Action.WORK, project)
    lock_unarchived(project)
    condition = _standing(condition, version)
    Condition.objects.filter(pk=condition.pk).update(state=ConditionState.PROPOSED, version=version + 1)
    condition.refresh_from_db()
    record(
        "condition.proposed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"condition:{condition.pk}",
        notify={condition.set_by_id: "set_by"},
        text=condition.action.text,
    )
    return condition


@transaction.atomic
def close_condition(*, condition: Condition, actor: Actor, version: int, now: datetime) -> Condition:
    """A gatekeeper finds a condition fulfilled. Nobody closes their own.

    Raises ConditionClosed, VersionMismatch, PermissionDenied.
    """
    project = condition.review.stage.project
    require(actor, Action.WAIVE, project)
    if condition.action.owner_id == actor.user_id:
        raise PermissionDenied(_("You owe this condition, so another gatekeeper closes it."))
    lock_unarchived(project)
    condition = end_condition(_standing(condition, version), ConditionState.MET, by=actor.user, now=now)
    record(
        "condition.met",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"condition:{condition.pk}",
        notify={condition.action.owner_id: "owner"},
        text=condition.action.text,
    )
    return condition


@transaction.atomic
def extend_condition(
    *, condition: Condition, actor: Actor, until: date, reason: str, version: int | None = None, now: datetime
) -> Condition:
    """Give a condition more time: a gatekeeper's decision, with its reason. `version` None takes it as it is.

    Raises ConditionClosed, PermissionDenied, ValidationFailed, VersionMismatch.
    """
    project = condition.review.stage.project
    require(actor, Action.WAIVE, project)
    if condition.action.owner_id == actor.user_id:
        raise PermissionDenied(_("You owe this condition, so another gatekeeper extends it."))
    if until < now.date():
        raise ValidationFailed.at("until", "out_of_range", _("A condition is due today or later."))
    lock_unarchived(project)
    condition = _standing(condition, version)
    before = condition.action.due_on
    Owed.objects.filter(pk=condition.action_id).update(due_on=until, version=F("version") + 1)
    Condition.objects.filter(pk=condition.pk).update(version=F("version") + 1)
    condition.refresh_from_db()
    record(
        "condition.extended",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"condition:{condition.pk}",
        notify={condition.action.owner_id: "owner"},
        reason=reason,
        before=before.isoformat(),
        after=until.isoformat(),
        text=condition.action.text,
    )
    return condition


def settle_conditions(*, now: datetime) -> int:
    """Close the conditions whose check is met by now. For the tick.

    What they say is derived anyway; this writes it down. One gathering of facts, however many conditions stand.
    """
    named = Condition.objects.standing().exclude(check_key="")
    named = named.exclude(review__stage__process__project__state=ProjectState.ARCHIVED)
    processes = named.values("review__stage__process")
    stages = {stage.process_id: stage for stage in Stage.objects.newest().with_process().filter(process__in=processes)}
    if not stages:
        return 0
    met = set()
    for facts in gather(list(stages.values()), today=now.date()).values():
        met |= {
            (facts.process_id, check.key)
            for check in facts.deferred_checks
            if find(check, facts).state == CheckState.MET
        }
    rows = named.select_related("review__stage__process__project").order_by("pk")
    return sum(_settle(condition=row, now=now) for row in rows if (row.review.stage.process_id, row.check_key) in met)


@transaction.atomic
def _settle(*, condition: Condition, now: datetime) -> bool:
    try:
        project = lock_unarchived(condition.review.stage.project)
        condition = end_condition(_standing(condition, None), ConditionState.MET, by=None, now=now)
    except (ConditionClosed, ProjectArchived):
        # A gatekeeper was faster, or somebody put the project away.
        return False
    record(
        "condition.met",
        actor=Actor.system(),
        at=now,
        project_id=project.pk,
        object=f"condition:{condition.pk}",
        notify={condition.set_by_id: "set_by"},
        text=condition.action.text,
    )
    return True


def _standing(condition: Condition, version: int | None) -> Condition:
    fresh = Condition.objects.select_related("action", "review__stage__process__project").get(pk=condition.pk)
    if fresh.closed_at is not None:
        raise ConditionClosed
    if version is not None:
        versions.check(fresh, version)
    return fresh


def end_condition(condition: Condition, state: ConditionState, *, by: User | None, now: datetime) -> Condition:
    """End a standing condition and the action that is owed by it; a step of services that hold the project's lock."""
    Condition.objects.filter(pk=condition.pk).update(state=state, closed_at=now, closed_by=by, version=F("version") + 1)
    close_action(action=condition.action, by=by, day=now.date())
    condition.refresh_from_db()
    return condition
