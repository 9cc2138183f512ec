"""How gates would stand if something else were current: a candidate, or an older part of the subject. Nothing moves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet

from common.texts import localised
from lifecycle.criteria import (
    Assessed,
    CheckFacts,
    CheckState,
    GateFacts,
    Readiness,
    Result,
    assess,
    supposed,
    wording,
)
from lifecycle.models import Check, Stage, StageState
from lifecycle.selectors import questions
from lifecycle.selectors.answers import Stand, gate_document
from lifecycle.selectors.facts import gather, result_of
from records.models import PARTS, MetricResult
from records.models.metrics import MetricResultQuerySet

SHOWN = 3
MOST_RESULTS = 1000
Parts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one run reported as a candidate: its results and the parts of the subject they were made for."""

    run_id: str
    reported_at: datetime
    subject: Parts
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A check that would stand otherwise; `says` is what would then block it. `decided`: its gate was decided."""

    key: str
    text: str
    stage: str
    stage_name: str
    before: str
    after: str
    says: str
    material: bool
    decided: bool

    @property
    def turns_stale(self) -> bool:
        return self.after == CheckState.STALE


def candidate_named(project_id: int, run_id: str) -> Candidate | None:
    """The candidate of this run, if one was reported; one query."""
    found = _candidates(_reported(project_id).filter(run_id=run_id))
    return found[0] if found else None


def recent_candidates(project_id: int, *, now: datetime) -> list[Candidate]:
    """The last three candidates of the last fourteen days, latest first; one query."""
    last = (
        _reported(project_id)
        .recent(now)
        .order_by()
        .values("run_id")
        .annotate(at=Max("recorded_at"))
        .order_by("-at", "run_id")[:SHOWN]
    )
    return _candidates(_reported(project_id).filter(run_id__in=last.values("run_id")))


def _reported(project_id: int) -> MetricResultQuerySet:
    return MetricResult.objects.of_candidates().filter(project=project_id)


def _candidates(rows: QuerySet[MetricResult]) -> list[Candidate]:
    """Of a run that reported a whole curve the latest values: nothing older decides."""
    by_run: dict[str, list[MetricResult]] = defaultdict(list)
    for row in reversed(rows.select_related("recorded_by").order_by("-measured_at", "-id")[:MOST_RESULTS]):
        by_run[row.run_id].append(row)
    found = [
        Candidate(
            run_id=run_id,
            reported_at=max(row.recorded_at for row in mine),
            subject={part: value for row in mine for part, value in row.subject.items()},
            results=tuple(result_of(row) for row in mine),
        )
        for run_id, mine in by_run.items()
    ]
    return sorted(found, key=lambda candidate: candidate.reported_at, reverse=True)


def as_if(facts: GateFacts, candidates: Sequence[Candidate]) -> list[Readiness]:
    """How the gate would stand with each candidate in the place of what is current; two queries for all of them."""
    subjects = [{**facts.subject, **candidate.subject} for candidate in candidates]
    answers = []
    for subject, found, candidate in zip(subjects, _results_for([facts], subjects), candidates, strict=True):
        own = {check.id: mine for check in _checks([facts]) if (mine := _reported_for(check, candidate))}
        answers.append(assess(supposed(facts, subject, found | own)))
    return answers


def candidate_answer(stage: Stage, candidate: Candidate, *, today: date) -> dict[str, Any]:
    """A gate check as if the candidate were current (design §4). The stage comes `with_process()`."""
    facts = gather([stage], today=today)[stage.pk]
    [answer] = as_if(facts, [candidate])
    stand = Stand(answer.verdict.value, wording.sentence(answer), answer.blockers)
    return gate_document(stage, answer, stand) | {
        "candidate": {
            "run_id": candidate.run_id,
            "reported_at": candidate.reported_at,
            "subject": dict(candidate.subject),
            "results": len(candidate.results),
            "moved": moved_by(candidate, facts.subject),
        }
    }


def moved_by(candidate: Candidate, current: Parts) -> list[dict[str, str]]:
    """The parts in which the candidate differs from what is current."""
    return [
        {"part": part, "from": current.get(part, ""), "to": candidate.subject[part]}
        for part in PARTS
        if candidate.subject.get(part) and candidate.subject[part] != current.get(part, "")
    ]


def turns(process_id: int, parts: Parts, *, today: date) -> list[Turn]:
    """The checks that would stand otherwise if these parts were current, in the order of the stages."""
    live = Stage.objects.newest().with_process().filter(process=process_id)
    stages = list(live.exclude(state__in=[StageState.SKIPPED, StageState.PASSED_BEFORE]).order_by("position"))
    gathered = gather(stages, today=today)
    facts = [gathered[stage.pk] for stage in stages]
    if not facts:
        return []
    subject = {**facts[0].subject, **parts}
    [found] = _results_for(facts, [subject])
    return [
        _turn(stage, before, after)
        for stage, one in zip(stages, facts, strict=True)
        for before, after in zip(assess(one).checks, assess(supposed(one, subject, found)).checks, strict=True)
        if before.state != after.state
    ]


def _turn(stage: Stage, before: Assessed, after: Assessed) -> Turn:
    item, blocker = before.check.item, after.finding.blocker
    return Turn(
        key=item.key,
        text=localised(item.text),
        stage=stage.key,
        stage_name=localised(stage.definition.name),
        before=before.state.value,
        after=after.state.value,
        says=wording.detail(blocker) if blocker else "",
        material=item.material,
        decided=stage.ended_at is not None,
    )


def _checks(facts: Sequence[GateFacts]) -> list[CheckFacts]:
    """The metric checks of these stages, and those that their conditions name."""
    every = [check for one in facts for check in (*one.checks, *one.deferred_checks)]
    return list({check.id: check for check in every if check.kind == "metric"}.values())


def _results_for(facts: Sequence[GateFacts], subjects: Sequence[Parts]) -> list[dict[int, Result | None]]:
    """For each subject the result that would count, by id of the check; two queries at most."""
    ids = [check.id for check in _checks(facts)]
    if not ids or not subjects:
        return [{} for _subject in subjects]
    columns = [f"supposed_{number}" for number in range(len(subjects))]
    rows = list(Check.objects.filter(pk__in=ids).with_results_for(subjects).order_by().values_list("pk", *columns))
    named = sorted({pk for row in rows for pk in row[1:] if pk})
    results = {row.pk: result_of(row) for row in questions.results_named(ids=named)} if named else {}
    return [{row[0]: results.get(row[place]) for row in rows} for place in range(1, len(subjects) + 1)]


def _reported_for(check: CheckFacts, candidate: Candidate) -> Result | None:
    """The candidate's latest result of the check's metric, slice and sample size, as a counting one is chosen."""
    rule = check.item.criterion
    fitting = [
        result
        for result in candidate.results
        if (result.metric, result.slice) == (rule["key"], rule.get("slice", ""))
        and (result.n or 0) >= rule.get("min_sample", 0)
        and not (check.redo and result.measured_at < check.opened_at)
    ]
    return max(fitting, key=lambda result: (result.measured_at, result.id), default=None)
