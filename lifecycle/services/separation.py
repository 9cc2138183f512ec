"""Who may sit in a round. The rules take a person's vote, never their work.

They are those copied when the round opened.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import PermissionDenied
from lifecycle.errors import SeparationOfDuties
from lifecycle.models import GateReview
from lifecycle.models.definition import ANY
from lifecycle.selectors.seats import Member, members_of
from projects.permissions import Action, may, refusal
from records.models import ModelVersion


def take_seat(
    review: GateReview, actor: Actor, *, now: datetime, authors: Mapping[int, str] | None = None
) -> frozenset[str]:
    """The decider roles this person votes for. Raises SeparationOfDuties, or PermissionDenied without such a role.

    With `authors` (who supplied what the packet rests on), authorship is checked too; that needs the project's lock.
    """
    project = review.stage.project
    member = next(iter(members_of(project, only=actor.person)), None)
    votes = may(actor, Action.VOTE, project)
    return seat_of(review, actor, member, may_vote=votes, now=now, authors=authors or {})


def seat_of(
    review: GateReview,
    actor: Actor,
    member: Member | None,
    *,
    may_vote: bool,
    now: datetime,
    authors: Mapping[int, str],
) -> frozenset[str]:
    """As `take_seat`, of a person whose membership and right to vote are at hand."""
    _apart(review, actor, member, authors)
    if not may_vote:
        raise refusal(Action.VOTE, review.stage.project)
    if member is None:
        raise PermissionDenied(_("Only members of the project decide its gates."))
    seats = review.deciders
    cooldown = timedelta(seconds=settings.ROLE_COOLDOWN_SECONDS)
    if now - member.decides_since < cooldown:
        raise PermissionDenied(_("You have had the right to decide for too short a time; try again later."))
    held = {role for role, since in member.named.items() if now - since >= cooldown}
    roles = frozenset(held) | {ANY} if ANY in seats else frozenset(held & set(seats))
    if not roles:
        raise PermissionDenied(
            _("You hold none of the roles that decide this gate: %(roles)s.") % {"roles": ", ".join(seats)}
        )
    _evaluator_did_not_train(review, actor, roles)
    return roles


def _apart(review: GateReview, actor: Actor, member: Member | None, authors: Mapping[int, str]) -> None:
    if review.requested_by_id == actor.user_id:
        raise SeparationOfDuties(_("You asked for this review, so others decide it."))
    if "owner_cannot_decide" in review.separation and member and member.owner:
        raise SeparationOfDuties(_("You own the project, so others decide its gates."))
    if "author_cannot_decide" in review.separation and actor.person.pk in authors:
        raise SeparationOfDuties(
            _("You supplied proof for “%(check)s” of this gate, so others decide it.")
            % {"check": authors[actor.person.pk]}
        )


def _evaluator_did_not_train(review: GateReview, actor: Actor, roles: frozenset[str]) -> None:
    if "evaluator_not_trainer" not in review.separation or "evaluator" not in roles:
        return
    current = review.document["subject"].get("model", "")
    trained = ModelVersion.objects.filter(project=review.stage.project, name=current, trained_by=actor.person)
    if trained.exists():
        raise SeparationOfDuties(_("You trained this model, so someone else evaluates it."))
