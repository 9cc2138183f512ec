from datetime import datetime

from django.db import transaction

from accounts.actor import Actor, require_human
from journal.services import record
from lifecycle.errors import DeputyHasVoted, GateAlreadyDecided
from lifecycle.models import GateReview, Recusal, Vote, VoteState
from lifecycle.services.reviews import gatekeepers
from lifecycle.services.separation import take_seat
from lifecycle.services.tallies import count_again, told_of
from lifecycle.services.votes import locked_review
from projects.services import lock_unarchived


@transaction.atomic
def recuse(*, review: GateReview, actor: Actor, reason: str, now: datetime) -> GateReview:
    """Step back from a round that one holds a seat in: a vote of one's own ends, and none can follow in this round.

    A deputy who voted in this person's place speaks for them no more either. The votes that are left may decide it.
    Raises HumanSessionRequired, GateAlreadyDecided, Recused, SeparationOfDuties, PermissionDenied, ProjectArchived.
    """
    require_human(actor)
    must_hold_a_seat(review, actor, now=now)
    project = lock_unarchived(review.stage.project)
    review = locked_review(review)
    if not review.is_open:
        raise GateAlreadyDecided
    must_hold_a_seat(review, actor, now=now)
    Recusal.objects.create(review=review, user=actor.person, reason=reason, at=now)
    mine = Vote.objects.standing().filter(review=review, user=actor.person)
    voted = mine.update(state=VoteState.WITHDRAWN)
    left = count_again(review, project, actor=actor, now=now)
    review.refresh_from_db()
    record(
        "review.decided" if left.decision else "review.recused",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"review:{review.pk}",
        notify={**gatekeepers(review, left.answer, now=now), review.requested_by_id: "requester", **left.notify},
        urgent=bool(left.decision),
        stage=review.stage.key,
        **{"reason": reason, "voted": bool(voted)} | told_of(left, review, "review.recused"),
    )
    return review


def must_hold_a_seat(review: GateReview, actor: Actor, *, now: datetime) -> None:
    """Who has no voice in a round has nothing to step back from; that a deputy spoke for them is no hindrance.

    Raises what `take_seat` raises besides.
    """
    try:
        take_seat(review, actor, now=now)
    except DeputyHasVoted:
        return
