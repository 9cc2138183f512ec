"""What is due to whom, kind by kind: the tick asks by day, the sweep asks again by id just before a mail leaves.

A row of `KINDS` is one kind of reminder of design §8. Each finder needs a fixed number of queries, however much is due.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q
from django.db.models.fields.json import KT

from journal.models import Notice
from lifecycle.criteria import SETTLED
from lifecycle.criteria.readiness import find
from lifecycle.models import Answer, Check, GateReview, Stage
from lifecycle.selectors import authors, gather, round_readiness_of, rounds_with_scope
from lifecycle.selectors.sittings import sittings_of
from overview.selectors.due_endings import proof_expiring, waivers_ending
from overview.selectors.due_people import people_of
from overview.selectors.due_shapes import AT_WORK, Finder, Owed, Wanted
from projects.models import Action, HoldPeriod, ProjectState

WEEKS = 26
LATE = (1, 3, *range(10, 3 + 7 * WEEKS + 1, 7))
AHEAD = (-7, -1, 0)
OFFSETS = (*AHEAD, *LATE)
# Counted from the day the round was asked for.
ROUND_OFFSETS = (0, *LATE)
VOTE_MISSING_AFTER = timedelta(days=3)
GATHERED_AT_ONCE = 400
OWED_IN = (*AT_WORK, ProjectState.COMPLETED)
EVENTS_OF_OPEN_ROUNDS = ("review.requested", "review.packet_changed")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of reminder counts its days, and whether it has a mail of its own instead of a line in the digest."""

    noun: str
    offsets: tuple[int, ...] = OFFSETS
    urgent: bool = False


KINDS: dict[str, Kind] = {
    "stage_deadline": Kind("stage"),
    "maintenance_review": Kind("stage"),
    "check_due": Kind("check"),
    "review_waiting": Kind("review", ROUND_OFFSETS, urgent=True),
    "vote_missing": Kind("review", ROUND_OFFSETS, urgent=True),
    "action_due": Kind("action"),
    "hold_ending": Kind("project"),
    "evidence_expiring": Kind("evidence"),
    # Its end is told by itself, once.
    "waiver_ending": Kind("waiver", AHEAD),
}


def due_on(days: Collection[date], now: datetime) -> Iterator[tuple[str, Owed]]:
    """Everything, with its kind, of which some reminder falls on one of these days."""
    for noun, finder in FINDERS.items():
        offsets = {offset for kind in KINDS.values() if kind.noun == noun for offset in kind.offsets}
        yield from finder(Wanted(days={day - timedelta(days=offset) for day in days for offset in offsets}), now)


def still_due(notices: Sequence[Notice], now: datetime) -> set[int]:
    """The ids of those of these notices that still hold: not done, not moved to another day, still this person's."""
    holding, asked = set(), defaultdict(list)
    for notice in notices:
        noun = KINDS[notice.kind].noun if notice.kind in KINDS else ""
        if notice.kind in EVENTS_OF_OPEN_ROUNDS:
            noun = "review"
        if noun:
            asked[noun].append(notice)
        else:
            holding.add(notice.pk)
    for noun, those in asked.items():
        wanted = Wanted(ids={int(notice.object.partition(":")[2]) for notice in those})
        owed = {(kind, one.object): one for kind, one in FINDERS[noun](wanted, now)}
        found = [(notice, one) for notice in those if (one := _standing(notice, owed))]
        # Only those who are told because it is late are not named by the thing itself.
        people = people_of(one.project_id for notice, one in found if notice.recipient_id not in one.told)
        for notice, one in found:
            told = people[one.project_id].told(one.told, notice.payload.get("offset", 0))
            if notice.recipient_id in told:
                holding.add(notice.pk)
    return holding


def _standing(notice: Notice, owed: Mapping[tuple[str, str], Owed]) -> Owed | None:
    """What the notice tells of, if that is still due and on the same day."""
    if notice.kind in EVENTS_OF_OPEN_ROUNDS:
        return owed.get(("review_waiting", notice.object))
    one = owed.get((notice.kind, notice.object))
    return one if one and one.due.isoformat() == notice.payload.get("due") else None


