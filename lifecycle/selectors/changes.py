"""Changes between the reviews of a recurring stage: which checks they turned stale, and how those stand."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from common.texts import localised
from lifecycle.criteria import SETTLED, Assessed, CheckState, Readiness, joined
from lifecycle.models import Change, ChangeState, GateReview, Stage
from lifecycle.models.changes import frozen_rows
from lifecycle.selectors.gates import authors, blocker_document, readiness_of


@dataclass(frozen=True, slots=True)
class Named:
    """A check that a change names, with the gate it stands at."""

    stage: Stage
    answer: Readiness
    one: Assessed

    @property
    def settled(self) -> bool:
        return self.one.state in SETTLED


@dataclass(frozen=True, slots=True)
class Standing:
    """A change with its checks as they stand today."""

    change: Change
    checks: tuple[Named, ...]
    review: int | None
    # The parts that are not what the change made them, with what they are today: what runs does not run on it.
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def left(self) -> tuple[Named, ...]:
        return tuple(named for named in self.checks if not named.settled)

    @property
    def ready(self) -> bool:
        """Nothing but somebody's word is missing."""
        return self.change.state == ChangeState.OPEN and not self.left and not self.elsewhere


def stale_for(process_id: int, parts: Collection[str], *, today: date) -> list[Named]:
    """The checks of every stage's newest iteration that are stale because one of these parts of the subject moved."""
    found = _checks_of([process_id], today=today)
    return [
        named for named in found[process_id] if named.one.state == CheckState.STALE and _moved(named.one) & set(parts)
    ]


def standing_of(changes: Sequence[Change], *, today: date) -> list[Standing]:
    """How changes stand, in the order given: a fixed number of queries. They come from `with_process()`."""
    if not changes:
        return []
    checks = _checks_of([change.stage.process_id for change in changes], today=today)
    rounds = dict(GateReview.objects.open().filter(change__in=changes).values_list("change", "pk"))
    return [_standing(change, checks[change.stage.process_id], rounds.get(change.pk)) for change in changes]


def _standing(change: Change, checks: Sequence[Named], review: int | None) -> Standing:
    mine = tuple(named for named in checks if named.one.check.key in change.checks)
    subject = checks[0].answer.facts.subject if checks else {}
    return Standing(change, mine, review, elsewhere_by(change, subject) if change.is_running else {})


def elsewhere_by(change: Change, subject: Mapping[str, str]) -> dict[str, str]:
    """The parts of `subject`, which is current, that are something else than the change made them."""
    return {part: subject.get(part, "") for part, (_was, made) in change.moved.items() if subject.get(part) != made}


def authors_of(standing: Standing) -> set[int]:
    """Who supplied what the checks of a change rest on."""
    facts = {named.stage.pk: named.answer.facts for named in standing.checks}
    return set(authors(joined(list(facts.values()), only=standing.change.checks))) if facts else set()


def named_by_changes(process_id: int) -> set[str]:
    """Keys of the checks that running changes ask to be met again, whatever became of their stage."""
    running = Change.objects.running().of_process(process_id).values_list("checks", flat=True)
    return {key for keys in running for key in keys}


def settled_by_changes(process_id: int, since: datetime) -> dict[str, dict[str, Any]]:
    """By key, the checks that changes settled since then, as they were frozen when the last of them was.

    What was otherwise then was confirmed or reviewed; what came after it was not.
    """
    changes = Change.objects.of_process(process_id).filter(state=ChangeState.CONFIRMED, closed_at__gte=since)
    settled = list(changes.order_by("closed_at", "pk"))
    rounds = GateReview.objects.decided().filter(change__in=settled).order_by("pk")
    decided = {review.change_id: review.basis for review in rounds} if settled else {}
    return {
        row["key"]: row
        for change in settled
        for row in frozen_rows(change.basis or decided.get(change.pk, {}))
        if row["key"] in change.checks
    }


def change_document(standing: Standing) -> dict[str, Any]:
    """A change as the API shows it; of one that is over no check has a state, for that is history."""
    change = standing.change
    return {
        "id": change.pk,
        "project": change.stage.process.project.key,
        "stage": change.stage.key,
        "iteration": change.stage.iteration,
        "text": change.text,
        "moved": [{"part": part, "from": before, "to": after} for part, (before, after) in change.moved.items()],
        "checks": [_check(named, live=change.is_running) for named in standing.checks],
        "material": change.material,
        "state": change.state,
        "ready": standing.ready,
        "elsewhere": [{"part": part, "value": value} for part, value in standing.elsewhere.items()],
        "review": standing.review,
        "opened_by": change.opened_by.username,
        "opened_at": change.opened_at,
        "closed_by": change.closed_by.username if change.closed_by else None,
        "closed_at": change.closed_at,
        "version": change.version,
    }


def _check(named: Named, *, live: bool) -> dict[str, Any]:
    one = named.one
    blocker = one.finding.blocker if live else None
    return {
        "id": one.check.id,
        "key": one.check.key,
        "stage": one.check.stage,
        "text": localised(one.check.item.text),
        "material": one.check.item.material,
        "state": one.state.value if live else None,
        "blocker": blocker_document(blocker, named.answer.facts) if blocker else None,
    }


def _checks_of(processes: Collection[int], *, today: date) -> dict[int, list[Named]]:
    """Every check of the newest iterations of these processes' stages, in the order of the stages."""
    stages = list(Stage.objects.newest().with_process().filter(process__in=processes).order_by("position"))
    answers, found = readiness_of(stages, today=today), defaultdict[int, list[Named]](list)
    for stage in stages:
        found[stage.process_id] += [Named(stage, answers[stage.pk], one) for one in answers[stage.pk].checks]
    return found


def _moved(one: Assessed) -> set[str]:
    blocker = one.finding.blocker
    return {moved.part for moved in blocker.about.get("moved", ())} if blocker else set()
