"""Gathers what criteria read, for one stage or for hundreds, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from common.canonical import digest
from lifecycle.criteria import AssessmentFact, CheckFacts, ConditionFact, GateFacts, Proof, Result, RiskFact
from lifecycle.models import Check, CheckEvidence, Item, Process, Stage
from lifecycle.models.templates import definition_of
from lifecycle.selectors import questions
from records.models import MetricResult, Subject


def gather(stages: Sequence[Stage], *, today: date) -> dict[int, GateFacts]:
    """The facts of each stage by its id: seven queries, however many stages.

    Stages must come `with_process()`; a deferring condition's check of another stage is read along with them.
    """
    conditions = _conditions([stage.process_id for stage in stages])
    checks = _checks(stages, conditions, today)
    projects = [stage.process.project_id for stage in stages]
    risks, assessments = _risks(projects, today), _assessments(projects, today)
    return {stage.pk: _gate(stage, today, checks, risks, assessments, conditions) for stage in stages}


def _gate(
    stage: Stage,
    today: date,
    checks: dict[int, list[tuple[Check, CheckFacts]]],
    risks: dict[int, list[RiskFact]],
    assessments: dict[int, dict[str, AssessmentFact]],
    conditions: dict[int, list[ConditionFact]],
) -> GateFacts:
    project, definition = stage.process.project, stage.definition
    mine, standing = checks[stage.process_id], conditions[stage.process_id]
    named = {condition.check for condition in standing if condition.check}
    return GateFacts(
        project_id=project.pk,
        project_key=project.key,
        project_name=project.display_name,
        project_state=project.state,
        process_id=stage.process_id,
        stage_id=stage.pk,
        stage=stage.key,
        stage_state=stage.state,
        iteration=stage.iteration,
        level=stage.level,
        version_id=stage.version_id,
        responsible=definition.responsible,
        subject=subject_of(stage),
        today=today,
        started_at=stage.started_at,
        quorum=stage.rules.quorum,
        review_on=stage.review_ahead(today),
        awaits_counsel=stage.process.awaits_counsel,
        checks=tuple(check for row, check in mine if row.stage_id == stage.pk),
        risks=tuple(risks[project.pk]),
        assessments=assessments[project.pk],
        conditions=tuple(standing),
        deferred_checks=tuple(check for row, check in mine if check.key in named and not row.stage.superseded),
    )


def subject_of(stage: Stage) -> dict[str, str]:
    """The current subject of the stage's project; empty before anything was named."""
    try:
        return stage.process.project.subject.parts()
    except Subject.DoesNotExist:
        return {}


def _check_rows(stages: Sequence[Stage], conditions: dict[int, list[ConditionFact]]) -> list[Check]:
    """The rows of these stages, and those which a condition of their own process names."""
    ids = [stage.pk for stage in stages]
    named = {process: {one.check for one in found if one.check} for process, found in conditions.items()}
    if not any(named.values()):
        return questions.checks_of(stages=ids)
    processes, keys = [stage.process_id for stage in stages], sorted(set[str]().union(*named.values()))
    rows = questions.checks_also(stages=ids, processes=processes, keys=keys)
    return [row for row in rows if row.stage_id in ids or row.key in named.get(row.stage.process_id, ())]


def _checks(
    stages: Sequence[Stage], conditions: dict[int, list[ConditionFact]], today: date
) -> dict[int, list[tuple[Check, CheckFacts]]]:
    rows = _check_rows(stages, conditions)
    processes = {stage.process_id: stage.process for stage in stages}
    items = {row.pk: _item(row, processes[row.stage.process_id]) for row in rows}
    facts = check_facts(rows, items, processes, today)
    found: dict[int, list[tuple[Check, CheckFacts]]] = defaultdict(list)
    for row in rows:
        found[row.stage.process_id].append((row, facts[row.pk]))
    return found


