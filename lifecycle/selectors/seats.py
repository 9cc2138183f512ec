"""Who could decide a gate, asked before anybody does: which votes nobody can give, and what an upload would cost."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from lifecycle.criteria import Readiness
from lifecycle.models import GateReview, Stage
from lifecycle.models.definition import ANY, GateRules
from lifecycle.selectors.gates import authors
from projects.models import Membership, Project


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


@dataclass(frozen=True, slots=True)
class Member:
    """Who belongs to a project and can sign in; `named` has the functional roles, each with the day of its naming."""

    user: User
    access: frozenset[str]
    team: bool
    decides_since: datetime
    named: dict[str, datetime]

    @property
    def user_id(self) -> int:
        return self.user.pk

    @property
    def owner(self) -> bool:
        return "owner" in self.access

    @property
    def decides(self) -> bool:
        return "decide" in self.access

    @property
    def roles(self) -> list[str]:
        return list(self.named)


def members_of(project: Project, *, only: User | None = None) -> list[Member]:
    """The members, or `only` this one, in one query: a row a functional role."""
    rows = Membership.objects.filter(project=project, user__is_active=True).select_related("user")
    rows = rows.filter(user=only) if only else rows
    roles = {"role": F("functions__role"), "role_since": F("functions__since")}
    found: dict[int, Member] = {}
    for row in rows.annotate(**roles).order_by("pk", "functions__pk"):
        since = row.decide_since or row.since
        member = found.setdefault(row.pk, Member(row.user, frozenset(row.access), row.team, since, {}))
        role: str | None = row.role  # type: ignore[attr-defined]  # annotated
        if role:
            member.named[role] = row.role_since  # type: ignore[attr-defined]  # annotated
    return list(found.values())


def rules_of_round(review: GateReview) -> GateRules:
    """Those copied when the round opened."""
    return GateRules(
        review.quorum, tuple(review.deciders), tuple(review.must_include), tuple(review.separation)
    )  # fmt: skip


def lacking(rules: GateRules, members: Sequence[Member], answer: Readiness, *, asked_by: int | None) -> Lacking:
    """Which votes nobody among the `members` who decide can give, if `asked_by` asks for the gate or has asked."""
    apart = {asked_by, *(authors(answer.facts) if "author_cannot_decide" in rules.separation else ())}
    free = [one for one in members if one.decides and one.user_id not in apart]
    voters = [one for one in free if _seats(rules, one.roles, owner=one.owner)]
    held = {role for one in voters for role in one.roles}
    return Lacking(
        quorum=rules.quorum,
        voters=len(voters),
        must=tuple(role for role in rules.must_include if role not in held),
        empty=tuple(role for role in rules.deciders if role not in held and role != ANY),
        outside="outside_vote_needed" in rules.separation and all(one.team for one in voters),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What supplying proof for a gate takes away from a person: their vote there, their signatures on its approvals."""

    vote: bool = False
    signature: bool = False


def upload_cost(
    stage: Stage, answer: Readiness, user_id: int | None, *, owner: bool, decides: bool, roles: Collection[str]
) -> Cost:
    """`roles` are the person's, `decides` whether they have the right to vote.

    Nothing is lost twice: whoever supplied proof of this gate before, or has no seat, pays nothing.
    """
    rules = stage.rules
    if user_id in authors(answer.facts):
        return Cost()
    signs = {one.check.item.criterion["role"] for one in answer.checks if one.check.kind == "approval"}
    return Cost(
        vote="author_cannot_decide" in rules.separation and decides and bool(_seats(rules, roles, owner=owner)),
        signature="author_cannot_approve" in rules.separation and bool(signs.intersection(roles)),
    )


def cost_words(cost: Cost) -> str:
    """What the person would lose by attaching proof, said before they do."""
    if cost.vote and cost.signature:
        return _("Proof from you costs you your vote and your signature at this gate.")
    if cost.vote:
        return _("Proof from you costs you your vote at this gate.")
    return _("Proof from you costs you your signature at this gate.") if cost.signature else ""


def _seats(rules: GateRules, roles: Iterable[str], *, owner: bool) -> set[str]:
    if owner and "owner_cannot_decide" in rules.separation:
        return set()
    return {ANY} if ANY in rules.deciders else set(rules.deciders).intersection(roles)
