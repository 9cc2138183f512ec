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
from journal.selectors import verify_chain
from lifecycle.errors import GateAlreadyDecided
from lifecycle.models import Check, Condition, GateReview, Stage, Vote
from lifecycle.services import cast_vote
from projects.models import Project

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.core,
    pytest.mark.faults,
    pytest.mark.ci_fault,
]
ROUNDS = 50
QUORUM = 3


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


CROWD = 50
SAID: dict[str, dict[str, Any]] = {
    "go": {},
    "conditional_go": {},
    "hold": {},
    "recycle": {"reason": "scope"},
    "kill": {},
}


@pytest.mark.parametrize("decision", SAID)
def test_of_fifty_votes_at_the_same_moment_the_quorum_decides_once(
    decision: str,
    make_project: Callable[..., Project],
    add_member: Any,
    ask: Callable[..., GateReview],
    lay_down: Callable[..., GateReview],
    now: datetime,
) -> None:
    """However many say the same at once: one decision, one entry, and everybody else is told that the round is over."""
    project = make_project(level="lean")
    owner = add_member(project, "owner", ["owner"]).user
    voters = {f"v{n}": add_member(project, f"v{n}", ["decide"], team=False).user for n in range(CROWD)}
    stage = Stage.objects.with_process().current().get(process__project=project)
    Check.objects.filter(stage=stage).update(required=False)
    review = ask(stage, by=owner, at=now)
    review = lay_down(review, quorum=QUORUM)
    said = SAID[decision] | {"decision": decision}
    said |= {"until": now.date() + timedelta(days=9)} if decision == "hold" else {}
    condition = {"text": "Bring it", "owner": owner, "due_on": now.date() + timedelta(days=9)}
    said |= {"conditions": [condition]} if decision == "conditional_go" else {}

    answers = crowd(review, voters, said, now)

    review.refresh_from_db()
    lost = [answer for answer in answers.values() if answer is not None]
    assert len(answers) == CROWD
    assert {type(answer) for answer in lost} == {GateAlreadyDecided}
    assert {answer.status for answer in lost} == {409}
    assert (review.state, review.decision, len(lost)) == ("decided", decision, CROWD - QUORUM)
    assert Vote.objects.standing().filter(review=review).count() == Vote.objects.count() == QUORUM
    [entry] = Entry.objects.filter(object=f"review:{review.pk}", verb="review.decided")
    assert entry.data["decision"] == decision
    assert Entry.objects.filter(verb="review.voted").count() == QUORUM - 1
    told = list(Notice.objects.filter(entry_seq=entry.seq).values_list("recipient_id", flat=True))
    assert sorted(told) == sorted({*told})
    assert {user.pk for user in voters.values()} <= {*told, entry.actor_id}
    assert GateReview.objects.decided().count() == 1
    assert Stage.objects.current().filter(process__project=project).count() == (0 if decision == "kill" else 1)
    assert Condition.objects.count() == (QUORUM if decision == "conditional_go" else 0)
    assert verify_chain().flaw is None


def crowd(
    review: GateReview, voters: dict[str, User], said: dict[str, Any], now: datetime
) -> dict[str, DomainError | None]:
    """All of them vote the same at the same moment."""
    barrier, answers = threading.Barrier(len(voters)), {}

    def vote(name: str, user: User) -> None:
        mine = GateReview.objects.select_related("stage__process__project").get(pk=review.pk)
        # Back to the pool: it is smaller than the crowd, and a connection held at the barrier would never come free.
        connection.close()
        barrier.wait(30)
        try:
            cast_vote(
                review=mine, actor=Actor.for_user(user), now=now, rationale="Read it.", packet=review.packet, **said
            )
            answers[name] = None
        except DomainError as error:
            answers[name] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=vote, args=pair) for pair in voters.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
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
