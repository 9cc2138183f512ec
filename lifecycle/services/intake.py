"""The intake: answers propose tier, role, tags and level and hold at once; legal counsel or a risk officer confirms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.actor import Actor, require_human
from common import content, versions
from common.errors import FieldError, ValidationFailed
from journal.services import record
from lifecycle.errors import IntakeIsConfirmed, NoIntake, SeparationOfDuties
from lifecycle.models import Process
from lifecycle.services.moves import Move, locked_process, move_to, tags_of, told_of, tried
from lifecycle.services.refits import Fit
from projects.criteria import Answers, Proposal, propose, questions
from projects.models import Intake, Membership, Project
from projects.permissions import Action, require
from projects.services import replace_tags


class Found(TypedDict, total=False):
    """What the confirming person decides otherwise than proposed."""

    level: str
    tags: Sequence[str]
    ai_act_tier: str
    ai_act_role: Sequence[str]


@transaction.atomic
def answer_intake(
    *, project: Project, actor: Actor, answers: Answers, version: int | None = None, now: datetime
) -> Intake:
    """Keep the answers and what they propose. Until somebody confirmed, level, tags and tier follow at once.

    After a confirmation the answers wait for the next one, and the project stays as it is. Raises ValidationFailed,
    VersionMismatch, ProjectNotActive, RoundIsOpen, LevelNotOffered.
    """
    require(actor, Action.EDIT_PROJECT, project)
    _check(answers)
    project, process = locked_process(project)
    before = Intake.objects.newest().filter(project=project).first()
    if version is not None and before is not None:
        versions.check(before, version)
    given = {key: sorted(chosen) for key, chosen in answers.items() if chosen}
    if before is not None and before.answers == given:
        return before
    proposal = propose(given)
    intake = _kept(before, project, actor, given, proposal, now)
    move = Move(process)
    if not process.level_confirmed:
        facts: Found = {"level": proposal.level, "tags": proposal.tags}
        facts |= {"ai_act_tier": proposal.tier, "ai_act_role": proposal.roles}
        move = _carry_out(project, process, facts, now)
        Process.objects.filter(pk=process.pk).update(awaits_counsel=proposal.stop)
    record(
        "intake.answered",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"intake:{intake.pk}",
        notify=told_of(project, move) | dict.fromkeys(_confirmers(project), "confirms"),
        before={"answers": before.answers} if before else None,
        after={"answers": given},
        level=proposal.level,
        rule=proposal.rule,
        applied=not process.level_confirmed,
        **move.changed.as_data(),
    )
    return intake


@transaction.atomic
def confirm_intake(
    *, project: Project, actor: Actor, version: int, reason: str = "", now: datetime, **found: Unpack[Found]
) -> Intake:
    """Make the proposal binding, or what this person found instead, with a reason; level and tags are locked from then.

    Not for whoever answered. Raises NoIntake, IntakeIsConfirmed, SeparationOfDuties, VersionMismatch,
    ValidationFailed, ProjectNotActive, RoundIsOpen, LevelNotOffered.
    """
    require_human(actor)
    require(actor, Action.CONFIRM_INTAKE, project)
    project, process = locked_process(project)
    intake = Intake.objects.newest().filter(project=project).first()
    if intake is None:
        raise NoIntake
    versions.check(intake, version)
    if intake.is_confirmed:
        raise IntakeIsConfirmed
    if intake.filled_by_id == actor.user_id:
        raise SeparationOfDuties(_("Whoever answered the intake does not confirm it."))
    proposal = propose(intake.answers)
    other = _otherwise(proposal, found)
    if other and not reason:
        raise ValidationFailed.at("reason", "required", _("Say why you decide otherwise than proposed."))
    facts: Found = {
        "level": proposal.level,
        "tags": proposal.tags,
        "ai_act_tier": proposal.tier,
        "ai_act_role": proposal.roles,
        **found,
    }
    move = _carry_out(project, process, facts, now)
    Process.objects.filter(pk=process.pk).update(level_confirmed=True, awaits_counsel=False)
    confirmed = {**proposal.as_dict(), **facts}
    versions.bump(
        Intake, intake.pk, version, confirmed=confirmed, reason=reason, confirmed_by=actor.person, confirmed_at=now
    )
    intake.refresh_from_db()
    record(
        "intake.confirmed",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"intake:{intake.pk}",
        notify=told_of(project, move),
        level=facts["level"],
        otherwise=other,
        reason=reason,
        **move.changed.as_data(),
    )
    return intake


def try_proposal(*, project: Project, proposal: Proposal, now: datetime) -> Move:
    """What the proposal would change of the project's checks, were it made binding; nothing is written.

    Raises ProjectNotActive, RoundIsOpen, LevelNotOffered.
    """
    facts: Found = {"level": proposal.level, "tags": proposal.tags}
    facts |= {"ai_act_tier": proposal.tier, "ai_act_role": proposal.roles}

    def act() -> Move:
        locked, process = locked_process(project)
        return _carry_out(locked, process, facts, now)

    return tried(act)


def _kept(
    before: Intake | None, project: Project, actor: Actor, answers: Answers, proposal: Proposal, now: datetime
) -> Intake:
    """The row that counts from now on: the open one, written anew, or the one after a confirmed one."""
    fields = {"answers": dict(answers), "proposed": proposal.as_dict(), "filled_by": actor.person, "filled_at": now}
    if before is not None and not before.is_confirmed:
        versions.bump(Intake, before.pk, before.version, **fields)
        before.refresh_from_db()
        return before
    Intake.objects.newest().filter(project=project).update(superseded=True, version=F("version") + 1)
    return Intake.objects.create(project=project, **fields)


def _carry_out(project: Project, process: Process, facts: Found, now: datetime) -> Move:
    """Give the project the level, tags, tier and role; what that changes of its checks is returned."""
    Project.objects.filter(pk=project.pk).update(
        ai_act_tier=facts["ai_act_tier"], ai_act_roles=list(facts["ai_act_role"]), version=F("version") + 1
    )
    fit = Fit(process.template_version_id, facts["level"], frozenset(facts["tags"]))
    if (process.level, tags_of(project)) == (fit.level, fit.tags):
        return Move(process)
    replace_tags(project=project, tags=list(dict.fromkeys(facts["tags"])))
    return move_to(process, fit, now)


def _otherwise(proposal: Proposal, found: Found) -> dict[str, Any]:
    """What was decided otherwise than proposed: {fact: [proposed, decided]}."""
    proposed = {
        "level": proposal.level,
        "tags": proposal.tags,
        "ai_act_tier": proposal.tier,
        "ai_act_role": proposal.roles,
    }
    return {
        name: [proposed[name], value]
        for name, value in found.items()
        if (sorted(value) if isinstance(value, list) else value)
        != (sorted(proposed[name]) if isinstance(proposed[name], list) else proposed[name])
    }


def _check(answers: Answers) -> None:
    """Every question and option is known, and of those with one answer there is one. Raises ValidationFailed."""
    known = questions()
    wrong = [
        FieldError(f"/answers/{key}", "not_found", _("There is no such question."))
        for key in answers
        if key not in known
    ]
    for key, chosen in answers.items():
        question = known.get(key)
        if question is None:
            continue
        options = {option["key"] for option in question["options"]}
        if set(chosen) - options:
            wrong.append(FieldError(f"/answers/{key}", "invalid_choice", _("There is no such answer.")))
        elif question["select"] == "one" and len(chosen) > 1:
            wrong.append(FieldError(f"/answers/{key}", "invalid_choice", _("This question has one answer.")))
    if wrong:
        raise ValidationFailed(errors=wrong)


def _confirmers(project: Project) -> list[int]:
    """Who may confirm it: members who decide as legal counsel or risk officer."""
    roles = content.document("intake")["confirmed_by"]
    rows = Membership.objects.filter(project=project, decide=True, functions__role__in=roles)
    return list(rows.values_list("user_id", flat=True).distinct())
