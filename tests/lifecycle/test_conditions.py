"""Conditions of a conditional go: who of two who move one is told, and what they see."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from lifecycle import services
from lifecycle.errors import ConditionsRequired, CriteriaNotMet, GateBlocked
from lifecycle.models import Condition, Stage
from lifecycle.selectors import readiness

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def condition(ready, project, owner, sponsor, holder, vote, in_days):
    """Owed by the project's owner."""
    asked = {"text": "Tell the board.", "owner": owner, "due_on": in_days(5)}
    vote(ready, sponsor, "conditional_go", conditions=[asked])
    vote(ready, holder(project, "finance_partner"), "go")
    return Condition.objects.select_related("action", "review__stage__process__project").get()


def test_more_time_gives_a_condition_another_version(condition, sponsor, api, in_days):
    place = f"/api/v1/conditions/{condition.pk}/"
    before = api(sponsor).get(place)

    said = {"until": in_days(20).isoformat(), "reason": "The board meets later."}
    given = api(sponsor).post(f"{place}extension/", said, format="json")

    after = api(sponsor).get(place)
    assert (before.headers["ETag"], given.headers["ETag"], after.headers["ETag"]) == ('"v1"', '"v2"', '"v2"')
    late = api(sponsor).patch(place, {"state": "met"}, format="json", headers={"If-Match": before.headers["ETag"]})
    assert late.status_code == 412


def test_the_page_shows_both_days_to_who_extends_what_was_extended_meanwhile(
    condition, project, sponsor, holder, browse, in_days, now
):
    other = Actor.for_user(holder(project, "risk_officer"))
    services.extend_condition(condition=condition, actor=other, until=in_days(20), reason="The board.", now=now)
    mine = {"until": in_days(9).isoformat(), "reason": "A week is enough.", "version": "1"}

    refused = browse(sponsor).post(f"/conditions/{condition.pk}/extend/", mine)

    page = refused.content.decode()
    assert refused.status_code == 412
    assert all(shown in page for shown in ("lost-update", mine["until"], mine["reason"], in_days(20).isoformat()))
    assert "risk-officer changed this while you were writing (09:00)." in " ".join(page.split())
    kept = browse(sponsor).post(f"/conditions/{condition.pk}/extend/", mine | {"version": "2"})
    condition.action.refresh_from_db()
    assert (kept.status_code, condition.action.due_on) == (302, in_days(9))


@pytest.mark.parametrize("step", ["propose", "close"])
def test_a_button_pressed_on_an_older_page_moves_nothing(condition, owner, sponsor, browse, in_days, now, step):
    services.extend_condition(
        condition=condition, actor=Actor.for_user(sponsor), until=in_days(20), reason="The board.", now=now
    )
    person = owner if step == "propose" else sponsor

    refused = browse(person).post(f"/conditions/{condition.pk}/{step}/", {"version": "1"})

    assert (refused.status_code, Condition.objects.get().state) == (412, "open")
    assert 'name="version" value="2"' in refused.content.decode()
    assert browse(person).post(f"/conditions/{condition.pk}/{step}/", {"version": "2"}).status_code == 302


def test_a_button_without_its_version_moves_nothing(condition, sponsor, browse):
    assert browse(sponsor).post(f"/conditions/{condition.pk}/close/").status_code == 422
    assert Condition.objects.get().state == "open"


def test_the_page_offers_nothing_on_a_condition_that_was_replaced(condition, sponsor, browse, project, now):
    Condition.objects.update(state="replaced", closed_at=now)

    page = browse(sponsor).get(f"/projects/{project.key}/gates/initiation/").content.decode()

    assert "Replaced" in page
    assert f"/conditions/{condition.pk}/close/" not in page


