"""A deputy votes in someone's place, in their roles, on their days; one person, one vote, one voice."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.errors import PermissionDenied, ValidationFailed
from journal.models import Notice
from lifecycle import services
from lifecycle.errors import DeputyHasVoted
from lifecycle.models import GateReview, Vote
from lifecycle.selectors import authors, review_answer, reviews_shown, round_readiness
from lifecycle.services.reviews import gatekeepers
from lifecycle.services.separation import take_seat
from overview.selectors.due import FINDERS, Wanted
from projects import services as projects
from projects.errors import DeputyAlreadyNamed, DeputyIsOver, NoVoteToHandOver
from projects.models import Deputy, Membership

DAY = timedelta(days=1)


@pytest.fixture
def name(project, now):
    """`name(principal, deputy)`: from today for a week, unless said otherwise."""

    def name(principal, deputy, *, starts_on=None, ends_on=None):
        return projects.name_deputy(
            project=project,
            actor=Actor.for_user(principal),
            deputy=deputy.username,
            starts_on=starts_on or now.date(),
            ends_on=ends_on or now.date() + 7 * DAY,
            now=now,
        )

    return name


@pytest.fixture
def colleague(project, add_member):
    """Contributes, and has no vote of their own."""
    return add_member(project, "colleague", ["contribute"], team=False).user


@pytest.fixture
def standing_votes():
    return lambda review: {
        vote.user.username: (vote.roles, vote.on_behalf_of)
        for vote in Vote.objects.standing().filter(review=review).select_related("user")
    }


def test_a_deputy_votes_in_the_roles_of_the_person_and_the_round_says_for_whom(
    ready, gatekeeper, colleague, name, vote, standing_votes, now
):
    name(gatekeeper, colleague)

    vote(ready, colleague, "go")

    assert standing_votes(ready) == {"colleague": (["sponsor"], [gatekeeper.pk])}
    [shown] = review_answer(reviews_shown(GateReview.objects.all()).get(), today=now.date())["votes"]
    assert shown["on_behalf_of"] == ["gatekeeper"]


def test_who_votes_themself_and_for_another_votes_once_in_all_their_roles(
    ready, gatekeeper, holder, name, vote, standing_votes, project
):
    officer = holder(project, "risk_officer")
    name(gatekeeper, officer)

    review = vote(ready, officer, "go")

    assert standing_votes(ready) == {"risk-officer": (["risk_officer", "sponsor"], [gatekeeper.pk])}
    assert review.is_open


def test_the_person_does_not_vote_beside_the_deputy_and_gets_the_voice_back_by_ending_it(
    ready, gatekeeper, holder, name, vote, standing_votes, project, now
):
    officer = holder(project, "risk_officer")
    deputy = name(gatekeeper, officer)
    vote(ready, officer, "go")
    with pytest.raises(DeputyHasVoted):
        vote(ready, gatekeeper, "hold", until=now.date() + DAY)

    projects.end_deputy(deputy=deputy, actor=Actor.for_user(gatekeeper), version=1, now=now)
    vote(ready, gatekeeper, "hold", until=now.date() + DAY)

    assert standing_votes(ready) == {"risk-officer": (["risk_officer"], []), "gatekeeper": (["sponsor"], [])}


def test_a_deputy_does_not_vote_for_who_has_voted(ready, gatekeeper, colleague, name, vote):
    name(gatekeeper, colleague)
    vote(ready, gatekeeper, "go")

    with pytest.raises(PermissionDenied):
        vote(ready, colleague, "go")


@pytest.mark.parametrize("days", [(-0, 0), (1, 3)])
def test_a_deputy_serves_on_their_days_only(ready, gatekeeper, colleague, name, now, days):
    first, last = (now.date() + days[0] * DAY, now.date() + days[1] * DAY)
    name(gatekeeper, colleague, starts_on=first, ends_on=last)
    actor = Actor.for_user(colleague)

    for day in range(5):
        serves = days[0] <= day <= days[1]
        if serves:
            assert take_seat(ready, actor, now=now + day * DAY).roles == {"sponsor"}
        else:
            with pytest.raises(PermissionDenied):
                take_seat(ready, actor, now=now + day * DAY)


def test_nobody_stands_in_for_a_deputy(ready, gatekeeper, holder, colleague, name, project, now):
    officer = holder(project, "risk_officer")
    name(gatekeeper, officer)

    name(officer, colleague)

    assert take_seat(ready, Actor.for_user(colleague), now=now).roles == {"risk_officer"}


@pytest.mark.parametrize(
    "loss", [{"decide": False, "view": True}, {"contribute": False, "view": True}], ids=["principal", "deputy"]
)
def test_a_vote_ends_when_the_one_loses_the_right_or_the_other_their_access(
    ready, gatekeeper, colleague, holder, name, vote, standing_votes, project, loss
):
    name(gatekeeper, colleague)
    vote(ready, colleague, "go")
    whose = gatekeeper if "decide" in loss else colleague
    Membership.objects.filter(project=project, user=whose).update(**loss)

    vote(ready, holder(project, "risk_officer"), "go")

    assert list(standing_votes(ready)) == ["risk-officer"]


def test_who_is_kept_apart_hands_nothing_over(project, owner, stage_of, add_member, ask, name, now):
    asker = add_member(project, "asker", ["contribute", "decide"], ["sponsor"], team=False).user
    name(asker, owner)
    other = add_member(project, "other", ["contribute"]).user
    review = ask(stage_of(project), by=asker, despite_blockers=True)
    Deputy.objects.update(deputy=other)

    with pytest.raises(PermissionDenied):
        take_seat(review, Actor.for_user(other), now=now)


def test_reminders_lists_and_notices_reach_the_deputy_on_their_days(
    ready, gatekeeper, colleague, name, vote, project, now
):
    named = name(gatekeeper, colleague)
    answer = round_readiness(services.votes.locked_review(ready), today=now.date())

    def waits(user):
        return GateReview.objects.waiting_on(Actor.for_user(user), now.date()).exists()

    def told():
        owed = FINDERS["review"](Wanted(ids={ready.pk}), now)
        return {kind: one.told for kind, one in owed}["review_waiting"]

    assert gatekeepers(ready, answer, now=now)[colleague.pk] == "deputy"
    assert set(authors(answer.facts)).isdisjoint({colleague.pk})
    assert (waits(gatekeeper), waits(colleague)) == (True, True)
    assert (told()[gatekeeper.pk], told()[colleague.pk]) == ("gatekeeper", "deputy")

    vote(ready, colleague, "go")
    assert (waits(gatekeeper), waits(colleague)) == (False, False)
    assert not {gatekeeper.pk, colleague.pk} & set(told())
    assert not GateReview.objects.waiting_on(Actor.for_user(colleague), named.ends_on + DAY).exists()


def test_both_are_told_when_a_deputy_is_named_and_ended(gatekeeper, colleague, name, now):
    named = name(gatekeeper, colleague)
    projects.end_deputy(deputy=named, actor=Actor.for_user(colleague), version=1, now=now)

    told = Notice.objects.filter(object=f"deputy:{named.pk}").values_list("kind", "recipient_id", "reason")
    assert {("deputy.named", colleague.pk, "deputy"), ("deputy.ended", gatekeeper.pk, "principal")} <= set(told)
    with pytest.raises(DeputyIsOver):
        projects.end_deputy(deputy=named, actor=Actor.for_user(colleague), version=2, now=now)


def test_a_deputy_is_another_member_who_does_more_than_read(gatekeeper, viewer, stranger, name):
    for nobody in (gatekeeper, viewer, stranger):
        with pytest.raises(ValidationFailed):
            name(gatekeeper, nobody)


def test_who_has_no_vote_hands_none_over_and_nobody_has_two_deputies(
    gatekeeper, contributor, colleague, holder, project, name
):
    with pytest.raises(NoVoteToHandOver):
        name(contributor, colleague)
    name(gatekeeper, colleague)
    with pytest.raises(DeputyAlreadyNamed):
        name(gatekeeper, contributor)
    with pytest.raises(ValidationFailed):
        name(holder(project, "risk_officer"), gatekeeper)


def test_days_are_ahead_in_order_and_a_year_at_most(gatekeeper, colleague, name, now):
    today = now.date()
    for first, last in ((today, today - DAY), (today - 3 * DAY, today), (today, today + 400 * DAY)):
        with pytest.raises(ValidationFailed):
            name(gatekeeper, colleague, starts_on=first, ends_on=last)


def test_a_deputy_is_named_by_the_api_and_ended_with_its_version(api, gatekeeper, colleague, contributor, project):
    days = {"starts_on": "2099-01-01", "ends_on": "2099-01-09"}
    made = api(gatekeeper).post(
        f"/api/v1/projects/{project.key}/deputies/", {"deputy": "colleague", **days}, format="json"
    )
    assert (made.status_code, made.json()["user"], made.json()["deputy"]) == (201, "gatekeeper", "colleague")
    url = f"/api/v1/deputies/{made.json()['id']}/"

    assert api(contributor).delete(url, headers={"if-match": '"v1"'}).status_code == 403
    assert api(gatekeeper).delete(url).status_code == 428
    assert api(gatekeeper).delete(url, headers={"if-match": '"v9"'}).status_code == 412
    assert api(gatekeeper).delete(url, headers={"if-match": '"v1"'}).status_code == 204
    assert api(gatekeeper).get(url).json()["ended_at"]


def test_a_deputy_is_named_and_ended_on_the_pages(browse, gatekeeper, colleague, project):
    settings, days = f"/projects/{project.key}/settings/", {"starts_on": "2099-01-01", "ends_on": "2099-01-09"}
    assert "Name a deputy for my vote" in browse(gatekeeper).get(settings).content.decode()
    assert "Name a deputy for my vote" not in browse(colleague).get(settings).content.decode()

    back = browse(gatekeeper).post(
        f"{settings}deputies/", {"deputy": "colleague", **days, "next": "https://elsewhere.example/"}
    )

    assert back.headers["Location"] == f"{settings}#deputies"
    [named] = Deputy.objects.all()
    assert "Colleague" in browse(gatekeeper).get("/profile/deputies/").content.decode()
    assert "Gatekeeper" in browse(colleague).get("/profile/deputies/").content.decode()
    browse(colleague).post(f"{settings}deputies/{named.pk}/end/", {"version": "1"})
    assert Deputy.objects.get().ended_at is not None
