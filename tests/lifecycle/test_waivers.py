"""Going without a check: who asks, who grants, and what becomes of a request that nobody heard."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from journal.models import Notice
from lifecycle import services
from lifecycle.errors import AlreadyWaived, ProjectNotActive, WaiverNeedsSecond
from lifecycle.models import Waiver

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def risk_officer(project, holder):
    return holder(project, "risk_officer")


@pytest.fixture
def waive(project, check_of, in_days, now):
    """`waive(user, days=3, at=later)`: the charter is to be left out for so many days from `now`."""

    def call(user, *, days=3, at=None):
        said = {"reason": "Signed on paper.", "until": in_days(days), "now": at or now}
        return services.waive_check(check=check_of(project, "charter"), actor=Actor.for_user(user), **said)

    return call


def told(kind):
    return {(notice.recipient_id, notice.reason) for notice in Notice.objects.filter(kind=kind)}


def test_a_request_that_nobody_granted_in_time_makes_room_for_another(waive, sponsor, risk_officer, now, in_days):
    waive(sponsor)
    later = now + timedelta(days=4)

    again = waive(sponsor, days=9, at=later)
    granted = waive(risk_officer, days=9, at=later)

    assert (again.pk, granted.until) == (granted.pk, in_days(9))
    assert list(Waiver.objects.order_by("pk").values_list("granted_at", "lapsed_at")) == [(None, later), (later, None)]


def test_a_request_that_is_over_is_not_granted(waive, sponsor, risk_officer, now):
    waive(sponsor)

    found = waive(risk_officer, days=9, at=now + timedelta(days=4))

    assert (found.granted_at, found.opened_by) == (None, risk_officer)


def test_the_page_offers_to_ask_anew_after_a_request_is_over(project, waive, sponsor, browse, frozen, stage_of):
    waive(sponsor)
    page = f"/projects/{project.key}/stages/{stage_of(project).key}/"
    assert "asks to go without it" in browse(sponsor).get(page).content.decode()

    frozen.move(timedelta(days=4))

    assert "asks to go without it" not in browse(sponsor).get(page).content.decode()


def test_nothing_is_waived_in_a_project_that_is_over(blocked, project, sponsor, risk_officer, vote, waive):
    waive(sponsor)
    for user in (sponsor, risk_officer):
        vote(blocked, user, "kill")

    with pytest.raises(ProjectNotActive):
        waive(risk_officer)


def test_nobody_grants_their_own_and_none_is_granted_twice(waive, sponsor, risk_officer):
    waive(sponsor)
    with pytest.raises(WaiverNeedsSecond):
        waive(sponsor)
    waive(risk_officer)

    with pytest.raises(AlreadyWaived):
        waive(risk_officer)


def test_the_other_gatekeepers_are_told_of_a_request_and_the_opener_and_owners_of_the_grant(
    project, owner, waive, sponsor, risk_officer
):
    waive(sponsor)
    waive(risk_officer)

    founder = project.memberships.get(user__username="founder").user_id
    assert told("waiver.opened") == {(risk_officer.pk, "second")}
    assert told("waiver.granted") == {(sponsor.pk, "requester"), (owner.pk, "owner"), (founder, "owner")}


def test_the_earlier_day_counts_and_both_reasons_are_kept(
    project, sponsor, risk_officer, check_of, stage_of, api, browse, in_days
):
    place = f"/api/v1/checks/{check_of(project, 'charter').pk}/waivers/"
    api(sponsor).post(place, {"reason": "Signed on paper.", "until": in_days(90).isoformat()})

    granted = api(risk_officer).post(place, {"reason": "One week only.", "until": in_days(7).isoformat()}).json()

    page = browse(sponsor).get(f"/projects/{project.key}/stages/{stage_of(project).key}/").content.decode()
    assert (granted["granted"], granted["until"]) == (True, in_days(7).isoformat())
    assert (granted["reason"], granted["granted_reason"]) == ("Signed on paper.", "One week only.")
    assert "One week only." in page


def test_who_grants_makes_it_no_longer(waive, sponsor, risk_officer, in_days):
    waive(sponsor, days=3)

    granted = waive(risk_officer, days=30)

    assert (granted.until, granted.granted_reason) == (in_days(3), "")
