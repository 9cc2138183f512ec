"""Two gatekeepers say go and recycle at the same moment: the database lets one of them decide (rule F17)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from common.errors import DomainError
from journal.models import Entry, Notice
from lifecycle.errors import GateAlreadyDecided
from lifecycle.models import Check, GateReview, Stage, Vote
from lifecycle.services import cast_vote
from projects.models import Project

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.core,
    pytest.mark.faults,
    pytest.mark.ci_fault,
]
ROUNDS = 50


def race(review: GateReview, votes: dict[str, User], now: datetime) -> dict[str, DomainError | None]:
    """Both vote at the same moment; what each was answered, None for an accepted vote."""
    barrier, answers = threading.Barrier(len(votes)), {}

    def vote(decision: str, user: User) -> None:
        mine = GateReview.objects.select_related("stage__process__project").get(pk=review.pk)
        said = {"decision": decision, "rationale": "Read it all.", "packet": review.packet}
        barrier.wait(10)
        try:
            cast_vote(review=mine, actor=Actor.for_user(user), now=now, **said)
            answers[decision] = None
        except DomainError as error:
            answers[decision] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=vote, args=pair) for pair in votes.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_f17_of_two_opposite_votes_at_the_same_moment_exactly_one_decides(
    make_project: Callable[..., Project], add_member: Any, ask: Callable[..., GateReview], now: datetime
) -> None:
    project = make_project(level="lean")
    owner = add_member(project, "owner", ["owner"]).user
    voters = {word: add_member(project, word, ["decide"], team=False).user for word in ("go", "recycle")}
    won = set()

    for number in range(ROUNDS):
        at = now + timedelta(minutes=number)
        stage = Stage.objects.with_process().current().get(process__project=project)
        # Nothing stands in the way of go.
        Check.objects.filter(stage=stage).update(required=False)
        review = ask(stage, by=owner, at=at)

        answers = race(review, voters, at)

        [lost] = [answer for answer in answers.values() if answer is not None]
        assert isinstance(lost, GateAlreadyDecided), lost
        review.refresh_from_db()
        assert answers[review.decision] is None
        won.add(review.decision)
        assert [vote.decision for vote in Vote.objects.filter(review=review)] == [review.decision]
        [entry] = Entry.objects.filter(object=f"review:{review.pk}", verb="review.decided")
        assert entry.data["decision"] == review.decision
        told = Notice.objects.filter(entry_seq=entry.seq).values_list("recipient_id", flat=True)
        assert len(told) == len(set(told)) > 0

    assert GateReview.objects.decided().count() == Entry.objects.filter(verb="review.decided").count() == ROUNDS
    assert won <= {"go", "recycle"}
