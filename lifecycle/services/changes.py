"""The change lane of a recurring stage: what changes between two reviews, and how it is settled."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from common.errors import ValidationFailed
from journal.models import Entry
from journal.services import record
from lifecycle.errors import (
    ChangeIsOver,
    ChangeNeedsReview,
    ChangeNotReady,
    NoChangeLane,
    RoundIsOpen,
    SeparationOfDuties,
)
from lifecycle.models import Change, ChangeState, Stage, StageState
from lifecycle.selectors import basis, blocker_document, readiness_together, stale_for, standing_of
from lifecycle.selectors.changes import Standing, authors_of
from lifecycle.services.change_rounds import still_runs
from lifecycle.services.reviews import must_be_active
from projects.models import Membership, Project
from projects.permissions import Action, require
from projects.selectors.people import members_who_may
from projects.services import lock_unarchived
from records.models import PARTS, Subject, SubjectValue
from records.services import move_subject

READY = "change.ready"
# Changes whose checks are read together.
AT_ONCE = 50


@transaction.atomic
def open_change(*, project: Project, actor: Actor, text: str, subject: Mapping[str, str], now: datetime) -> Change:
    """Say that something of a running system changes: these parts of the subject take these values at once.

    The change names every check, of any stage, that is stale for it, until each is met again. Raises NoChangeLane,
    RoundIsOpen, ProjectOnHold, ProjectNotActive, ValidationFailed.
    """
    require(actor, Action.WORK, project)
    project = Project.objects.lock(project.pk)
    must_be_active(project)
    stage = _recurring(project)
    parts = {part: subject[part] for part in PARTS if subject.get(part)}
    if not parts:
        raise ValidationFailed.at("subject", "required", _("Name at least one part that changes, and its new value."))
    before = _values_before(project, parts)
    move_subject(project=project, actor=actor, parts=parts, force=True, now=now)
    stale = stale_for(stage.process_id, parts, today=now.date())
    change = Change.objects.create(
        stage=stage,
        text=text,
        moved={part: [before[part], value] for part, value in parts.items()},
        checks=list(dict.fromkeys(named.one.check.key for named in stale)),
        material=any(named.one.check.item.material for named in stale),
        opened_by=actor.person,
        opened_at=now,
    )
    record(
        "change.opened",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"change:{change.pk}",
        notify=_told(project, actor),
        text=text,
        stage=stage.key,
        moved=change.moved,
        checks=change.checks,
        material=change.material,
    )
    return change


@transaction.atomic
def confirm_change(*, change: Change, actor: Actor, now: datetime) -> Change:
    """One gatekeeper finds that all checks of a change are met again, where none of them is material.

    Not whoever opened it, nor, where authors do not decide, who supplied what met them. At lean anybody who works
    in the project may. Raises ChangeIsOver, ChangeNotRunning where what runs is something else by now, ChangeNotReady
    with the blockers, ChangeNeedsReview, SeparationOfDuties, ProjectOnHold, ProjectNotActive.
    """
    may_confirm(actor, change)
    project = Project.objects.lock(change.stage.process.project_id)
    must_be_active(project)
    change = _open(change)
    standing = standing_of([change], today=now.date())[0]
    kept_apart(standing, actor)
    still_runs(change, standing.elsewhere)
    if standing.left:
        raise _not_ready(standing)
    if change.material:
        raise ChangeNeedsReview
    rests_on = readiness_together([change.stage], change=change, today=now.date())
    Change.objects.filter(pk=change.pk).update(basis=basis(rests_on))
    _close(change, ChangeState.CONFIRMED, actor, now)
    record(
        "change.confirmed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"change:{change.pk}",
        notify={change.opened_by_id: "opened_by"},
        text=change.text,
        stage=change.stage.key,
        checks=change.checks,
    )
    return change


@transaction.atomic
def withdraw_change(*, change: Change, actor: Actor, reason: str, now: datetime) -> Change:
    """Close a change that nobody needs to confirm any more; the subject stays as it is now.

    For whoever opened it, and the owner. Raises ChangeIsOver, ProjectArchived.
    """
    project = change.stage.process.project
    if change.opened_by_id != actor.user_id:
        require(actor, Action.EDIT_PROJECT, project)
    require(actor, Action.WORK, project)
    lock_unarchived(project)
    change = _open(change)
    _close(change, ChangeState.CLOSED, actor, now)
    record(
        "change.withdrawn",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"change:{change.pk}",
        notify=_told(project, actor),
        text=change.text,
        stage=change.stage.key,
        reason=reason,
    )
    return change


def announce_changes(*, now: datetime) -> int:
    """Tell those who confirm that a change waits for nothing but their word; once each. For the tick."""
    waiting = Change.objects.with_process().filter(state=ChangeState.OPEN, stage__process__project__state="active")
    names = {f"change:{change.pk}": change for change in waiting.order_by("pk")}
    told = Entry.objects.filter(verb=READY, object__in=names).values_list("object", flat=True)
    fresh = [names[name] for name in names.keys() - set(told)]
    ready = [
        standing.change
        for start in range(0, len(fresh), AT_ONCE)
        for standing in standing_of(fresh[start : start + AT_ONCE], today=now.date())
        if standing.ready
    ]
    return sum(_announce(change=change, now=now) for change in ready)


@transaction.atomic
def _announce(*, change: Change, now: datetime) -> bool:
    project = Project.objects.lock(change.stage.process.project_id)
    try:
        change = _open(change)
    except ChangeIsOver:
        return False
    told = Entry.objects.filter(verb=READY, object=f"change:{change.pk}").exists()
    if told or not standing_of([change], today=now.date())[0].ready:
        return False
    record(
        READY,
        actor=Actor.system(),
        at=now,
        project_id=project.pk,
        object=f"change:{change.pk}",
        notify=_who_settles(project, change),
        text=change.text,
        stage=change.stage.key,
    )
    return True


def may_confirm(actor: Actor, change: Change) -> None:
    """Whether this person's word could settle the change. Raises PermissionDenied, HumanSessionRequired."""
    require(actor, Action.WORK if change.stage.level == "lean" else Action.WAIVE, change.stage.process.project)
    require_human(actor)


