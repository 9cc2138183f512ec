"""A running process fitted anew to a template version, a level and tags: what is asked changes, what was said stays.

Called with the project locked, by services that ask for the right and record. Stages that ended keep what they ended
under, so that nothing decided ever changes.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from lifecycle.criteria.refit import foremost, limit_stays, waiver_takes_two
from lifecycle.errors import CurrentStageGone, LevelNotOffered, RoundIsOpen
from lifecycle.models import (
    Answer,
    Check,
    GateReview,
    Item,
    LimitOverride,
    Process,
    Stage,
    StageDefinition,
    StageState,
    Waiver,
)
from lifecycle.models.definition import Definition
from lifecycle.models.templates import definition_of
from lifecycle.services.processes import add_working_days, asked_of

WRITTEN = (
    "stage", "kind", "position", "required", "metric", "slice", "min_sample", "dropped",
    "answer", "answered_by", "answered_at", "subject", "confirmed_by", "version",
)  # fmt: skip
ALWAYS = ("added", "dropped", "required", "optional")


@dataclass(frozen=True, slots=True)
class Fit:
    """What a process is read by."""

    version: int
    level: str
    tags: frozenset[str]


@dataclass(slots=True)
class Refit:
    """What a new fit changed: keys of checks and of stages. `reopened`: another kind now, with the answer it had.

    `waivers_asked`: one person had granted them, which takes a second one now.
    """

    added: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    reopened: list[dict[str, Any]] = field(default_factory=list)
    limits_ended: list[str] = field(default_factory=list)
    waivers_ended: list[str] = field(default_factory=list)
    waivers_asked: list[str] = field(default_factory=list)
    stages_added: list[str] = field(default_factory=list)
    stages_skipped: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """For the journal: the four lists always, the rest where there is any."""
        return {name: getattr(self, name) for name in self.__slots__ if name in ALWAYS or getattr(self, name)}


def refit(process: Process, fit: Fit, *, now: datetime) -> Refit:
    """Make `process` ask what `fit` asks. Raises RoundIsOpen, CurrentStageGone, LevelNotOffered.

    Checks of stages that have not ended keep answers, proof, notes and days by key. What applies now gets a row, or
    its old one back; what applies no longer is dropped, never deleted.
    """
    before, definition, done = process.definition, definition_of(fit.version), Refit()
    if GateReview.objects.open().filter(stage__process=process).exists():
        raise RoundIsOpen
    if fit.level not in definition.levels:
        raise LevelNotOffered
    newest = {stage.key: stage for stage in Stage.objects.newest().filter(process=process)}
    current = next(stage for stage in newest.values() if stage.is_current)
    if current.key not in definition.by_key:
        raise CurrentStageGone
    _skip_passed_by(newest, current.key, definition, done, now)
    _pin(process, fit)
    _open_new(process, newest, current, definition, done, now)
    running = list(
        Stage.objects.newest().filter(process=process, ended_at=None).select_related("process").order_by("position")
    )
    _fit_checks(process, running, fit, done)
    _end_waivers(process, running, done, now)
    _ask_waivers_anew(process, running, done, now)
    _end_limits(process, running, before, done, now)
    return done


def _skip_passed_by(newest: dict[str, Stage], current: str, definition: Definition, done: Refit, now: datetime) -> None:
    """Stages that had not begun and never will: the template has them no longer, or before the current one."""
    here = definition.by_key[current].position
    for key, stage in newest.items():
        gone = key not in definition.by_key or definition.by_key[key].position < here
        if gone and stage.state == StageState.PENDING:
            Stage.objects.filter(pk=stage.pk).update(state=StageState.SKIPPED, ended_at=now, version=F("version") + 1)
            stage.refresh_from_db()
            done.stages_skipped.append(key)


def _pin(process: Process, fit: Fit) -> None:
    """Iterations that are over are read for ever by what they ended under; the process by `fit`."""
    over = Stage.objects.filter(Q(superseded=True) | Q(ended_at__isnull=False), process=process, ended_version=None)
    over.update(ended_version=process.template_version_id, ended_level=process.level)
    pinned = Process.objects.filter(pk=process.pk)
    pinned.update(template_version=fit.version, level=fit.level, version=F("version") + 1)
    process.refresh_from_db()


def _open_new(
    process: Process, newest: dict[str, Stage], current: Stage, definition: Definition, done: Refit, now: datetime
) -> None:
    """Every stage has its place in the new order; those that are new and still ahead wait for their turn."""
    here, day = definition.by_key[current.key].position, current.due_on or now.date()
    for one in definition.stages:
        elsewhere = Stage.objects.filter(process=process, key=one.key).exclude(position=one.position)
        elsewhere.update(position=one.position, version=F("version") + 1)
        stage = newest.get(one.key)
        if stage is None and one.position < here:
            _create(process, one, StageState.SKIPPED, now, ended_at=now)
            done.stages_skipped.append(one.key)
        elif stage is None or (stage.state == StageState.SKIPPED and one.position > here):
            stage = _wait(process, one, stage, day, now)
            done.stages_added.append(one.key)
        day = (stage.due_on if stage and one.position > here else None) or day


def _wait(process: Process, one: StageDefinition, skipped: Stage | None, after: date, now: datetime) -> Stage:
    """A pending row planned after the stage before it; one that was skipped is taken up again as it was left."""
    starts_on = after + timedelta(days=1)
    due_on = add_working_days(starts_on, one.duration_days)
    if skipped is None:
        return _create(process, one, StageState.PENDING, now, starts_on=starts_on, due_on=due_on)
    Stage.objects.filter(pk=skipped.pk).update(
        state=StageState.PENDING,
        ended_at=None,
        ended_version=None,
        ended_level="",
        starts_on=starts_on,
        due_on=due_on,
        version=F("version") + 1,
    )
    skipped.refresh_from_db()
    return skipped


def _create(process: Process, one: StageDefinition, state: StageState, now: datetime, **dates: Any) -> Stage:
    return Stage.objects.create(
        process=process, key=one.key, position=one.position, state=state, opened_at=now, **dates
    )


def _fit_checks(process: Process, running: Sequence[Stage], fit: Fit, done: Refit) -> None:
    fresh: list[Check] = []
    changed: list[Check] = []
    rows, others = _rows(process, running)
    for stage in running:
        mine = rows[stage.pk]
        applying = [item for item in stage.definition.items if item.applies_to(fit.level, fit.tags)]
        for position, item in enumerate(applying):
            asked = asked_of(item, position, fit.level, fit.tags)
            if (row := mine.pop(item.key, None)) is not None:
                _make_room(row, stage, others)
                _ask_anew(row, stage, asked, done)
                changed.append(row)
            else:
                fresh.append(Check(stage=stage, key=item.key, carried=_carried(stage, item), **asked))
                done.added.append(item.key)
        for row in mine.values():
            if not row.dropped:
                row.dropped, row.version = True, row.version + 1
                changed.append(row)
                done.dropped.append(row.key)
    for row in others:
        if not row.dropped:
            row.dropped, row.version = True, row.version + 1
            changed.append(row)
    Check.objects.bulk_update(changed, WRITTEN)
    Check.objects.bulk_create(fresh)


def _rows(process: Process, running: Sequence[Stage]) -> tuple[dict[int, dict[str, Check]], list[Check]]:
    """The check rows of each stage by key, where the new definition has them; and those that another is asked before.

    An item that stands in another stage now takes its row along, from a stage that has not ended or was skipped.
    """
    home = {item.key: stage.pk for stage in running for item in stage.definition.items}
    open_ones = Q(stage__ended_at=None) | Q(stage__state=StageState.SKIPPED)
    rows = Check.objects.filter(open_ones, stage__process=process, stage__superseded=False)
    found: dict[int, dict[str, Check]] = defaultdict(dict)
    others = [
        row
        for row in sorted(rows, key=lambda row: foremost(row.pk, dropped=row.dropped))
        if found[home.get(row.key, row.stage_id)].setdefault(row.key, row) is not row
    ]
    return found, others


def _make_room(row: Check, stage: Stage, others: list[Check]) -> None:
    """A check stands once in a stage: a row that stays behind there changes places with the one that comes."""
    there = next((one for one in others if (one.stage_id, one.key) == (stage.pk, row.key)), None)
    if there is None:
        return
    others.remove(there)
    left = row.stage_id
    # Between the two steps it needs a key that no check has.
    Check.objects.filter(pk=there.pk).update(key="")
    Check.objects.filter(pk=row.pk).update(stage=stage)
    Check.objects.filter(pk=there.pk).update(key=there.key, stage=left, dropped=True, version=F("version") + 1)


def _ask_anew(row: Check, stage: Stage, asked: dict[str, Any], done: Refit) -> None:
    """The row asks what the item asks now; its answer stays, unless the check is of another kind."""
    before = (row.stage_id, row.kind, row.required, row.dropped)
    if row.kind != asked["kind"]:
        done.reopened.append(_was(row))
        row.answer, row.answered_by_id, row.answered_at, row.subject, row.confirmed_by_id = (
            Answer.OPEN, None, None, {}, None,
        )  # fmt: skip
    if row.dropped:
        done.added.append(row.key)
    elif row.required != asked["required"]:
        (done.required if asked["required"] else done.optional).append(row.key)
    for name, value in asked.items():
        setattr(row, name, value)
    row.stage, row.dropped = stage, False
    if before != (row.stage_id, row.kind, row.required, row.dropped):
        row.version += 1


def _was(row: Check) -> dict[str, Any]:
    return {
        "check": row.key,
        "kind": row.kind,
        "state": row.answer,
        "answered_by": row.answered_by_id,
        "answered_at": row.answered_at.isoformat() if row.answered_at else None,
    }


def _carried(stage: Stage, item: Item) -> str:
    """What a loop back asks of a check that its iteration did not have: the same as of its other checks."""
    if stage.iteration == 1:
        return ""
    before = Stage.objects.get(process=stage.process_id, key=stage.key, iteration=stage.iteration - 1)
    next_cycle = stage.definition.recurring and before.state == StageState.PASSED
    return "redo" if next_cycle else item.on_recycle


def _end_waivers(process: Process, running: Sequence[Stage], done: Refit, now: datetime) -> None:
    """Going without a check was asked or granted for what it asked then; of another kind, it asks something else."""
    reopened = [was["check"] for was in done.reopened]
    about = Waiver.objects.filter(check_row__stage__in=running, check_row__key__in=reopened)
    granted, asked = about.in_force(now.date()), about.filter(granted_at=None, lapsed_at=None)
    done.waivers_ended = sorted({waiver.check_row.key for waiver in (granted | asked).select_related("check_row")})
    granted.update(ended_on=now.date() - timedelta(days=1))
    asked.update(lapsed_at=now)


def _ask_waivers_anew(process: Process, running: Sequence[Stage], done: Refit, now: datetime) -> None:
    """What one person granted, where one was enough, is asked of a second one where it takes two now."""
    strict = [stage for stage in running if waiver_takes_two(required=True, level=stage.level)]
    alone = Waiver.objects.in_force(now.date()).granted_alone()
    lone = list(alone.filter(check_row__stage__in=strict, check_row__required=True, check_row__dropped=False))
    Waiver.objects.filter(pk__in=[one.pk for one in lone]).update(ended_on=now.date() - timedelta(days=1))
    # Whatever is being asked for by then gives way: a check has one request.
    rows = {one.check_row_id for one in lone}
    Waiver.objects.filter(check_row__in=rows, granted_at=None, lapsed_at=None).update(lapsed_at=now)
    same = ("check_row_id", "reason", "until", "opened_by_id")
    Waiver.objects.bulk_create(Waiver(opened_at=now, **{name: getattr(one, name) for name in same}) for one in lone)
    done.waivers_asked = sorted(Check.objects.filter(pk__in=rows).values_list("key", flat=True))


def _end_limits(process: Process, running: Sequence[Stage], before: Definition, done: Refit, now: datetime) -> None:
    """A project's own limit ends where the check measures something else now, or would be looser than its new limit.

    A looser one that a risk officer agreed to stays.
    """
    items = {item.key: item for stage in running for item in stage.definition.items}
    limits = LimitOverride.objects.filter(process=process, replaced_at=None, check_key__in=items)
    ended = [limit for limit in limits if not _stays(limit, before, items[limit.check_key])]
    LimitOverride.objects.filter(pk__in=[limit.pk for limit in ended]).update(replaced_at=now)
    done.limits_ended = sorted({limit.check_key for limit in ended})


def _stays(limit: LimitOverride, before: Definition, item: Item) -> bool:
    found = before.find(limit.check_key)
    return found is not None and limit_stays(limit.threshold, found[1], item, agreed=limit.agreed_by_id is not None)