def check_facts(
    rows: Sequence[Check], items: Mapping[int, Item], processes: Mapping[int, Process], today: date
) -> dict[int, CheckFacts]:
    """The facts of each row by its id, read by `items`; two queries, and one more where a criterion compares."""
    proofs = _proofs([row.pk for row in rows])
    baselines = _baselines([pk for pk, item in items.items() if "baseline" in item.criterion])
    results = _results({row.result_id for row in rows if row.result_id} | set(baselines.values()))  # type: ignore[attr-defined]  # annotated by with_facts
    found: dict[int, CheckFacts] = {}
    for row in rows:
        until: date | None = row.waiver_until  # type: ignore[attr-defined]  # annotated by with_facts
        waived = until is not None and until >= today
        found[row.pk] = CheckFacts(
            id=row.pk,
            stage=row.stage.key,
            item=items[row.pk],
            required=row.required,
            answer=row.answer,
            answered_by=row.answered_by_id,
            answered_by_name=row.answered_by.display_name if row.answered_by else "",
            answered_at=row.answered_at,
            subject=row.subject,
            carried=row.carried,
            confirmed=row.confirmed_by_id is not None,
            note=row.note,
            assignee=row.assignee_id,
            assignee_name=row.assignee.display_name if row.assignee else "",
            assignee_username=row.assignee.username if row.assignee else "",
            due_on=row.due_on,
            version=row.version,
            own_limit=row.own_limit,  # type: ignore[attr-defined]  # annotated by with_facts
            waived_until=until if waived else None,
            waiver_lapsed_on=None if waived else until,
            opened_at=row.stage.opened_at,
            started_at=row.stage.started_at,
            proofs=tuple(proofs[row.pk]),
            result=results.get(row.result_id),  # type: ignore[attr-defined]  # annotated by with_facts
            source_confirmed=_is_confirmed(items[row.pk], row.confirmed_criterion),  # type: ignore[attr-defined]  # annotated by with_facts
            baseline_model=processes[row.stage.process_id].baseline_model,
            baseline=results.get(baselines.get(row.pk, 0)),
            iteration=row.stage.iteration,
            waiver=row.waiver_id if waived else None,  # type: ignore[attr-defined]  # annotated by with_facts
        )
    return found


def _item(row: Check, process: Process) -> Item:
    """What the template says of a check, in the version that its stage is read by."""
    version = row.stage.ended_version_id or process.template_version_id
    return definition_of(version).item(row.stage.key, row.key)


def _is_confirmed(item: Item, criterion: str | None) -> bool:
    """A confirmation speaks of the criterion as it was then."""
    return item.source_state == "unconfirmed" and criterion is not None and criterion == digest(item.criterion)


def _baselines(checks: list[int]) -> dict[int, int]:
    """The id of the result to compare with, by check; asked only where a criterion compares."""
    if not checks:
        return {}
    return {row.pk: row.baseline_id for row in questions.baselines_of(checks=checks) if row.baseline_id}  # type: ignore[attr-defined]  # annotated by with_baseline


def _proofs(checks: Iterable[int]) -> dict[int, list[Proof]]:
    found: dict[int, list[Proof]] = defaultdict(list)
    links = questions.proofs_of(checks=list(checks))
    former = _former(links)
    for link in links:
        if link.replaced:
            continue
        proof = link.evidence
        found[link.check_row_id].append(
            Proof(
                id=proof.pk,
                title=proof.title,
                url=proof.url,
                sha256=proof.sha256,
                subject=proof.subject,
                valid_until=proof.valid_until,
                supplied_by=proof.supplied_by_id,
                supplied_by_name=proof.supplied_by.display_name,
                supplied_at=proof.supplied_at,
                effective_at=proof.effective_at,
                carried=link.carried,
                confidential=proof.confidential,
                linked_by=link.linked_by_id,
                former=tuple(former.get((link.check_row_id, proof.first_id or proof.pk), ())),
                version=proof.version,
            )
        )
    return found


