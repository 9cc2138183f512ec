"""Whole answers of the API: a project's status, a gate check, a review.

Built by hand, because lists of them must be fast.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from accounts.actor import Actor
from accounts.models import User
from common.texts import localised
from lifecycle.criteria import Blocker, Readiness, Verdict, recommend, wording
from lifecycle.criteria.forecast import Planned, forecast
from lifecycle.models import Condition, GateReview, Recusal, Reopening, ReviewState, Stage, StageState, Vote, VoteState
from lifecycle.models.definition import StageDefinition
from lifecycle.selectors import questions
from lifecycle.selectors.checks import differences
from lifecycle.selectors.gates import (
    blocker_document,
    prefetch_scope,
    readiness,
    round_readiness,
    round_readiness_of,
    rounds_with_scope,
)
from lifecycle.selectors.history import moved_materially, needs_new_review
from lifecycle.selectors.packets import fingerprint


def stages_for_status(actor: Actor, key: str) -> list[Stage]:
    """The latest stages of a project with process, project, subject, open round and money, in one query.

    Empty if unseen.
    """
    person = None if actor.is_admin or actor.is_auditor else actor.person.pk
    return questions.stages_seen(key=key, user=person, guest=actor.person.is_guest, project=actor.project_id)


def current_of(stages: Sequence[Stage]) -> Stage:
    """The current stage; of a project that has ended, the last one that was."""
    ended = [stage for stage in stages if stage.ended_at]
    return next((stage for stage in stages if stage.is_current), ended[-1] if ended else stages[0])


@dataclass(frozen=True, slots=True)
class Stand:
    """How a gate stands: live while its stage runs; as it was decided, with nothing left to block, once it passed."""

    verdict: str
    sentence: wording.Sentence
    blockers: tuple[Blocker, ...]


def stand_of(stage: Stage, answer: Readiness) -> Stand:
    """The one place that says verdict and sentence of a stage, so that no two doors disagree."""
    sentence = _last_word(stage, answer)
    if sentence is None:
        return Stand(answer.verdict.value, wording.sentence(answer), answer.blockers)
    passed = stage.state == StageState.PASSED
    return Stand(Verdict.PASS.value if passed else answer.verdict.value, sentence, () if passed else answer.blockers)


def _last_word(stage: Stage, answer: Readiness) -> wording.Sentence | None:
    """What was decided when the stage ended; None while it runs, and where nobody decided.

    A stage of `stages_for_status` brings the votes along; its decision and its end are those of the round.
    """
    if stage.ended_at is None:
        return None
    if hasattr(stage, "votes_cast"):
        day, votes = stage.ended_at.date(), stage.votes_cast
        return None if votes is None else _decided(stage.definition, stage.decision, day, votes)
    review = GateReview.objects.decided().of_iteration(stage).first()
    return decided_sentence(review, stage, answer) if review else None


def gate_answer(stage: Stage, *, today: date, answer: Readiness | None = None) -> dict[str, Any]:
    """Would this gate open? (design §6, gates/{stage}/check/)."""
    answer = answer or readiness(stage, today=today)
    return gate_document(stage, answer, stand_of(stage, answer))


def gate_document(stage: Stage, answer: Readiness, stand: Stand) -> dict[str, Any]:
    """A gate check's answer, for what stands and for what would stand."""
    return {
        "stage": stage.key,
        "verdict": stand.verdict,
        "sentence": str(stand.sentence),
        "ready": not stand.blockers,
        "required": answer.required,
        "met": answer.met,
        "blockers": [blocker_document(blocker, answer.facts) for blocker in stand.blockers],
        "optional_open": list(answer.optional_open),
        "decision": stage.decision or None,
        "fingerprint": fingerprint(answer),
    }


def sentence_of(answer: Readiness) -> wording.Sentence:
    """The gate's one sentence, in the reader's language."""
    return wording.sentence(answer)


def decided_sentence(review: GateReview, stage: Stage, answer: Readiness) -> wording.Sentence:
    votes = sum(1 for vote in review.votes.all() if vote.state == VoteState.STANDING)
    day = review.decided_at.date() if review.decided_at else answer.facts.today
    changed = len(differences(review, answer)) if stage.is_current else 0
    return _decided(stage.definition, review.decision, day, votes, changed)


