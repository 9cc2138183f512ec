from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import DomainError, PermissionDenied, ValidationFailed
from journal.services import record
from lifecycle.criteria import Readiness
from lifecycle.errors import (
    GateAlreadyDecided,
    GateBlocked,
    ProjectNotActive,
    ProjectOnHold,
    ReviewAlreadyOpen,
    StageNotCurrent,
)
from lifecycle.models import Change, GateReview, ReviewState, Seat, Stage, StageState, Vote, VoteState
from lifecycle.models.definition import ANY, GateRules
from lifecycle.selectors import authors, blocker_document, packet, packet_digest, readiness_together, rules_document
from lifecycle.selectors.seats import gate_document
from lifecycle.selectors.sittings import sitting_of
from lifecycle.services.change_rounds import give_back, no_change_runs, taken_to_review
from projects.models import Project, ProjectState
from projects.permissions import Action, may, require, roles_of
from projects.services import lock_unarchived


@transaction.atomic
def request_review(
    *,
    stage: Stage,
    actor: Actor,
    note: str = "",
    despite_blockers: bool = False,
    extraordinary: bool = False,
    through: str = "",
    change: int | None = None,
    now: datetime,
) -> GateReview:
    """Ask the gatekeepers to decide the gate of `stage`; the round copies the rules and freezes the packet.

    With `through`, the key of a later stage, all gates up to that one go as one joint packet, decided together; only
    gates that are ready do. With `change`, the id of a change that runs, the round is about just the checks which that
    change turned stale.
    Raises GateBlocked with the blockers, ReviewAlreadyOpen, StageNotCurrent, ProjectOnHold, ProjectNotActive,
    ChangesRun, ChangeIsOver, and ValidationFailed for a `through` or `change` that cannot go along.
    """
    may_ask(actor, stage.project, extraordinary=extraordinary)
    project = Project.objects.lock(stage.project.pk)
    stage = Stage.objects.with_process().get(pk=stage.pk)
    must_be_active(project)
    _must_be_current(stage)
    joint = joint_stages(stage, through) if through else []
    _may_go_together(joint, despite_blockers=despite_blockers, extraordinary=extraordinary)
    about = taken_to_review(change, stage, alone=not (joint or extraordinary))
    if not (about or despite_blockers or extraordinary):
        no_change_runs(stage)
    answer = readiness_together([stage, *joint], change=about, today=now.date())
    if answer.blockers and not (despite_blockers or extraordinary):
        raise blocked(GateBlocked, answer)
    review = _open_round(
        stage, joint, actor, answer, note=note, despite_blockers=despite_blockers, extraordinary=extraordinary,
        change=about, now=now,
    )  # fmt: skip
    record(
        "review.requested",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify=gatekeepers(review, answer, now=now),
        urgent=True,
        stage=stage.key,
        joint=[one.key for one in joint],
        change=change,
        iteration=stage.iteration,
        round=review.round,
        packet=review.packet,
        requester=actor.person.username,
        project=project.key,
        rules=review.document["rules"],
        despite_blockers=despite_blockers,
        extraordinary=extraordinary,
    )
    return review


@transaction.atomic
def withdraw_review(*, review: GateReview, actor: Actor, now: datetime) -> GateReview:
    """Take the request back; the stage is active again and its votes end.

    Raises GateAlreadyDecided, ProjectArchived.
    """
    may_ask(actor, review.stage.project, extraordinary=review.extraordinary)
    project = lock_unarchived(review.stage.project)
    still_open = GateReview.objects.open().filter(pk=review.pk)
    if not still_open.update(state=ReviewState.WITHDRAWN, version=F("version") + 1):
        raise GateAlreadyDecided
    in_review = Stage.objects.filter(pk=review.stage_id, state=StageState.IN_REVIEW)
    in_review.update(state=StageState.ACTIVE, version=F("version") + 1)
    give_back(review)
    told = dict.fromkeys(review.votes.filter(state=VoteState.STANDING).values_list("user_id", flat=True), "voter")
    Vote.objects.standing().filter(review=review).update(state=VoteState.WITHDRAWN)
    review.refresh_from_db()
    record(
        "review.withdrawn",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify=told,
        stage=review.stage.key,
    )
    return review


def gatekeepers(review: GateReview, answer: Readiness, *, now: datetime) -> dict[int, str]:
    """Who may decide the round, with the reason they are told, deputies too; not whom its rules keep apart."""
    sitting = sitting_of(review, now=now, authors=authors(answer.facts), cooldown=0)
    return {user: "gatekeeper" if voice.own else "deputy" for user, voice in sitting.voices().items()}


