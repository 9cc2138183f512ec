"""A pack of former days stays sound and says the same, whatever the project has done since."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.criteria.packs import read_pack, verify_pack
from lifecycle.models import GateReview, TemplateVersion, Waiver
from lifecycle.models.templates import definition_of
from lifecycle.selectors import packet, packet_digest, readiness
from projects.models import Project
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = timedelta(days=1)
Pack = dict[str, Any]


@pytest.fixture
def edition(process_templates: None, now: datetime) -> Iterator[Callable[..., TemplateVersion]]:
    """`edition(change)`: publishes the next version of the built-in template."""

    def publish(change: Any) -> TemplateVersion:
        return services.publish_template(document=eight_stage(change), actor=Actor.system("test"), now=now)

    # A database that gives an id again after a rollback would meet what was read under it before.
    definition_of.cache_clear()
    yield publish
    definition_of.cache_clear()


@pytest.fixture
def sponsor(project: Project, holder: Any) -> User:
    found: User = holder(project, "sponsor")
    return found


@pytest.fixture
def officer(project: Project, holder: Any) -> User:
    found: User = holder(project, "risk_officer")
    return found


@pytest.fixture
def pack_of(owner: User, api: Callable[[User], APIClient]) -> Callable[[GateReview], Pack]:
    def fetch(review: GateReview) -> Pack:
        return read_pack(api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").content)

    return fetch


@pytest.fixture
def waive(project: Project, sponsor: User, officer: User, check_of: Any, in_days: Any, now: datetime) -> Any:
    """`waive(days=90)`: the charter is left out for so many days, by two gatekeepers."""

    def call(days: int, at: datetime | None = None) -> Waiver:
        for who in (sponsor, officer):
            said = {"reason": f"{days} days", "until": in_days(days), "now": at or now}
            waiver = services.waive_check(check=check_of(project, "charter"), actor=Actor.for_user(who), **said)
        return waiver

    return call


@pytest.fixture
def held(
    project: Project, owner: User, sponsor: User, officer: User, stage_of: Any, ask: Any, vote: Any, in_days: Any,
    now: datetime,
) -> Callable[[], GateReview]:  # fmt: skip
    """A round of the first gate that ended in a hold, over by now: its stage goes on."""

    def hold() -> GateReview:
        review: GateReview = ask(stage_of(project), by=owner, despite_blockers=True)
        for who in (sponsor, officer):
            review = vote(review, who, "hold", until=in_days(3))
        project.refresh_from_db()
        services.resume_project(project=project, actor=Actor.for_user(owner), now=now)
        return review

    return hold


def without_evidence(document: dict[str, Any]) -> None:
    next(item for item in document["stages"][0]["items"] if item["key"] == "charter").update(kind="manual")


def test_a_waiver_that_a_move_ended_is_still_that_of_the_decision(
    project: Project, owner: User, waive: Any, held: Any, edition: Any, stage_of: Any, pack_of: Any, in_days: Any,
    now: datetime,
) -> None:  # fmt: skip
    waive(90)
    review = held()
    before = pack_of(review)

    edition(without_evidence)
    services.change_version(project=project, actor=Actor.for_user(owner), version=2, now=now)

    assert pack_of(review)["waivers"] == before["waivers"]
    assert [(one.until, one.ended_on) for one in Waiver.objects.all()] == [(in_days(90), in_days(-1))]
    assert verify_pack(pack_of(review)) == []
    charter = readiness(stage_of(project), today=now.date()).of("charter")
    assert (charter.state, charter.check.waiver_lapsed_on) == ("open", in_days(-1))


def test_a_waiver_that_a_move_ended_is_over_for_everybody(
    project: Project, owner: User, waive: Any, edition: Any, check_of: Any, api: Any, browse: Any, in_days: Any,
    now: datetime,
) -> None:  # fmt: skip
    waive(90)
    edition(without_evidence)
    services.change_version(project=project, actor=Actor.for_user(owner), version=2, now=now)

    [told] = api(owner).get(f"/api/v1/checks/{check_of(project, 'charter').pk}/waivers/").json()["results"]
    page = browse(owner).get("/projects/RECO/stages/initiation/").content.decode()
    again = waive(20)

    assert (told["over"], told["until"], told["ended_on"]) == (True, str(in_days(90)), str(in_days(-1)))
    assert "Was waived until 1 Mar by" in page
    assert again.granted_at


def test_days_that_a_move_wrote_over_are_taken_from_the_journal(waive: Any, in_days: Any) -> None:
    waiver = waive(90)
    Waiver.objects.filter(pk=waiver.pk).update(until=in_days(-1))
    migration = import_module("lifecycle.migrations.0016_waivers_keep_the_day_they_were_granted_for")

    def days() -> tuple[date, date | None]:
        waiver.refresh_from_db()
        return waiver.until, waiver.ended_on

    migration.keep_the_day(apps, None)
    assert days() == (in_days(90), in_days(-1))
    migration.write_over(apps, None)
    assert days()[0] == in_days(-1)


def test_a_move_to_another_level_leaves_the_packs_before_it_sound(
    project: Project, owner: User, officer: User, held: Any, pack_of: Any, now: datetime
) -> None:
    review = held()
    before = pack_of(review)

    services.change_level(project=project, actor=Actor.for_user(officer), level="regulated", reason="-", now=now)

    assert verify_pack(pack_of(review)) == []
    assert {**pack_of(review), "journal": [], "manifest": {}} == {**before, "journal": [], "manifest": {}}


def test_a_move_to_another_version_leaves_the_packs_before_it_sound(
    project: Project, owner: User, held: Any, pack_of: Any, edition: Any, now: datetime
) -> None:
    def other_words(document: dict[str, Any]) -> None:
        document["stages"][0]["gate"]["name"] = {"en": "Another gate", "zh": "另一个关"}
        document["stages"][0]["items"][0]["text"] = {"en": "Another text", "zh": "另一句话"}

    review = held()
    before = pack_of(review)

    edition(other_words)
    services.change_version(project=project, actor=Actor.for_user(owner), version=2, now=now)

    assert verify_pack(pack_of(review)) == []
    assert pack_of(review) == before


def test_rounds_from_before_learn_their_version_and_level_from_their_packets(held: Any) -> None:
    review = held()
    version = review.template_version_id
    GateReview.objects.filter(pk=review.pk).update(template_version=None, level="")
    review.refresh_from_db()
    assert review.definition.key == "initiation"

    import_module("lifecycle.migrations.0019_reviews_know_version_and_level").from_their_packets(apps, None)

    review.refresh_from_db()
    assert (review.template_version_id, review.level) == (version, "standard")


@pytest.mark.parametrize("form", [1, 2])
def test_each_pack_names_the_waiver_of_its_own_iteration(
    project: Project, owner: User, sponsor: User, officer: User, waive: Any, stage_of: Any, meet_all: Any, ask: Any,
    vote: Any, pack_of: Any, now: datetime, frozen: Any, form: int,
) -> None:  # fmt: skip
    """A long one in the iteration that was left, a shorter one in that after it."""

    def decided(word: str, at: datetime) -> GateReview:
        review: GateReview = ask(stage_of(project), by=owner, at=at, despite_blockers=word == "recycle")
        document = packet(readiness(stage_of(project), today=at.date()), form=form)
        GateReview.objects.filter(pk=review.pk).update(document=document, packet=packet_digest(document))
        for who in (sponsor, officer):
            review = vote(review, who, word, at=at)
        return review

    later = now + DAY
    waive(300)
    recycled = decided("recycle", now)
    frozen.at = later
    waive(20, later)
    meet_all(stage_of(project), by=owner, leave=("charter",), at=later)
    passed = decided("go", later)

    packs = [pack_of(recycled), pack_of(passed)]
    assert [one["waivers"][0]["reason"] for one in packs] == ["300 days", "20 days"]
    assert [verify_pack(one) for one in packs] == [[], []]