def sentence_then(review: GateReview) -> wording.Sentence:
    """What was said when `review` was decided, in the reader's language; it comes with its votes and its stage."""
    votes = sum(1 for vote in review.votes.all() if vote.state == "standing")
    day = review.decided_at.date() if review.decided_at else review.requested_at.date()
    return _decided(review.definition, review.decision, day, votes, None)


def _decided(
    definition: StageDefinition, decision: str, day: date, votes: int, changed: int | None = 0
) -> wording.Sentence:
    name = definition.decision_names.get(decision)
    return wording.decided(wording.Decided(decision, name, definition.gate_name, day, votes, changed))


def status_answer(stages: Sequence[Stage], *, today: date) -> dict[str, Any]:
    """Where a project stands (design §6, projects/{key}/status/). `stages` come from `stages_for_status`."""
    current = current_of(stages)
    project, answer = current.process.project, readiness(current, today=today)
    stand = stand_of(current, answer)
    levels = Counter(risk.level for risk in answer.facts.risks)
    unaccepted = sum(1 for risk in answer.facts.risks if risk.level in {"high", "critical"} and not risk.accepted)
    return {
        "project": project.key,
        "state": project.state,
        "health": project.health,
        "sentence": str(stand.sentence),
        "stage": {
            "key": current.key,
            "name": localised(current.definition.name),
            "state": current.state,
            "iteration": current.iteration,
        },
        "gate": {
            "verdict": stand.verdict,
            "ready": not stand.blockers,
            "blockers": [blocker_document(blocker, answer.facts) for blocker in stand.blockers],
            "review": current.open_review,  # type: ignore[attr-defined]  # annotated by stages_for_status
        },
        "stages": [stage_document(stage) for stage in stages],
        "risks": {"open": len(answer.facts.risks), "unaccepted": unaccepted, "by_level": dict(levels)},
        "schedule": {"target_on": project.target_on, "forecast": forecast(planned(stages), today=today)},
        "budget": {"currency": project.currency, "planned": current.planned, "spent": current.spent},  # type: ignore[attr-defined]  # annotated
        "new_review_needed": [
            stage.key
            for stage in stages
            if moved_materially(stage, stage.decided_subject, answer.facts.subject)  # type: ignore[attr-defined]  # annotated by stages_for_status
        ],
        "next_reviews": [
            {"stage": stage.key, "due_on": stage.due_on} for stage in stages if stage.ended_at is None and stage.due_on
        ],
    }


def planned(stages: Sequence[Stage]) -> list[Planned]:
    return [
        Planned(stage.position, stage.due_on, stage.is_current, stage.ended_at is not None, stage.definition.recurring)
        for stage in stages
    ]


def stage_document(stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.pk,
        "key": stage.key,
        "name": localised(stage.definition.name),
        "gate": localised(stage.definition.gate_name),
        "position": stage.position,
        "iteration": stage.iteration,
        "state": stage.state,
        "starts_on": stage.starts_on,
        "due_on": stage.due_on,
        "started_at": stage.started_at,
        "ended_at": stage.ended_at,
        "decision": stage.decision or None,
        "version": stage.version,
    }


def reviews_shown(reviews: QuerySet[GateReview]) -> QuerySet[GateReview]:
    """With everything that `review_answer` shows, in a fixed number of queries."""
    return rounds_with_scope(_with_people(reviews)).prefetch_related("seats", "recusals__user")


def _with_people(reviews: QuerySet[GateReview]) -> QuerySet[GateReview]:
    votes = Prefetch("votes", Vote.objects.select_related("user"))
    conditions = Prefetch("conditions", Condition.objects.select_related("action__owner"))
    shown = reviews.select_related("requested_by", "stage__process__project__subject", "reopening__reopened_by")
    return shown.prefetch_related(votes, conditions)