def joint_stages(stage: Stage, through: str) -> list[Stage]:
    """The stages after `stage` up to `through` that go along with it. Raises ValidationFailed.

    A gate that recurs is decided by itself, for its go starts the same stage anew.
    """
    definition = stage.template
    if through not in definition.by_key:
        raise ValidationFailed.at("through", "not_found", _("The template has no such stage."))
    last = definition.by_key[through]
    if last.position <= stage.definition.position:
        raise ValidationFailed.at(
            "through", "out_of_range", _("A joint packet goes from the current stage through a later one.")
        )
    if last.recurring:
        raise ValidationFailed.at("through", "invalid_choice", _("A gate that recurs is decided by itself."))
    rows = Stage.objects.newest().with_process().filter(process=stage.process_id, state=StageState.PENDING)
    found = list(rows.filter(position__gt=stage.position, position__lte=last.position).order_by("position"))
    if through not in {one.key for one in found}:
        raise ValidationFailed.at("through", "invalid_choice", _("This stage is not ahead of the project."))
    return found


def must_be_active(project: Project) -> None:
    if project.state == ProjectState.ON_HOLD:
        raise ProjectOnHold(
            _("Nobody asks or votes while the project is on hold. Its owner or portfolio manager resumes it.")
        )
    if project.state != ProjectState.ACTIVE:
        raise ProjectNotActive


def blocked(refusal: type[DomainError], answer: Readiness) -> DomainError:
    """The refusal with every blocker that explains it."""
    blockers = [blocker_document(blocker, answer.facts) for blocker in answer.blockers]
    return refusal(" ".join(blocker["detail"] for blocker in blockers), blockers=blockers)


def may_ask(actor: Actor, project: Project, *, extraordinary: bool) -> None:
    """Who opens a round may also take it back. Raises PermissionDenied."""
    if not extraordinary:
        require(actor, Action.REQUEST_REVIEW, project)
    elif not may(actor, Action.OPEN_EXTRAORDINARY, project) and "sponsor" not in roles_of(actor.person, project):
        raise PermissionDenied(_("The owner, the sponsor or the portfolio manager opens an extraordinary review."))


def rules_together(stages: Sequence[Stage]) -> GateRules:
    """Who may vote on gates that are decided as one, and how many votes that takes at least.

    A seat at any of them is one; whom one of them keeps apart has none. Each still needs its own votes: `gates`.
    """
    rules = [stage.rules for stage in stages]
    deciders = tuple(dict.fromkeys(role for one in rules for role in one.deciders))
    return GateRules(
        quorum=max(one.quorum for one in rules),
        deciders=(ANY,) if ANY in deciders else deciders,
        must_include=tuple(dict.fromkeys(role for one in rules for role in one.must_include)),
        separation=tuple(dict.fromkeys(rule for one in rules for rule in one.separation)),
    )


def _may_go_together(joint: Sequence[Stage], *, despite_blockers: bool, extraordinary: bool) -> None:
    """Gates that are not ready are decided one by one. Raises ValidationFailed."""
    if joint and extraordinary:
        raise ValidationFailed.at("through", "invalid_choice", _("An extraordinary review decides one gate."))
    if joint and despite_blockers:
        raise ValidationFailed.at(
            "through", "invalid_choice", _("Only gates that are ready go together. Despite blockers, ask for this one.")
        )


def _must_be_current(stage: Stage) -> None:
    if stage.state == StageState.IN_REVIEW:
        raise ReviewAlreadyOpen
    if stage.state != StageState.ACTIVE:
        raise StageNotCurrent(_("A review is asked for the current stage."))


def _open_round(
    stage: Stage,
    joint: Sequence[Stage],
    actor: Actor,
    answer: Readiness,
    *,
    note: str,
    despite_blockers: bool,
    extraordinary: bool,
    change: Change | None,
    now: datetime,
) -> GateReview:
    rules = rules_together([stage, *joint])
    gates = [gate_document(one) for one in (stage, *joint)] if joint else []
    document = packet(answer, rules_document(rules, gates))
    last = stage.reviews.aggregate(last=Max("round"))["last"] or 0
    review = GateReview.objects.create(
        stage=stage,
        round=last + 1,
        extraordinary=extraordinary,
        change=change,
        despite_blockers=despite_blockers,
        note=note,
        quorum=rules.quorum,
        must_include=list(rules.must_include),
        separation=list(rules.separation),
        gates=gates,
        template_version_id=stage.version_id,
        level=stage.level,
        requested_by=actor.person,
        requested_at=now,
        packet=packet_digest(document),
        document=document,
    )
    review.joint.set(joint)
    Seat.objects.bulk_create(Seat(review=review, role=role) for role in rules.deciders)
    active = Stage.objects.filter(pk=stage.pk, state=StageState.ACTIVE)
    active.update(state=StageState.IN_REVIEW, version=F("version") + 1)
    return review
