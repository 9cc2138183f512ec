"""How gates would stand if their projects moved over to another document today: read, never written."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lifecycle.criteria import CheckFacts, GateFacts, Readiness, assess
from lifecycle.criteria.refit import Fit, foremost, reads_anew, refitted
from lifecycle.models import Check, Item, LimitOverride, Stage, StageState, Waiver
from lifecycle.models.definition import Definition
from lifecycle.models.templates import definition_of
from lifecycle.selectors import questions
from lifecycle.selectors.facts import check_facts, gather
from lifecycle.selectors.templates.measured import Measured, measured
from projects.models import ProjectTag

Stood = Mapping[int, Mapping[str, CheckFacts]]


@dataclass(frozen=True, slots=True)
class AsIf:
    """A gate today, and as the document would have it; without `after` where the project could not follow."""

    stage: Stage
    before: Readiness
    after: Readiness | None
    # Why it could not: "", current_stage_gone or level_not_offered.
    obstacle: str = ""


def as_if(stages: Sequence[Stage], definition: Definition, *, today: date) -> Iterator[AsIf]:
    """Each of the current `stages`, read by `definition` too, in a fixed number of queries.

    The stages come `with_process()` and with `was_before`, the state of the iteration before them.
    """
    gathered = gather(stages, today=today)
    fits = _fits(stages, definition)
    stood = _stood(stages, gathered, fits, today)
    results, agreed, alone = _results(stages, fits, stood), _agreed(stages), _alone(stood, today)
    for stage in stages:
        facts, before = gathered[stage.pk], assess(gathered[stage.pk])
        if stage.pk not in fits:
            gone = stage.key not in definition.by_key
            yield AsIf(stage, before, None, "current_stage_gone" if gone else "level_not_offered")
            continue
        fit = replace(fits[stage.pk], measured=results[stage.pk], agreed=agreed[stage.process_id], alone=alone)
        after = refitted(facts, fit, stood[stage.process_id], stage.process.baseline_model)
        yield AsIf(stage, before, assess(after))


def _fits(stages: Sequence[Stage], definition: Definition) -> dict[int, Fit]:
    """What each stage would be read by; none for those whose stage or level the document does not have."""
    tags: dict[int, set[str]] = defaultdict(set)
    projects = [stage.process.project_id for stage in stages]
    for project, key in ProjectTag.objects.filter(project__in=projects).values_list("project", "key"):
        tags[project].add(key)
    return {
        stage.pk: Fit(
            stage=definition.by_key[stage.key],
            level=stage.level,
            tags=frozenset(tags[stage.process.project_id]),
            opened_at=stage.opened_at,
            looped=_looped(stage, definition),
        )
        for stage in stages
        if stage.key in definition.by_key and stage.level in definition.levels
    }


def _looped(stage: Stage, definition: Definition) -> str:
    """What a loop back asks of checks that this iteration did not have."""
    if stage.iteration == 1:
        return ""
    passed: bool = stage.was_before == StageState.PASSED  # type: ignore[attr-defined]  # annotated
    return "redo" if definition.by_key[stage.key].recurring and passed else "item"


def _stood(stages: Sequence[Stage], gathered: Mapping[int, GateFacts], fits: Mapping[int, Fit], today: date) -> Stood:
    """By process, the checks that its open stages have now, by key.

    Besides those of the current stage: what would move into it from a stage that has not ended, and what it asked for
    once and has kept.
    """
    found = {stage.process_id: {check.key: check for check in gathered[stage.pk].checks} for stage in stages}
    wanted = {
        stage.process_id: {item.key: item for item in fits[stage.pk].items if item.key not in found[stage.process_id]}
        for stage in stages
        if stage.pk in fits
    }
    keys = sorted({key for items in wanted.values() for key in items})
    if not keys:
        return found
    rows = _kept(stages, keys, wanted)
    for process, facts in _facts_of(rows, stages, wanted, today):
        found[process][facts.key] = facts
    return found


def _kept(stages: Sequence[Stage], keys: list[str], wanted: Mapping[int, Mapping[str, Item]]) -> list[Check]:
    """One row for each key that a process lacks: the one that a move would ask again."""
    rows = [
        row
        for row in questions.checks_kept(processes=[stage.process_id for stage in stages], keys=keys)
        if row.key in wanted.get(row.stage.process_id, {})
    ]
    rows.sort(key=lambda row: foremost(row.pk, dropped=row.dropped))
    chosen: dict[tuple[int, str], Check] = {}
    for row in rows:
        chosen.setdefault((row.stage.process_id, row.key), row)
    return list(chosen.values())


def _facts_of(
    rows: Sequence[Check], stages: Sequence[Stage], wanted: Mapping[int, Mapping[str, Item]], today: date
) -> Iterator[tuple[int, CheckFacts]]:
    processes = {stage.process_id: stage.process for stage in stages}
    items: dict[int, Item] = {}
    limitless = set()
    for row in rows:
        pinned = definition_of(processes[row.stage.process_id].template_version_id).find(row.key)
        # Of a check that the pinned version does not have, only the kind is known.
        asked = pinned[1] if pinned else wanted[row.stage.process_id][row.key]
        items[row.pk] = replace(asked, kind=row.kind)
        if pinned is None:
            limitless.add(row.pk)
    facts = check_facts(rows, items, processes, today)
    for row in rows:
        one = facts[row.pk]
        yield row.stage.process_id, replace(one, own_limit=None) if row.pk in limitless else one


def _results(stages: Sequence[Stage], fits: Mapping[int, Fit], stood: Stood) -> Mapping[int, Measured]:
    """The results of metric checks that are new or read from somewhere else."""
    wanted: dict[int, list[Item]] = {}
    since_opened: dict[str, list[int]] = defaultdict(list)
    for stage in stages:
        if stage.pk not in fits:
            continue
        fit, there = fits[stage.pk], stood[stage.process_id]
        wanted[stage.pk] = []
        for item in fit.items:
            was = there.get(item.key)
            if not reads_anew(was.item if was else None, item):
                continue
            wanted[stage.pk].append(item)
            if (was.carried if was else fit.carried(item)) == "redo":
                since_opened[item.key].append(stage.pk)
    return measured(wanted, since_opened)


def _agreed(stages: Sequence[Stage]) -> Mapping[int, set[str]]:
    """The checks whose looser limit a risk officer agreed to, by process."""
    limits = LimitOverride.objects.standing().filter(
        process__in=[stage.process_id for stage in stages], agreed_by__isnull=False
    )
    found: dict[int, set[str]] = defaultdict(set)
    for process, key in limits.values_list("process_id", "check_key"):
        found[process].add(key)
    return found


def _alone(stood: Stood, today: date) -> set[int]:
    """The ids of the checks that one person waived; asked only where something is waived."""
    waived = [check.id for checks in stood.values() for check in checks.values() if check.waived_until]
    if not waived:
        return set()
    found = Waiver.objects.in_force(today).granted_alone().filter(check_row__in=waived)
    return set(found.values_list("check_row", flat=True))
