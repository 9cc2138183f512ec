from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from accounts.models import User
from common import versions
from common.errors import PermissionDenied, ValidationFailed
from journal.services import record
from lifecycle.criteria import COMPUTED
from lifecycle.errors import CheckNotAsked, ComputedCheck, ProjectNotActive, SeparationOfDuties, StageClosed
from lifecycle.models import Answer, Check, CheckEvidence, Condition
from lifecycle.selectors import named_by_changes, subject_of
from projects.models import Membership, Project, ProjectState
from projects.permissions import Action, may, require, roles_of

WORKABLE = (ProjectState.ACTIVE, ProjectState.ON_HOLD)


@transaction.atomic
def answer_check(*, check: Check, actor: Actor, version: int, now: datetime, **changes: Any) -> Check:
    """Tick, sign, plan or comment a check: `state`, `note`, `assignee` (User or None), `due_on`.

    `met` on an approval signs it; on an evidence check it confirms proof that a loop back carried over.
    Raises ComputedCheck, StageClosed, ProjectNotActive, SeparationOfDuties, VersionMismatch.
    """
    state = changes.pop("state", None)
    signing = check.kind == "approval" and state == Answer.MET
    require(actor, Action.SIGN if signing else Action.WORK, check.stage.project)
    project = Project.objects.lock(check.stage.project.pk)
    check = locked_check(check)
    versions.check(check, version)
    check_workable(project, check)
    before = {"state": check.answer, "note": check.note, "assignee": check.assignee_id, "due_on": check.due_on}
    _plan(check, changes)
    if state is not None:
        ANSWERS[Answer(state)](check, actor, now)
    check.version += 1
    check.save()
    after = {"state": check.answer, "note": check.note, "assignee": check.assignee_id, "due_on": check.due_on}
    notify = {check.assignee_id: "assignee"} if check.assignee_id and check.assignee_id != before["assignee"] else {}
    verb = "check.signed" if signing else "check.answered" if state is not None else "check.planned"
    record(
        verb,
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"check:{check.pk}",
        notify=notify,
        key=check.key,
        stage=check.stage.key,
        before=_plain(before),
        after=_plain(after),
    )
    return check


def locked_check(check: Check) -> Check:
    """The row as it is now; call it under the project's lock. Raises CheckNotAsked."""
    found = Check.objects.select_related("stage__process__project__subject").get(pk=check.pk)
    if found.dropped:
        raise CheckNotAsked
    return found


def _made_for(check: Check) -> dict[str, str]:
    """The parts of the current subject that this check depends on."""
    current = subject_of(check.stage)
    return {part: current[part] for part in check.item.depends_on if part in current}


def check_workable(project: Project, check: Check) -> None:
    """Raises StageClosed, ProjectNotActive."""
    if is_over(check):
        raise StageClosed(_("This iteration of the stage is over; what was decided stands."))
    if project.state not in WORKABLE:
        raise ProjectNotActive


def is_over(check: Check) -> bool:
    """Nobody works on it any more: its iteration ended, and no condition or running change asks for it."""
    return check.stage.superseded or (check.stage.ended_at is not None and not _lives_on(check))


def _lives_on(check: Check) -> bool:
    """A condition that passed the gate, or a running change, asks for it: work goes on behind the decision."""
    named = Condition.objects.standing().filter(check_key=check.key)
    deferred = named.filter(review__stage__process=check.stage.process_id).exists()
    return deferred or check.key in named_by_changes(check.stage.process_id)


def _plan(check: Check, changes: dict[str, Any]) -> None:
    assignee: User | None = changes.get("assignee")
    if assignee and not Membership.objects.filter(project=check.stage.project, user=assignee).exists():
        raise ValidationFailed.at("assignee", "not_found", _("Only a member of the project can be assigned."))
    for field in ("note", "assignee", "due_on"):
        if field in changes:
            setattr(check, field, changes[field])


def _met(check: Check, actor: Actor, now: datetime) -> None:
    if check.kind in COMPUTED:
        raise ComputedCheck
    if check.kind == "evidence":
        _confirm_carried(check)
    if check.kind == "approval":
        _may_sign(check, actor)
    _answer(check, Answer.MET, actor, now)
    check.subject = _made_for(check)


def _not_met(check: Check, actor: Actor, now: datetime) -> None:
    if check.kind != "manual":
        raise ComputedCheck
    _answer(check, Answer.NOT_MET, actor, now)


def _not_applicable(check: Check, actor: Actor, now: datetime) -> None:
    """Said with a reason by one person, confirmed by a gatekeeper who is someone else."""
    said_by_other = check.answer == Answer.NOT_APPLICABLE and check.answered_by_id != actor.user_id
    if said_by_other and may(actor, Action.WAIVE, check.stage.project):
        require_human(actor)
        check.confirmed_by = actor.person
        return
    if not check.note.strip():
        raise ValidationFailed.at("note", "blank", _("Say why the check does not apply."))
    _keep_the_signature(check, actor)
    _answer(check, Answer.NOT_APPLICABLE, actor, now)


def _open(check: Check, actor: Actor, now: datetime) -> None:
    _keep_the_signature(check, actor)
    check.answer, check.answered_by, check.answered_at, check.confirmed_by, check.subject = (
        Answer.OPEN,
        None,
        None,
        None,
        {},
    )


def _keep_the_signature(check: Check, actor: Actor) -> None:
    """Only who could sign takes away what somebody else signed."""
    if check.kind == "approval" and check.answered_by_id not in {None, actor.user_id}:
        _must_hold(check, actor)


ANSWERS = {Answer.MET: _met, Answer.NOT_MET: _not_met, Answer.NOT_APPLICABLE: _not_applicable, Answer.OPEN: _open}


def _answer(check: Check, answer: Answer, actor: Actor, now: datetime) -> None:
    check.answer, check.answered_by, check.answered_at, check.confirmed_by = answer, actor.person, now, None


def _confirm_carried(check: Check) -> None:
    carried = check.evidence_links.standing().filter(carried=True)
    if check.carried != "reverify" or not carried.exists():
        raise ComputedCheck(_("Evidence meets this check; attach a link or a file."))


def _may_sign(check: Check, actor: Actor) -> None:
    _must_hold(check, actor)
    rules = check.stage.rules
    mine = CheckEvidence.objects.authored_by(actor.person).filter(check_row__stage=check.stage)
    if "author_cannot_approve" in rules.separation and mine.exists():
        raise SeparationOfDuties(_("You supplied evidence of this stage, so someone else signs."))


def _must_hold(check: Check, actor: Actor) -> None:
    role = check.item.criterion["role"]
    if role not in roles_of(actor.person, check.stage.project):
        raise PermissionDenied(_("Only a holder of the role %(role)s signs this.") % {"role": role}, missing=role)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return values | {"due_on": values["due_on"].isoformat() if values["due_on"] else None}
