"""Questions about gates: is it ready, which stages does a round read, who supplied what it rests on."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from lifecycle.criteria import Blocker, CheckFacts, GateFacts, Readiness, assess, joined, wording
from lifecycle.models import Change, GateReview, Stage, StageState, VoteState
from lifecycle.models.process import CURRENT
from lifecycle.selectors import questions
from lifecycle.selectors.facts import gather


def readiness(stage: Stage, *, today: date) -> Readiness:
    """How the gate of `stage` stands today. The stage must come `with_process()`."""
    return readiness_of([stage], today=today)[stage.pk]


def readiness_of(stages: Sequence[Stage], *, today: date) -> dict[int, Readiness]:
    """The same for many stages at once, by stage id, in the same number of queries."""
    answers = {pk: assess(facts) for pk, facts in gather(stages, today=today).items()}
    asked = [pk for pk, one in answers.items() if one.ready and one.facts.stage_state == StageState.IN_REVIEW]
    votes = Counter(vote.stage for vote in questions.votes_in(stages=asked)) if asked else {}  # type: ignore[attr-defined]  # annotated
    return answers | {pk: replace(answers[pk], votes=count) for pk, count in votes.items()}


def readiness_together(stages: Sequence[Stage], *, change: Change | None = None, today: date) -> Readiness:
    """How gates stand that would go as one joint packet; one stage alone is read as by `readiness`.

    With `change`, how just the checks stand that it names, wherever they are.
    """
    read = _wherever(stages[0]) if change else list(stages)
    gathered = gather(read, today=today)
    return assess(joined([gathered[stage.pk] for stage in read], only=change.checks if change else None))


def round_readiness(review: GateReview, *, today: date) -> Readiness:
    """How what a round decides stands today: its stage, the stages joint with it, or just the checks of its change."""
    return round_readiness_of([review], today=today)[review.pk]


def round_readiness_of(reviews: Sequence[GateReview], *, today: date) -> dict[int, Readiness]:
    """The same for many rounds, by round id. They come from `rounds_with_scope`, their stages `with_process()`."""
    scopes = _scopes(reviews)
    gathered = gather([stage for stages in scopes.values() for stage in stages], today=today)
    answers = {review.pk: _assessed(review, [gathered[stage.pk] for stage in scopes[review.pk]]) for review in reviews}
    asked = [review for review in reviews if review.is_open and answers[review.pk].ready]
    return answers | {pk: replace(answers[pk], votes=count) for pk, count in _standing(asked).items()}


def _standing(rounds: Sequence[GateReview]) -> Counter[int]:
    """How many votes stand in each of these rounds; no query where they brought their votes along."""
    if not rounds:
        return Counter()
    if all("votes" in getattr(one, "_prefetched_objects_cache", {}) for one in rounds):
        return Counter(vote.review_id for one in rounds for vote in one.votes.all() if vote.state == VoteState.STANDING)
    return Counter(vote.review_id for vote in questions.votes_of(rounds=[one.pk for one in rounds]))


def _assessed(review: GateReview, facts: Sequence[GateFacts]) -> Readiness:
    """The facts of a round's stages as one, by the quorum that the round copied."""
    together = joined(facts, only=review.change.checks if review.change else None)
    return assess(replace(together, quorum=review.quorum))


def rounds_with_scope(reviews: QuerySet[GateReview]) -> QuerySet[GateReview]:
    """With the stages that go with a round, and the change it is about."""
    return reviews.select_related("change").prefetch_related(_joint())


def prefetch_scope(rounds: Sequence[GateReview]) -> None:
    """The same, with seats, for rounds at hand; joint stages and recusals are asked for only where there are some."""
    prefetch_related_objects(rounds, "seats")
    prefetch_related_objects([one for one in rounds if one.has_joint], _joint())  # type: ignore[attr-defined]  # annotated
    prefetch_related_objects([one for one in rounds if one.has_recusals], "recusals__user")  # type: ignore[attr-defined]  # annotated


def _joint() -> "Prefetch[str]":
    return Prefetch("joint", Stage.objects.with_process().order_by("position"))


def _scopes(reviews: Sequence[GateReview]) -> dict[int, list[Stage]]:
    """The stages whose checks rounds read: their own, then those joint with it; for a change, wherever a check fell."""
    about = {review.stage.process_id for review in reviews if review.change}
    newest: dict[int, list[Stage]] = defaultdict(list)
    rows = Stage.objects.newest().with_process().filter(process__in=about).order_by("position") if about else []
    for stage in rows:
        newest[stage.process_id].append(stage)
    return {
        review.pk: _first(review.stage, newest[review.stage.process_id]) if review.change else decided_by(review)
        for review in reviews
    }


def decided_by(review: GateReview) -> list[Stage]:
    """The stages whose gates a round decides: its own, then those joint with it."""
    return [review.stage, *(review.joint.all() if getattr(review, "has_joint", True) else ())]


def _wherever(stage: Stage) -> list[Stage]:
    """This iteration first, whose gate the round is about, then the newest of every other stage."""
    newest = Stage.objects.newest().with_process().filter(process=stage.process_id)
    return _first(stage, newest.order_by("position"))


def _first(stage: Stage, newest: Iterable[Stage]) -> list[Stage]:
    return [stage, *(one for one in newest if one.key != stage.key)]


def blocker_document(blocker: Blocker, facts: GateFacts) -> dict[str, Any]:
    """A blocker as the API shows it (design §4)."""
    anchor = f"#check-{blocker.check}" if blocker.check else ""
    # In a joint packet a check may stand at a later gate.
    stage = next((check.stage for check in facts.checks if check.key == blocker.check), facts.stage)
    return {
        "check": blocker.check,
        "kind": blocker.kind,
        "code": blocker.code,
        "detail": wording.detail(blocker),
        "since": blocker.since,
        "who": list(blocker.who),
        "url": f"{facts.gate_url(stage)}{anchor}",
    }


def authors(facts: GateFacts) -> dict[int, str]:
    """Who supplied what this packet rests on, with one example each.

    Evidence, metrics and answers count, signatures do not.
    """
    found: dict[int, str] = {}
    for check in facts.checks:
        for user in _suppliers(check, facts):
            found.setdefault(user, check.key)
    return found


def _suppliers(check: CheckFacts, facts: GateFacts) -> Iterator[int]:
    """Of its proof, its result and the result it is compared with, its answer, its assessment."""
    for proof in check.proofs:
        yield from proof.authors
    yield from (result.recorded_by for result in (check.result, check.baseline) if result)
    if check.answered_by and check.kind != "approval" and check.answer != "open":
        yield check.answered_by
    if check.kind == "assessment" and (filled := facts.assessments.get(check.item.criterion["assessment"])):
        yield from (filled.filled_by, *filled.fillers)


def left_by_reopening(stage: Stage) -> Stage:
    """The stage that a project leaves when the gate of `stage` opens again: its current one, or where it had ended."""
    rows = Stage.objects.newest().with_process().filter(process=stage.process_id, position__gte=stage.position)
    reached = rows.filter(Q(state__in=CURRENT) | Q(ended_at__isnull=False)).exclude(state=StageState.SKIPPED)
    return reached.order_by("-position").first() or stage