def rounds_of_gate(stage: Stage) -> list[GateReview]:
    """Every round of this gate, in every iteration of its stage, newest first, with votes and conditions.

    Those too that took it along in a joint packet. The open one comes with its seats, recusals and scope.
    """
    rows = GateReview.objects.of_gate(stage.process_id, stage.key)
    joint = Exists(GateReview.joint.through.objects.filter(gatereview=OuterRef("pk")))
    recusals = Exists(Recusal.objects.filter(review=OuterRef("pk")))
    shown = _with_people(rows).select_related("change").annotate(has_joint=joint, has_recusals=recusals)
    rounds: list[GateReview] = list(shown)
    prefetch_scope([one for one in rounds if one.is_open])
    return rounds


def review_answers(reviews: Sequence[GateReview], *, today: date) -> list[dict[str, Any]]:
    """Many rounds, in a fixed number of queries; they come from `reviews_shown`."""
    answers = round_readiness_of(reviews, today=today)
    names = _spoken_for(reviews)
    return [_review(review, answers[review.pk], names) for review in reviews]


def review_answer(review: GateReview, *, today: date) -> dict[str, Any]:
    """A round as the API shows it (design §6).

    Votes, conditions, what is recommended, what differs since the decision.
    """
    return _review(review, round_readiness(review, today=today), _spoken_for([review]))


def _spoken_for(reviews: Sequence[GateReview]) -> dict[int, str]:
    """The user names of those for whom deputies voted; no query where none did."""
    ids = {user for review in reviews for vote in review.votes.all() for user in vote.on_behalf_of}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "username")) if ids else {}


def _reopened(review: GateReview) -> dict[str, Any] | None:
    """Who opened the decided gate again, and why; None where nobody did."""
    if not hasattr(review, "reopening"):
        return None
    found: Reopening = review.reopening
    return {"by": found.reopened_by.username, "at": found.at, "reason": found.reason}


def _review(review: GateReview, answer: Readiness, names: Mapping[int, str]) -> dict[str, Any]:
    votes = [vote for vote in review.votes.all() if vote.state == "standing"]
    found = differences(review, answer) if review.decision else []
    return {
        "id": review.pk,
        "stage": review.stage.key,
        "iteration": review.stage.iteration,
        "round": review.round,
        "state": review.state,
        "extraordinary": review.extraordinary,
        "change": review.change_id,
        "despite_blockers": review.despite_blockers,
        "note": review.note,
        "packet": review.packet,
        "decision": review.decision or None,
        "reason": review.reason or None,
        "return_to": review.return_to or None,
        "until": review.until,
        "decided_at": review.decided_at,
        "requested_by": review.requested_by.username,
        "requested_at": review.requested_at,
        "gatekeepers": review.deciders,
        "quorum": review.quorum,
        "must_include": review.must_include,
        "joint": [stage.key for stage in review.joint.all()],
        "gates": review.gates,
        "votes": [
            {
                "user": vote.user.username,
                "on_behalf_of": [names[user] for user in vote.on_behalf_of],
                "roles": vote.roles,
                "decision": vote.decision,
                "rationale": vote.rationale,
                "cast_at": vote.cast_at,
            }
            for vote in votes
        ],
        "recusals": [{"user": one.user.username, "reason": one.reason, "at": one.at} for one in review.recusals.all()],
        "reopened": _reopened(review),
        "conditions": [condition_document(condition) for condition in review.conditions.all()],
        "recommendation": recommend(answer) or None if review.state == ReviewState.OPEN else None,
        "differences": [
            {
                "check": one.key,
                "then": dict(one.then),
                "now": dict(one.now),
                "change": one.change,
                "material": one.material,
                "proof": one.proof or None,
            }
            for one in found
        ],
        "new_review_needed": needs_new_review(review, review.stage, found, answer),
        "pack": f"/api/v1/reviews/{review.pk}/pack/" if review.decision else None,
        "version": review.version,
    }


def condition_document(condition: Condition) -> dict[str, Any]:
    return {
        "id": condition.pk,
        "text": condition.action.text,
        "owner": condition.action.owner.username,
        "due_on": condition.action.due_on,
        "check": condition.check_key or None,
        "state": condition.state,
        "closed_at": condition.closed_at,
        "version": condition.version,
    }