def test_a_decision_rests_on_no_condition_that_is_overdue_by_then(
    blocked, project, owner, sponsor, holder, vote, now, in_days, frozen
):
    finance = holder(project, "finance_partner")
    charter = {"text": "Sign the charter.", "owner": owner, "due_on": in_days(1), "check": "charter"}
    vote(blocked, sponsor, "conditional_go", conditions=[charter])

    frozen.at = later = now + timedelta(days=5)
    with pytest.raises(ConditionsRequired):
        vote(blocked, finance, "conditional_go", at=later)
    elsewhere = charter | {"check": "", "due_on": in_days(9)}
    with pytest.raises(CriteriaNotMet):
        vote(blocked, finance, "conditional_go", conditions=[elsewhere], at=later)

    anew = charter | {"due_on": in_days(9)}
    assert vote(blocked, finance, "conditional_go", conditions=[anew], at=later).decision == "conditional_go"


def test_a_go_does_not_end_a_round_on_conditions_that_are_overdue(
    ready, project, owner, sponsor, holder, vote, now, in_days, frozen
):
    tell_the_board = {"text": "Tell the board.", "owner": owner, "due_on": in_days(1)}
    vote(ready, sponsor, "conditional_go", conditions=[tell_the_board])

    frozen.at = later = now + timedelta(days=5)

    assert vote(ready, holder(project, "finance_partner"), "go", at=later).decision == ""


@pytest.fixture
def deferred(blocked, project, owner, sponsor, holder, vote, in_days):
    """The first gate, passed on the condition that the charter follows."""
    charter = {"text": "Sign the charter.", "owner": owner, "due_on": in_days(9), "check": "charter"}
    review = vote(blocked, sponsor, "conditional_go", conditions=[charter])
    return vote(review, holder(project, "finance_partner"), "conditional_go")


def states(stage, now):
    """The states of a stage's checks, each of which stands there once."""
    found = [(one.check.key, one.state) for one in readiness(stage, today=now.date()).checks]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize("how", ["reopened", "recycled"])
def test_a_new_iteration_asks_again_for_what_a_condition_deferred(
    deferred, how, project, owner, sponsor, portfolio_manager, holder, stage_of, ask, vote, meet_all, check_of, now
):
    if how == "reopened":
        boss = Actor.for_user(portfolio_manager)
        services.reopen_review(review=deferred, actor=boss, reason="It is needed after all.", now=now)
    else:
        review = ask(stage_of(project), by=owner, despite_blockers=True)
        for voter in (sponsor, holder(project, "ethics_reviewer")):
            review = vote(review, voter, "recycle", return_to="initiation")
    first, fresh = (Stage.objects.with_process().get(key="initiation", iteration=number) for number in (1, 2))

    assert states(fresh, now)["charter"] == "open"
    assert states(first, now)["charter"] == "deferred"
    meet_all(fresh, by=owner, leave=("charter",))
    with pytest.raises(GateBlocked):
        ask(fresh, by=owner)

    proof = {"url": "https://docs.example.org/charter", "title": "Charter"}
    services.attach_link(check=check_of(project, "charter"), actor=Actor.for_user(owner), now=now, **proof)
    assert services.settle_conditions(now=now) == 1
    assert Condition.objects.get().state == "met"


def test_an_overdue_condition_of_an_earlier_iteration_still_blocks(
    deferred, project, portfolio_manager, now, frozen, blockers_of, stage_of
):
    boss = Actor.for_user(portfolio_manager)
    services.reopen_review(review=deferred, actor=boss, reason="It is needed after all.", now=now)

    assert blockers_of(stage_of(project))["charter"] == "evidence_missing"
    assert blockers_of(stage_of(project), days=10)["charter"] == "condition_overdue"


def test_what_nobody_changed_by_name_is_told_without_a_name(condition, sponsor, browse, in_days):
    Condition.objects.update(version=2)
    mine = {"until": in_days(9).isoformat(), "reason": "A week is enough.", "version": "1"}

    page = browse(sponsor).post(f"/conditions/{condition.pk}/extend/", mine).content.decode()

    told = page[page.index('id="lost-h"') :][:300]
    assert "This changed while you were writing" in told
    assert "None" not in told
