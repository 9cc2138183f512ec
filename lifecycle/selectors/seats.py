"""Who could decide a gate, asked before anybody does: which votes nobody can give, and what an upload would cost."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

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


def deciding_members(project: Project) -> list[Membership]:
    """Those with the right to decide, with their roles. Two queries."""
    members = Membership.objects.filter(project=project, decide=True, user__is_active=True)
    return list(members.select_related("user").prefetch_related("functions").order_by("pk"))


def rules_of_round(review: GateReview) -> GateRules:
    """Those copied when the round opened."""
    return GateRules(
        review.quorum, tuple(review.deciders), tuple(review.must_include), tuple(review.separation)
    )  # fmt: skip


def lacking(rules: GateRules, members: Sequence[Membership], answer: Readiness, *, asked_by: int | None) -> Lacking:
    """Which votes nobody among the deciding `members` can give, if `asked_by` asks for the gate or has asked."""
    apart = {asked_by, *(authors(answer.facts) if "author_cannot_decide" in rules.separation else ())}
    voters = [one for one in members if one.user_id not in apart and _seats(rules, one.roles, owner=one.owner)]
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
