"""Who may still vote is told alike by the vote itself, by the list of what waits for me, and by reminders."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from lifecycle.errors import SeparationOfDuties
from lifecycle.models import GateReview
from overview.selectors.due import FINDERS, Wanted
from projects import services as projects
from projects.models import Membership
from records.models import ModelVersion
from records.services import set_subject

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def evaluator(add_member, project):
    return add_member(project, "evaluator", ["decide"], ["evaluator"], team=False).user


@pytest.fixture
def judging(project, evaluator, owner, stage_of, meet_all, ask, lay_down, now):
    """A round that judges m 1, at a gate where evaluators sit apart from trainers."""
    set_subject(project=project, actor=Actor.for_user(owner), parts={"model": "m 1"}, now=now)
    meet_all(stage_of(project), by=owner)
    review = ask(stage_of(project), by=owner)
    GateReview.objects.update(separation=["evaluator_not_trainer"])
    review.seats.create(role="evaluator")
    return lay_down(review)


@pytest.fixture
def trained(project):
    def train(*people, name="m 1"):
        ModelVersion.objects.create(project=project, name=name).trained_by.set(people)

    return train


def told(review, user, now):
    """What the list and the reminders say of this person."""
    [(_kind, owed)] = FINDERS["review"](Wanted(ids={review.pk}), now)
    waits = GateReview.objects.waiting_on(Actor.for_user(user), now.date()).exists()
    return waits, owed.told.get(user.pk)


def test_whoever_trained_the_model_does_not_evaluate_it(judging, evaluator, trained, vote, now):
    assert told(judging, evaluator, now) == (True, "gatekeeper")
    trained(evaluator, name="m 0")
    assert told(judging, evaluator, now) == (True, "gatekeeper")

    trained(evaluator)

    assert told(judging, evaluator, now) == (False, None)
    with pytest.raises(SeparationOfDuties):
        vote(judging, evaluator, "go")


def test_a_trainer_with_another_seat_only_still_votes(judging, gatekeeper, trained, now):
    trained(gatekeeper)

    assert told(judging, gatekeeper, now) == (True, "gatekeeper")


def test_a_deputy_is_told_while_nobody_has_spoken_for_the_other(judging, project, gatekeeper, add_member, vote, now):
    colleague = add_member(project, "colleague", ["contribute"], team=False).user
    days = {"starts_on": now.date(), "ends_on": now.date() + timedelta(days=7)}
    projects.name_deputy(project=project, actor=Actor.for_user(gatekeeper), deputy="colleague", now=now, **days)
    assert told(judging, colleague, now) == (True, "deputy")

    Membership.objects.filter(project=project, user=gatekeeper).update(decide=False, contribute=True)
    assert told(judging, colleague, now) == (False, None)
    Membership.objects.filter(project=project, user=gatekeeper).update(decide=True)
    vote(judging, gatekeeper, "hold", until=now.date() + timedelta(days=3))

    assert told(judging, colleague, now) == (False, None)