def _recurring(project: Project) -> Stage:
    stage = Stage.objects.current().with_process().filter(process__project=project).first()
    if stage is None or not stage.definition.recurring:
        raise NoChangeLane
    if stage.state != StageState.ACTIVE:
        raise RoundIsOpen(_("A round is open; open the change once it is decided or withdrawn."))
    return stage


def _values_before(project: Project, parts: Mapping[str, str]) -> dict[str, str]:
    """What each part was until now; where a report has moved it to the new value already, what it was before that."""
    row = Subject.objects.filter(project=project).first()
    found = {}
    for part, value in parts.items():
        current = getattr(row, part) if row else ""
        if current == value:
            others = SubjectValue.objects.filter(project=project, part=part).exclude(value=value)
            current = others.order_by("-since", "-pk").values_list("value", flat=True).first() or ""
        found[part] = current
    return found


def _open(change: Change) -> Change:
    """The change as it is now; call it under the project's lock. Raises ChangeIsOver."""
    fresh = Change.objects.with_process().get(pk=change.pk)
    if fresh.state == ChangeState.IN_REVIEW:
        raise ChangeIsOver(_("A round is open about this change; it is decided there."))
    if fresh.state != ChangeState.OPEN:
        raise ChangeIsOver
    return fresh


def _close(change: Change, state: ChangeState, actor: Actor, now: datetime) -> None:
    Change.objects.filter(pk=change.pk).update(
        state=state, closed_at=now, closed_by=actor.user, version=F("version") + 1
    )
    change.refresh_from_db()


def kept_apart(standing: Standing, actor: Actor) -> None:
    """The same rules as at a gate; none at lean. Raises SeparationOfDuties."""
    change = standing.change
    if change.stage.level == "lean":
        return
    if change.opened_by_id == actor.user_id:
        raise SeparationOfDuties(_("You opened this change, so another gatekeeper confirms it."))
    if "author_cannot_decide" in change.stage.rules.separation and actor.user_id in authors_of(standing):
        raise SeparationOfDuties(
            _("You supplied proof that met the change's checks, so another gatekeeper confirms it.")
        )


def _not_ready(standing: Standing) -> ChangeNotReady:
    blockers = [
        blocker_document(named.one.finding.blocker, named.answer.facts)
        for named in standing.left
        if named.one.finding.blocker
    ]
    return ChangeNotReady(" ".join(blocker["detail"] for blocker in blockers), blockers=blockers)


def _told(project: Project, actor: Actor) -> dict[int, str]:
    members = Membership.objects.filter(project=project).exclude(user=actor.user)
    return dict.fromkeys(members.values_list("user_id", flat=True), "member")


def _who_settles(project: Project, change: Change) -> dict[int, str]:
    """Who may ask for its review, or confirm it."""
    action = Action.REQUEST_REVIEW if change.material else Action.WORK if change.stage.level == "lean" else Action.WAIVE
    told = dict.fromkeys(members_who_may(action, project.pk), "gatekeeper")
    if action == Action.WAIVE:
        told.pop(change.opened_by_id, None)
    return told
