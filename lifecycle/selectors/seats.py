"""Who belongs to a project and might decide its gates, and what an upload would cost them there."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from accounts.models import User
from lifecycle.criteria import Readiness
from lifecycle.models import GateReview, Stage
from lifecycle.models.definition import ANY, GateRules
from lifecycle.selectors.gates import authors
from projects.models import Deputy, Membership, Project


@dataclass(frozen=True, slots=True)
class Member:
    """Who belongs to a project and can sign in; `named` has the functional roles, each with the day of its naming."""

    user: User
    access: frozenset[str]
    team: bool
    decides_since: datetime
    named: dict[str, datetime]
    # Whether somebody ever named them as deputy here and has not taken it back; on which days, `Deputy` knows.
    stands_in: bool = False

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
    found = members_in([project.pk], only=only)
    return found.get(project.pk, [])


def members_in(projects: Collection[int], *, only: User | None = None) -> dict[int, list[Member]]:
    """The same of many projects at once, by project id."""
    rows = Membership.objects.filter(project__in=projects, user__is_active=True).select_related("user")
    rows = rows.filter(user=only) if only else rows
    roles = {"role": F("functions__role"), "role_since": F("functions__since")}
    deputy = Exists(Deputy.objects.filter(project=OuterRef("project"), deputy=OuterRef("user"), ended_at=None))
    found: dict[int, Member] = {}
    by_project: dict[int, list[Member]] = defaultdict(list)
    for row in rows.annotate(**roles, deputy=deputy).order_by("pk", "functions__pk"):
        since = row.decide_since or row.since
        stands_in: bool = row.deputy  # type: ignore[attr-defined]  # annotated
        if row.pk not in found:
            found[row.pk] = Member(row.user, frozenset(row.access), row.team, since, {}, stands_in)
            by_project[row.project_id].append(found[row.pk])
        member = found[row.pk]
        role: str | None = row.role  # type: ignore[attr-defined]  # annotated
        if role:
            member.named[role] = row.role_since  # type: ignore[attr-defined]  # annotated
    return by_project


def rules_of_round(review: GateReview) -> GateRules:
    """Those copied when the round opened."""
    return GateRules(
        review.quorum, tuple(review.deciders), tuple(review.must_include), tuple(review.separation)
    )  # fmt: skip


def rules_of_gates(review: GateReview) -> list[GateRules]:
    """Those of each gate that the round decides, its own first. A joint round from before they were kept has one."""
    return [
        GateRules(one["quorum"], tuple(one["deciders"]), tuple(one["must_include"]), tuple(one["separation"]))
        for one in review.gates
    ] or [rules_of_round(review)]


def gate_document(stage: Stage) -> dict[str, Any]:
    """The rules of one gate of a joint packet, as its round keeps them."""
    rules = stage.rules
    return {
        "stage": stage.key,
        "quorum": rules.quorum,
        "deciders": list(rules.deciders),
        "must_include": list(rules.must_include),
        "separation": list(rules.separation),
    }


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
