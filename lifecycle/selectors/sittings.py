"""Who sits in a round: its members with a seat, their deputies, and whom its rules keep from voting.

Read once from the database, then asked about as many people as needed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings

from lifecycle.criteria import Readiness
from lifecycle.models import GateReview, Stage, VoteState
from lifecycle.models.definition import ANY, GateRules
from lifecycle.selectors.gates import authors
from lifecycle.selectors.seats import Member, members_in, members_of, rules_of_gates, rules_of_round
from projects.models import Deputy, Project
from records.models import ModelVersion


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person may vote with: their own decider roles, and those of the people they stand in for today."""

    own: frozenset[str] = frozenset()
    others: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def roles(self) -> frozenset[str]:
        return self.own.union(*self.others.values())

    def __bool__(self) -> bool:
        return bool(self.own or self.others)


@dataclass(frozen=True, slots=True)
class Apart:
    """Whom a round keeps from voting, besides owners: who asked, who supplied what it rests on, who stepped back."""

    asked_by: int | None
    authors: Mapping[int, str] = field(default_factory=dict)
    recused: frozenset[int] = frozenset()
    # Who trained the model that is judged; asked only where the rules part them from the evaluators.
    trainers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sitting:
    """One round, or a gate nobody asked for yet, with everybody who might vote there."""

    rules: GateRules
    apart: Apart
    members: Mapping[int, Member]
    deputies: Sequence[Deputy]
    # By voter, the people for whom their standing vote speaks besides.
    votes: Mapping[int, Sequence[int]]
    now: datetime
    # For how long a freshly named gatekeeper or deputy has no voice.
    cooldown: timedelta
    # Of a joint packet, what each of its gates asks for; `rules` joins them.
    gates: Sequence[GateRules] = ()

    def voice(self, user_id: int | None) -> Voice:
        """Empty for whom the rules keep apart, and for whoever holds no seat."""
        member = self.members.get(user_id or 0)
        if member is None or self.keeps_apart(member):
            return Voice()
        return Voice(self._own(member), dict(self._for_others(member)))

    def voices(self) -> dict[int, Voice]:
        """Everybody who may vote in it."""
        found = {user_id: self.voice(user_id) for user_id in self.members}
        return {user_id: voice for user_id, voice in found.items() if voice}

    def missing(self) -> dict[int, str]:
        """Who may vote and has not: `gatekeeper` for whom nobody has spoken, else `deputy` of such a one."""
        spoken = {user for others in self.votes.values() for user in others}
        voices = {user: voice for user, voice in self.voices().items() if user not in self.votes}
        own = dict.fromkeys((user for user, voice in voices.items() if voice.own and user not in spoken), "gatekeeper")
        serving = (user for user, voice in voices.items() if set(voice.others) - spoken)
        return dict.fromkeys(serving, "deputy") | own

    def deputy_who_voted(self, user_id: int | None) -> Member | None:
        """The deputy whose standing vote speaks for this person already."""
        serving = {deputy.deputy_id for deputy in self.deputies if deputy.user_id == user_id}
        spoke = [voter for voter, others in self.votes.items() if user_id in others and voter in serving]
        return next((self.members[voter] for voter in spoke if voter in self.members), None)

    def keeps_apart(self, member: Member) -> bool:
        apart, user, rules = self.apart, member.user_id, self.rules.separation
        return (
            user == apart.asked_by
            or user in apart.recused
            or (member.owner and "owner_cannot_decide" in rules)
            or (user in apart.authors and "author_cannot_decide" in rules)
            or (user in apart.trainers and "evaluator" in self.seated(member.roles))
        )

    def seated(self, roles: Iterable[str]) -> frozenset[str]:
        """Which of a decider's roles have a seat here; with a seat for anybody, all of them and that one."""
        return frozenset(roles) | {ANY} if ANY in self.rules.deciders else frozenset(self.rules.deciders) & set(roles)

    def _own(self, member: Member) -> frozenset[str]:
        if not member.decides or self.now - member.decides_since < self.cooldown:
            return frozenset()
        return self.seated(role for role, since in member.named.items() if self.now - since >= self.cooldown)

    def _for_others(self, member: Member) -> Iterable[tuple[int, frozenset[str]]]:
        """Only a person's own voice passes to a deputy: nobody stands in for a deputy."""
        for deputy in self.deputies:
            principal = self.members.get(deputy.user_id)
            if deputy.deputy_id != member.user_id or principal is None or not self._may_serve(deputy, member):
                continue
            roles = frozenset() if self.keeps_apart(principal) else self._own(principal)
            trained = "evaluator" in roles and member.user_id in self.apart.trainers
            if roles and not trained:
                yield deputy.user_id, roles

    def _may_serve(self, deputy: Deputy, member: Member) -> bool:
        """A deputy does more here than read, was not named a moment ago, and the other one has not voted."""
        rested = self.now - deputy.named_at >= self.cooldown
        return rested and deputy.user_id not in self.votes and bool(member.access - {"view"})


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a gate lacks to be decided with go; `empty` are the deciders' roles that nobody can vote for."""

    quorum: int
    voters: int
    must: tuple[str, ...]
    empty: tuple[str, ...]
    outside: bool

    def __bool__(self) -> bool:
        return self.voters < self.quorum or bool(self.must) or self.outside


