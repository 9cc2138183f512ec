"""Who may sit in a round. The rules take a person's vote, never their work.

They are those copied when the round opened.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from common.errors import DomainError, PermissionDenied
from lifecycle.errors import DeputyHasVoted, Recused, SeparationOfDuties
from lifecycle.models import GateReview, Vote, VoteState
from lifecycle.selectors.sittings import Sitting, Voice, sitting_of
from projects.models import Membership
from projects.permissions import Action, may, refusal


def take_seat(
    review: GateReview,
    actor: Actor,
    *,
    now: datetime,
    authors: Mapping[int, str] | None = None,
    sitting: Sitting | None = None,
    may_vote: bool | None = None,
) -> Voice:
    """The decider roles this person votes for, their own and those of the people whose deputy they are today.

    With `authors` (who supplied what the packet rests on), authorship is checked too; that needs the project's lock.
    `sitting` and `may_vote` spare reading people and rights again. Raises SeparationOfDuties, Recused, DeputyHasVoted,
    or PermissionDenied without such a role.
    """
    sitting = sitting or sitting_of(review, now=now, authors=authors)
    voice = sitting.voice(actor.user_id)
    if not voice or not actor.is_human_session:
        raise _refusal(sitting, review, actor, may_vote=may_vote)
    if deputy := sitting.deputy_who_voted(actor.user_id):
        words = _("%(deputy)s has voted in your place. To vote yourself, end their time as your deputy first.")
        raise DeputyHasVoted(words % {"deputy": deputy.user.display_name})
    return voice


def look_again(review: GateReview, now: datetime, authors: Mapping[int, str]) -> list[int]:
    """Votes cast before count only as far as their voters' rights still go: roles anew, none left is void.

    Returns whose votes are void by that. A step of services that hold the project's lock.
    """
    votes = list(Vote.objects.standing().filter(review=review).select_related("user"))
    sitting = sitting_of(review, now=now, authors=authors) if votes else None
    void = []
    for vote in votes:
        standing = Vote.objects.filter(pk=vote.pk)
        try:
            voice = take_seat(review, Actor.for_user(vote.user), now=now, sitting=sitting)
        except DomainError:
            standing.update(state=VoteState.VOID)
            void.append(vote.user_id)
        else:
            standing.update(**spoken(review, vote.user_id, voice))
    return void


def spoken(review: GateReview, user_id: int, voice: Voice) -> dict[str, object]:
    """For whom and as what a vote speaks: its columns."""
    team = Membership.objects.filter(project=review.stage.project, user=user_id, team=True)
    return {"roles": sorted(voice.roles), "on_behalf_of": sorted(voice.others), "outside": not team.exists()}


def _refusal(sitting: Sitting, review: GateReview, actor: Actor, *, may_vote: bool | None) -> DomainError:
    """Why this person has no voice here: the first reason that they can do something about, or know of."""
    if apart := _apart(sitting, actor.user_id or 0):
        return apart
    if not (may(actor, Action.VOTE, review.stage.project) if may_vote is None else may_vote):
        return refusal(Action.VOTE, review.stage.project)
    member = sitting.members.get(actor.user_id or 0)
    if member is None:
        return PermissionDenied(_("Only members of the project decide its gates."))
    if sitting.now - member.decides_since < sitting.cooldown:
        return PermissionDenied(_("You have had the right to decide for too short a time; try again later."))
    seats = review.deciders
    return PermissionDenied(
        _("You hold none of the roles that decide this gate: %(roles)s.") % {"roles": ", ".join(seats)}
    )


def _apart(sitting: Sitting, user_id: int) -> DomainError | None:
    """Which of the rules keeps this person from voting, in words; None if none does."""
    apart, rules, member = sitting.apart, sitting.rules.separation, sitting.members.get(user_id)
    if user_id in apart.recused:
        return Recused(_("You said that you cannot decide this round; others do."))
    if user_id == apart.asked_by:
        return SeparationOfDuties(_("You asked for this review, so others decide it."))
    if "owner_cannot_decide" in rules and member and member.owner:
        return SeparationOfDuties(_("You own the project, so others decide its gates."))
    if "author_cannot_decide" in rules and user_id in apart.authors:
        words = _("You supplied proof for “%(check)s” of this gate, so others decide it.")
        return SeparationOfDuties(words % {"check": apart.authors[user_id]})
    if member and sitting.keeps_apart(member):
        return SeparationOfDuties(_("You trained this model, so someone else evaluates it."))
    return None
