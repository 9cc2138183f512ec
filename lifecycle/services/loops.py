"""New iterations of stages: after a recycle, and for the next round of a recurring stage."""

from collections.abc import Sequence
from datetime import datetime

from lifecycle.models import Answer, Check, CheckEvidence, Stage, StageState
from lifecycle.services.processes import add_working_days, make_checks, next_cycle
from projects.models import ProjectTag

# Not the day: it lies in the past of the loop.
COPIED = ("note", "assignee_id")


def open_iterations(left: Stage, return_to: str, now: datetime) -> list[Stage]:
    """New iterations of every stage from `return_to` to the one that was left; the first of them is the current stage.

    Per check: `keep` copies the answer, `reverify` copies the proof to be looked at again, `redo` starts empty.
    """
    definition = left.process.definition
    first = definition.by_key[return_to].position
    # A stage that the template no longer has is not walked again.
    rows = Stage.objects.newest().filter(process=left.process, key__in=definition.by_key)
    old = list(rows.filter(position__range=(first, left.position)).order_by("position"))
    fresh = _replace(old, now)
    tags = ProjectTag.objects.filter(project=left.process.project_id).values_list("key", flat=True)
    make_checks(fresh, tags=list(tags), carried=True)
    for before, after in zip(old, fresh, strict=True):
        _carry_over(before, after)
    return fresh


def start_next_cycle(stage: Stage, now: datetime) -> Stage:
    """The next round of a recurring stage.

    All checks anew, due by its cadence, from the decision or from the last due date.
    """
    fresh = _replace([stage], now)[0]
    start = stage.due_on if stage.definition.cycle_from == "due" and stage.due_on else now.date()
    Stage.objects.filter(pk=fresh.pk).update(starts_on=now.date(), due_on=next_cycle(stage.definition, start))
    tags = ProjectTag.objects.filter(project=stage.process.project_id).values_list("key", flat=True)
    make_checks([fresh], tags=list(tags), carried=True)
    Check.objects.filter(stage=fresh).update(carried="redo")
    return fresh


def _replace(old: Sequence[Stage], now: datetime) -> list[Stage]:
    """Supersede `old` by fresh iterations, planned to take as long as the template says; the first is active."""
    Stage.objects.filter(pk__in=[stage.pk for stage in old]).update(superseded=True)
    rows, day = [], now.date()
    for number, stage in enumerate(old):
        due = add_working_days(day, stage.definition.duration_days)
        active = number == 0
        rows.append(
            Stage(
                process=stage.process,
                key=stage.key,
                position=stage.position,
                iteration=stage.iteration + 1,
                state=StageState.ACTIVE if active else StageState.PENDING,
                opened_at=now,
                started_at=now if active else None,
                starts_on=day,
                due_on=due,
            )
        )
        day = due
    return Stage.objects.bulk_create(rows)


def _carry_over(before: Stage, after: Stage) -> None:
    old = {check.key: check for check in before.checks.all()}
    links: list[CheckEvidence] = []
    for check in after.checks.all():
        source = old.get(check.key)
        if source is None or source.kind != check.kind or check.carried == "redo":
            continue
        for field in COPIED:
            setattr(check, field, getattr(source, field))
        if check.carried == "keep":
            _copy_answer(source, check)
        proofs = source.evidence_links.standing()
        links += [
            CheckEvidence(
                check_row=check,
                evidence_id=proof.evidence_id,
                carried=check.carried == "reverify",
                linked_by_id=proof.linked_by_id,
                linked_at=proof.linked_at,
            )
            for proof in proofs
        ]
        check.save()
    CheckEvidence.objects.bulk_create(links)


def _copy_answer(source: Check, check: Check) -> None:
    check.answer, check.subject = source.answer, source.subject
    check.answered_by_id, check.answered_at, check.confirmed_by_id = (
        source.answered_by_id,
        source.answered_at,
        source.confirmed_by_id,
    )
    if check.answer == Answer.OPEN:
        check.answered_by_id = check.answered_at = None
