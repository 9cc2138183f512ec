"""What is due to whom, kind by kind: the tick asks by day, the sweep asks again by id just before a mail leaves.

A row of `KINDS` is one kind of reminder of design §8. Each finder needs a fixed number of queries, however much is due.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from journal.models import Notice
from lifecycle.criteria import SETTLED
from lifecycle.criteria.readiness import find
from lifecycle.models import Answer, Check, GateReview, Recusal, Stage, Vote
from lifecycle.selectors import authors, gather, round_readiness_of, rounds_with_scope
from overview.selectors.due_endings import proof_expiring, waivers_ending
from overview.selectors.due_people import People, people_of
from overview.selectors.due_shapes import AT_WORK, Finder, Owed, Wanted
from projects.models import Action, Deputy, HoldPeriod, Membership, ProjectState

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
    reviews = list(rows.defer("document", "basis").select_related("stage__process").prefetch_related("seats"))
    people = people_of(review.stage.process.project_id for review in reviews)
    supplied = _authors(reviews, now)
    voters, spoken_for = _votes_of(reviews)
    recused = _recused(reviews)
    deputies = _deputies({review.stage.process.project_id for review in reviews}, now)
    for review in reviews:
        project, kept = review.stage.process.project_id, supplied[review.pk] | recused[review.pk]
        missing = _may_still_vote(review, people[project], kept | voters[review.pk] | spoken_for[review.pk])
        for principal, deputy in deputies[project]:
            if principal in missing and not _is_apart(review, people[project], deputy, kept | voters[review.pk]):
                missing.setdefault(deputy, "deputy")
        yield from _round(review, wanted, missing, lacking=len(voters[review.pk]) < review.quorum, now=now)


def _votes_of(reviews: Sequence[GateReview]) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """By round, who has voted, and for whom a deputy has."""
    voters, spoken_for = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    votes = Vote.objects.standing().filter(review__in=reviews)
    for review, user, others in votes.values_list("review_id", "user_id", "on_behalf_of"):
        voters[review].add(user)
        spoken_for[review] |= set(others)
    return voters, spoken_for


def _recused(reviews: Sequence[GateReview]) -> dict[int, set[int]]:
    """By round, who stepped back from it."""
    found: dict[int, set[int]] = defaultdict(set)
    for review, user in Recusal.objects.filter(review__in=reviews).values_list("review_id", "user_id"):
        found[review].add(user)
    return found


def _deputies(projects: set[int], now: datetime) -> dict[int, list[tuple[int, int]]]:
    """By project, who votes in whose place today: (the person, their deputy), who does more there than read."""
    member = Membership.objects.filter(project=OuterRef("project"), user=OuterRef("deputy"), user__is_active=True)
    works = member.filter(Q(owner=True) | Q(contribute=True) | Q(decide=True))
    rows = Deputy.objects.serving(now.date()).filter(Exists(works), project__in=projects).order_by("pk")
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for project, principal, deputy in rows.values_list("project_id", "user_id", "deputy_id"):
        found[project].append((principal, deputy))
    return found


def _authors(reviews: Sequence[GateReview], now: datetime) -> dict[int, set[int]]:
    """By round, who supplied what it rests on, where the rules that it copied take their vote for that."""
    found: dict[int, set[int]] = defaultdict(set)
    asked = [review.pk for review in reviews if "author_cannot_decide" in review.separation]
    for start in range(0, len(asked), GATHERED_AT_ONCE):
        rounds = GateReview.objects.filter(pk__in=asked[start : start + GATHERED_AT_ONCE]).defer("document", "basis")
        rows = list(rounds_with_scope(rounds.select_related("stage__process__project__subject")))
        answers = round_readiness_of(rows, today=now.date())
        found.update({pk: set(authors(answer.facts)) for pk, answer in answers.items()})
    return found


def _may_still_vote(review: GateReview, people: People, apart: set[int]) -> dict[int, str]:
    voters = people.gatekeepers(review.deciders)
    return {user: "gatekeeper" for user in voters if not _is_apart(review, people, user, apart)}


def _is_apart(review: GateReview, people: People, user: int, apart: set[int]) -> bool:
    owns = "owner_cannot_decide" in review.separation and user in people.owners
    return owns or user == review.requested_by_id or user in apart


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