def _stages(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """The current stage of an active project: its owners; of a recurring stage its gatekeepers too."""
    rows = Stage.objects.current().filter(wanted.rows("due_on"), process__project__state=ProjectState.ACTIVE)
    stages = list(rows.exclude(due_on=None).select_related("process"))
    people = people_of(stage.process.project_id for stage in stages)
    for stage in stages:
        project, definition = stage.process.project_id, stage.definition
        told = dict.fromkeys(people[project].owners, "owner")
        if definition.recurring:
            deciders = stage.rules.deciders
            told = {**dict.fromkeys(people[project].gatekeepers(deciders), "gatekeeper"), **told}
        kind = "maintenance_review" if definition.recurring else "stage_deadline"
        if stage.due_on:
            yield kind, Owed(f"stage:{stage.pk}", project, stage.due_on, stage.opened_at, told, {"stage": stage.key})


def _checks(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """A check with a day that is not settled, ticked or computed: its assignee, else the owners."""
    unanswered = Q(answer__in=[Answer.OPEN, Answer.NOT_MET]) | ~Q(kind__in=["manual", "approval"])
    rows = Check.objects.filter(
        wanted.rows("due_on"),
        unanswered,
        due_on__isnull=False,
        dropped=False,
        stage__superseded=False,
        stage__ended_at=None,
        stage__process__project__state__in=AT_WORK,
    ).select_related("stage__process")
    checks = list(rows.order_by("pk"))
    settled = _settled({check.stage_id for check in checks}, now)
    people = people_of(check.stage.process.project_id for check in checks if not check.assignee_id)
    for check in checks:
        if check.due_on is None or check.pk in settled:
            continue
        project = check.stage.process.project_id
        told = {check.assignee_id: "assignee"} if check.assignee_id else dict.fromkeys(people[project].owners, "owner")
        about = {"stage": check.stage.key, "check": check.key}
        yield "check_due", Owed(f"check:{check.pk}", project, check.due_on, check.stage.opened_at, told, about)


def _settled(stage_ids: set[int], now: datetime) -> set[int]:
    """Ids of the checks of these stages that are met, waived, deferred or do not apply."""
    settled, ids = set(), sorted(stage_ids)
    for start in range(0, len(ids), GATHERED_AT_ONCE):
        stages = list(Stage.objects.with_process().filter(pk__in=ids[start : start + GATHERED_AT_ONCE]))
        for facts in gather(stages, today=now.date()).values():
            settled |= {check.id for check in facts.checks if find(check, facts).state in SETTLED}
    return settled


def _reviews(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """An open round: whoever holds a seat and has not voted; after three days without quorum the requester as well."""
    rows = GateReview.objects.open().filter(stage__process__project__state=ProjectState.ACTIVE)
    if wanted.ids is not None:
        rows = rows.filter(pk__in=wanted.ids)
    rows = rows.defer("document", "basis").annotate(judged=KT("document__subject__model"))
    reviews = list(rows.select_related("stage__process").prefetch_related("seats", "votes", "recusals"))
    sittings = sittings_of(reviews, now=now, authors=_authors(reviews, now))
    for review in reviews:
        sitting = sittings[review.pk]
        yield from _round(review, wanted, sitting.missing(), lacking=len(sitting.votes) < review.quorum, now=now)


def _authors(reviews: Sequence[GateReview], now: datetime) -> dict[int, dict[int, str]]:
    """By round, who supplied what it rests on, where the rules that it copied take their vote for that."""
    found: dict[int, dict[int, str]] = {}
    asked = [review.pk for review in reviews if "author_cannot_decide" in review.separation]
    for start in range(0, len(asked), GATHERED_AT_ONCE):
        rounds = GateReview.objects.filter(pk__in=asked[start : start + GATHERED_AT_ONCE]).defer("document", "basis")
        rows = list(rounds_with_scope(rounds.select_related("stage__process__project__subject")))
        answers = round_readiness_of(rows, today=now.date())
        found.update({pk: authors(answer.facts) for pk, answer in answers.items()})
    return found


def _round(
    review: GateReview, wanted: Wanted, missing: dict[int, str], *, lacking: bool, now: datetime
) -> Iterator[tuple[str, Owed]]:
    project, asked = review.stage.process.project_id, review.requested_at.date()
    about = {"stage": review.stage.key, "since": asked.isoformat()}
    if wanted.has(asked):
        yield "review_waiting", Owed(f"review:{review.pk}", project, asked, review.requested_at, missing, about)
    due = asked + VOTE_MISSING_AFTER
    if lacking and wanted.has(due) and due <= now.date():
        told = {review.requested_by_id: "requester", **missing}
        yield "vote_missing", Owed(f"review:{review.pk}", project, due, review.requested_at, told, about)


def _actions(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """Whatever somebody owes, from whichever source: its owner."""
    rows = Action.objects.open().filter(wanted.rows("due_on"), project__state__in=OWED_IN).defer("text")
    for action in list(rows):
        told, about = {action.owner_id: "assignee"}, {"source": action.source}
        yield (
            "action_due",
            Owed(f"action:{action.pk}", action.project_id, action.due_on, action.created_at, told, about),
        )


def _holds_ending(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """A pause that ends: the owners, who resume the project or ask for longer."""
    rows = HoldPeriod.objects.running().filter(project__state=ProjectState.ON_HOLD)
    where = Q(until__in=wanted.days) if wanted.days is not None else Q(project__in=wanted.ids)
    holds = list(rows.filter(where))
    people = people_of(hold.project_id for hold in holds)
    for hold in holds:
        told, since = dict.fromkeys(people[hold.project_id].owners, "owner"), midnight(hold.started_on)
        yield "hold_ending", Owed(f"project:{hold.project_id}", hold.project_id, hold.until, since, told)


FINDERS: dict[str, Finder] = {
    "stage": _stages,
    "check": _checks,
    "review": _reviews,
    "action": _actions,
    "project": _holds_ending,
    "evidence": proof_expiring,
    "waiver": waivers_ending,
}


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