def lacking(sitting: Sitting) -> Lacking:
    """Which votes nobody can give as people stand; a deputy adds none, for the other one could vote as well.

    Of a joint packet, what the first gate lacks that lacks any.
    """
    found = [_lacking(sitting, rules) for rules in sitting.gates or [sitting.rules]]
    return next((one for one in found if one), found[0])


def _lacking(sitting: Sitting, rules: GateRules) -> Lacking:
    here, every = frozenset(rules.deciders), sitting.voices()
    voices = {user: voice for user, voice in every.items() if ANY in here or here & voice.roles}
    held = frozenset[str]().union(*(voice.own for voice in voices.values()))
    return Lacking(
        quorum=rules.quorum,
        voters=sum(1 for voice in voices.values() if (ANY in here and voice.own) or here & voice.own),
        must=tuple(role for role in rules.must_include if role not in held),
        empty=tuple(role for role in rules.deciders if role not in held and role != ANY),
        outside="outside_vote_needed" in rules.separation and all(sitting.members[user].team for user in voices),
    )


def sitting_of(
    review: GateReview,
    *,
    now: datetime,
    authors: Mapping[int, str] | None = None,
    members: Sequence[Member] | None = None,
    cooldown: int | None = None,
) -> Sitting:
    """Of an open round; `authors` are those of the facts that it is voted on.

    Reads votes and recusals anew unless they came with the round, and the members unless they are given.
    """
    project, rules = review.stage.project, rules_of_round(review)
    recused = {one.user_id for one in review.recusals.all()} if getattr(review, "has_recusals", True) else set()
    trainers = _trainers(project, rules, review.document["subject"].get("model", ""))
    apart = Apart(review.requested_by_id, authors or {}, frozenset(recused), trainers)
    votes = {vote.user_id: vote.on_behalf_of for vote in review.votes.all() if vote.state == VoteState.STANDING}
    people = members_of(project) if members is None else members
    sitting = _sitting(project, rules, apart, people, votes, now, cooldown)
    return replace(sitting, gates=rules_of_gates(review)) if review.gates else sitting


def sittings_of(
    reviews: Sequence[GateReview], *, now: datetime, authors: Mapping[int, Mapping[int, str]]
) -> dict[int, Sitting]:
    """Of many open rounds by their id, in a fixed number of queries; for telling people, so without a cooldown.

    The rounds come with seats, votes and recusals, and with `judged`, the model of their packet.
    """
    projects = {review.stage.process.project_id for review in reviews}
    members, deputies = members_in(projects), defaultdict[int, list[Deputy]](list)
    for deputy in Deputy.objects.serving(now.date()).filter(project__in=projects).order_by("pk"):
        deputies[deputy.project_id].append(deputy)
    trainers = _trainers_of(reviews)
    found = {}
    for review in reviews:
        project = review.stage.process.project_id
        recused = frozenset(one.user_id for one in review.recusals.all())
        apart = Apart(review.requested_by_id, authors.get(review.pk, {}), recused, trainers.get(review.pk, frozenset()))
        by_user = {one.user_id: one for one in members.get(project, ())}
        votes = {vote.user_id: vote.on_behalf_of for vote in review.votes.all() if vote.state == VoteState.STANDING}
        found[review.pk] = Sitting(
            rules_of_round(review), apart, by_user, deputies[project], votes, now, timedelta(), rules_of_gates(review)
        )
    return found


def _trainers_of(reviews: Sequence[GateReview]) -> dict[int, frozenset[int]]:
    """By round, who trained the model that it judges, where its rules part them from the evaluators."""
    asked = [review for review in reviews if "evaluator_not_trainer" in review.separation]
    if not asked:
        return {}
    projects = {review.stage.process.project_id for review in asked}
    trained = defaultdict[tuple[int, str], set[int]](set)
    rows = ModelVersion.objects.filter(project__in=projects).exclude(trained_by=None)
    for project, name, user in rows.values_list("project", "name", "trained_by"):
        trained[project, name].add(user)
    return {
        review.pk: frozenset(trained[review.stage.process.project_id, review.judged or ""])  # type: ignore[attr-defined]  # annotated
        for review in asked
    }


def sitting_ahead(
    stage: Stage, answer: Readiness, members: Sequence[Member], *, asked_by: int | None, now: datetime
) -> Sitting:
    """Of a gate for which nobody has asked yet, if `asked_by` did."""
    trainers = _trainers(stage.project, stage.rules, answer.facts.subject.get("model", ""))
    apart = Apart(asked_by, authors(answer.facts), trainers=trainers)
    return _sitting(stage.project, stage.rules, apart, members, {}, now, None)


def _sitting(
    project: Project,
    rules: GateRules,
    apart: Apart,
    members: Sequence[Member],
    votes: Mapping[int, Sequence[int]],
    now: datetime,
    cooldown: int | None,
) -> Sitting:
    serving = Deputy.objects.serving(now.date()).filter(project=project)
    deputies = list(serving.order_by("pk")) if any(one.stands_in for one in members) else []
    seconds = settings.ROLE_COOLDOWN_SECONDS if cooldown is None else cooldown
    by_user = {one.user_id: one for one in members}
    return Sitting(rules, apart, by_user, deputies, votes, now, timedelta(seconds=seconds))


def _trainers(project: Project, rules: GateRules, model: str) -> frozenset[int]:
    if "evaluator_not_trainer" not in rules.separation or not model:
        return frozenset()
    rows = ModelVersion.objects.filter(project=project, name=model).exclude(trained_by=None)
    return frozenset(rows.values_list("trained_by", flat=True))