def _former(links: Iterable[CheckEvidence]) -> dict[tuple[int, int], dict[int, None]]:
    """By check and first revision: who made or brought what a later revision has replaced there, once each."""
    found: dict[tuple[int, int], dict[int, None]] = defaultdict(dict)
    for link in links:
        if link.replaced:
            people = (link.evidence.supplied_by_id, link.linked_by_id)
            found[link.check_row_id, link.evidence.first_id or link.evidence_id].update(
                {one: None for one in people if one}
            )
    return found


def _results(ids: set[int]) -> dict[int, Result]:
    return {row.pk: result_of(row) for row in questions.results_named(ids=sorted(ids))} if ids else {}


def result_of(row: MetricResult) -> Result:
    return Result(
        id=row.pk,
        metric=row.metric,
        value=row.value,
        slice=row.slice,
        n=row.n,
        low=row.low,
        high=row.high,
        benchmark=row.benchmark,
        run_id=row.run_id,
        subject=row.subject,
        measured_at=row.measured_at,
        recorded_by=row.recorded_by_id,
        recorded_by_name=row.recorded_by.display_name,
    )


def _risks(projects: list[int], today: date) -> dict[int, list[RiskFact]]:
    found: dict[int, list[RiskFact]] = defaultdict(list)
    for row in questions.open_risks(projects=projects, today=today):
        accepted: bool = row.accepted  # type: ignore[attr-defined]  # annotated by with_acceptance
        fact = RiskFact(
            id=row.pk,
            title=row.display_title,
            category=row.category,
            likelihood=row.current_likelihood,
            impact=row.current_impact,
            level=row.current["level"],
            accepted=accepted,
            scored_at=row.scored_at,
            plan=row.plan,  # type: ignore[attr-defined]  # annotated
        )
        found[row.project_id].append(fact)
    return found


def _assessments(projects: list[int], today: date) -> dict[int, dict[str, AssessmentFact]]:
    """The attempt that counts for each questionnaire, with the roles that signed it and who filled it in, in one query.

    An approved attempt stands until it expires, whatever was begun after it; else the newest attempt counts.
    """
    signed, fillers = defaultdict[int, set[tuple[str, int]]](set), defaultdict[int, set[int]](set)
    found: dict[int, dict[str, AssessmentFact]] = defaultdict(dict)
    for row in questions.attempts(projects=projects):
        signed[row.pk] |= {(row.role, row.signer)} if row.role else set()  # type: ignore[attr-defined]  # annotated
        fillers[row.pk] |= {row.filler} - {None}  # type: ignore[attr-defined]  # annotated
        held = found[row.project_id].get(row.key)
        if held and held.id != row.pk and _stands(held, today) and row.state != "approved":
            continue
        found[row.project_id][row.key] = AssessmentFact(
            row.pk,
            row.key,
            row.state,
            row.subject,
            row.filled_by_id,
            row.filled_at,
            row.expires_on,
            tuple(sorted(role for role, _signer in signed[row.pk])),
            tuple(sorted(fillers[row.pk])),
            tuple(sorted(signed[row.pk])),
        )
    return found


def _stands(found: AssessmentFact, today: date) -> bool:
    return found.state == "approved" and (found.expires_on is None or found.expires_on >= today)


def _conditions(processes: list[int]) -> dict[int, list[ConditionFact]]:
    found: dict[int, list[ConditionFact]] = defaultdict(list)
    for row in questions.standing_conditions(processes=processes):
        stage, action = row.review.stage, row.action
        role_held = row.owner_role  # type: ignore[attr-defined]  # annotated
        found[stage.process_id].append(
            ConditionFact(
                id=row.pk,
                stage=stage.key,
                check=row.check_key,
                text=action.text,
                due_on=action.due_on,
                owner=action.owner.display_name,
                owner_roles=(role_held,) if role_held else (),
                set_on=action.created_at.date(),
                check_id=row.check_row_id,
            )
        )
    return found
