from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from journal.services import record
from lifecycle.errors import NotToBeReopened, ProjectOnHold, ReviewAlreadyOpen
from lifecycle.models import GateReview, RecycleReason, Reopening, Rework, Stage, StageState
from lifecycle.models.process import CURRENT
from lifecycle.selectors import left_by_reopening
from lifecycle.services.change_rounds import close_running
from lifecycle.services.loops import open_iterations
from projects.models import Membership, Project, ProjectState
from projects.permissions import Action, require
from projects.services import lock_unarchived

OVER = (ProjectState.KILLED, ProjectState.RETIRED, ProjectState.COMPLETED)


@transaction.atomic
def reopen_review(*, review: GateReview, actor: Actor, reason: str, now: datetime) -> GateReview:
    """Open a decided gate again: new iterations start from its stage through the current one, as after a recycle.

    What was decided stays as it is; a project that had ended is active again. Only the latest decision of a stage's
    newest iteration opens again. Raises HumanSessionRequired, PermissionDenied, ProjectArchived, ProjectOnHold,
    ReviewAlreadyOpen, NotToBeReopened.
    """
    require_human(actor)
    require(actor, Action.REOPEN, review.stage.project)
    project = lock_unarchived(review.stage.project)
    if project.state == ProjectState.ON_HOLD:
        raise ProjectOnHold(_("No gate is opened again while the project is on hold. Resume it first."))
    review = GateReview.objects.get(pk=review.pk)
    stage = Stage.objects.with_process().get(pk=review.stage_id)
    _must_be_the_latest(review, stage)
    left = left_by_reopening(stage)
    running = Stage.objects.filter(pk=left.pk, state__in=CURRENT)
    running.update(state=StageState.CLOSED, ended_at=now, version=F("version") + 1)
    fresh = open_iterations(left, stage.key, now)
    close_running(stage, actor=actor, now=now)
    Project.objects.filter(pk=project.pk, state__in=OVER).update(state=ProjectState.ACTIVE, version=F("version") + 1)
    Reopening.objects.create(review=review, stage=fresh[0], reason=reason, reopened_by=actor.person, at=now)
    Rework.objects.create(
        review=review,
        from_stage=left.key,
        to_stage=stage.key,
        reason=RecycleReason.OTHER,
        started_on=now.date(),
    )
    members = Membership.objects.filter(project=project).values_list("user_id", flat=True)
    record(
        "review.reopened",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify=dict.fromkeys(members, "member"),
        urgent=True,
        stage=stage.key,
        iteration=fresh[0].iteration,
        left=left.key,
        was=project.state,
        reason=reason,
    )
    return review


def _must_be_the_latest(review: GateReview, stage: Stage) -> None:
    if GateReview.objects.open().filter(stage__process=stage.process_id).exists():
        raise ReviewAlreadyOpen(_("A round is open in this project. It is decided or withdrawn first."))
    if not review.decision:
        raise NotToBeReopened(_("This round was not decided."))
    if stage.ended_at is None:
        raise NotToBeReopened(_("This gate is still to be decided."))
    latest = GateReview.objects.decided().of_gate(stage.process_id, stage.key).order_by("-decided_at", "-pk").first()
    if stage.superseded or latest is None or latest.pk != review.pk:
        raise NotToBeReopened(_("A later iteration or a later decision of this gate stands."))
    if stage.key not in stage.process.definition.by_key:
        raise NotToBeReopened(_("The project's template does not have this stage any more."))
