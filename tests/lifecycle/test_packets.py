"""A packet holds everything that a decision rests on: what of it moves, voids the votes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.criteria.packs import read_pack, verify_pack
from lifecycle.errors import PacketChanged
from lifecycle.models import Check, GateReview, Process, Stage, Vote
from lifecycle.models.templates import definition_of
from lifecycle.selectors import authors, packet, packet_digest, readiness
from projects.models import Project
from records.services import push_metric
from risks.models import Assessment
from tests.fixtures.gates import _approve
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
DAY = timedelta(days=1)


@pytest.fixture
def row_of(now: datetime) -> Callable[[Stage, str], tuple[dict[str, Any], str]]:
    """`row_of(stage, "charter")`: how the packet of now freezes the check, and the packet's digest."""

    def read(stage: Stage, key: str) -> tuple[dict[str, Any], str]:
        document = packet(readiness(Stage.objects.with_process().get(pk=stage.pk), today=now.date()))
        return next(row for row in document["checks"] if row["key"] == key), packet_digest(document)

    return read


@pytest.fixture
def comparing(
    process_templates: None, make_project: Any, add_member: Any, holder: Any, now: datetime
) -> Iterator[Project]:
    """A project whose baseline_lift is judged by its change from the model "legacy"."""

    def compares(document: dict[str, Any]) -> None:
        items = (item for stage in document["stages"] for item in stage["items"])
        next(item for item in items if item["key"] == "beats_baseline")["metric"]["baseline"] = {"change": "absolute"}

    definition_of.cache_clear()
    services.publish_template(document=eight_stage(compares), actor=Actor.system("test"), now=now)
    project = make_project("BASE", level="lean")
    boss, officer = add_member(project, "boss", ["owner"]).user, holder(project, "risk_officer")
    process = Process.objects.get(project=project)
    said = {"model": "legacy", "reason": "-", "actor": Actor.for_user(boss), "now": now}
    proposed = services.set_baseline(process=process, **said)
    agreed = {"proposal": proposed.pk, "agree": True, "actor": Actor.for_user(officer), "now": now}
    services.decide_baseline(process=process, **agreed)
    yield project
    definition_of.cache_clear()


def test_another_result_of_the_baseline_is_another_packet(
    comparing: Project, owner: User, add_member: Any, stage_of: Any, row_of: Any, now: datetime
) -> None:
    stage, colleague = stage_of(comparing, "training"), add_member(comparing, "colleague").user
    given = {"project": comparing, "metric": "baseline_lift", "now": now}
    legacy = {"subject": {"model": "legacy"}, "actor": Actor.for_user(colleague)}
    boss = Actor.for_user(User.objects.get(username="boss"))
    push_metric(**given, **legacy, value=10, run_id="base", measured_at=now - DAY)
    push_metric(**given, actor=boss, value=90, run_id="new", measured_at=now, subject={"model": "m1"})

    before, digest = row_of(stage, "beats_baseline")
    push_metric(**given, **legacy, value=80, run_id="again", measured_at=now - DAY / 2)
    after, other = row_of(stage, "beats_baseline")

    assert (before["state"], after["state"]) == ("met", "met")
    assert (before["baseline"]["value"], after["baseline"]["run_id"]) == (10, "again")
    assert digest != other
    supplied = authors(readiness(Stage.objects.with_process().get(pk=stage.pk), today=now.date()).facts)
    assert supplied[colleague.pk] == "beats_baseline"


def test_another_assessment_is_another_packet(
    project: Project, owner: User, stage_of: Any, holder: Any, row_of: Any, now: datetime
) -> None:
    stage = stage_of(project, "requirements")
    check = Check.objects.select_related("stage__process__project").get(stage=stage, key="data_protection_ok")
    _approve(check, owner, holder, now)

    before, digest = row_of(stage, check.key)
    _approve(check, owner, holder, now + DAY)
    after, other = row_of(stage, check.key)

    first, second = Assessment.objects.filter(key="data_protection").order_by("pk")
    assert [before["assessment"]["id"], after["assessment"]["id"]] == [first.pk, second.pk]
    assert {one["by"] for one in before["assessment"]["signed"]} == set(
        first.signatures.values_list("signed_by", flat=True)
    )
    assert digest != other


def test_an_attempt_that_nobody_approved_decides_nothing(
    project: Project, owner: User, stage_of: Any, row_of: Any, now: datetime
) -> None:
    stage = stage_of(project, "requirements")
    before = row_of(stage, "data_protection_ok")

    Assessment.objects.create(project=project, key="data_protection", filled_by=owner, filled_at=now)

    assert row_of(stage, "data_protection_ok") == before


def test_the_worse_end_of_an_interval_is_in_the_packet_and_the_better_one_is_not(
    project: Project, owner: User, stage_of: Any, row_of: Any, now: datetime
) -> None:
    stage = stage_of(project, "evaluation")
    rule = stage.definition.by_key["hallucination"].criterion
    assert rule["operator"] == "<="
    good = float(rule["threshold"]) / 2
    given = {"project": project, "actor": Actor.for_user(owner), "metric": rule["key"], "run_id": "r", "n": 100_000}
    given |= {"measured_at": now, "now": now, "slice": rule.get("slice", ""), "value": good}
    again = {"supersede": True, "reason": "The interval was wrong."}

    push_metric(**given, low=good * 0.9, high=good * 1.1)
    first, digest = row_of(stage, "hallucination")
    push_metric(**given, **again, low=good * 0.8, high=good * 1.1)
    better, same = row_of(stage, "hallucination")
    push_metric(**given, **again, low=good * 0.8, high=good * 1.2)
    worse, other = row_of(stage, "hallucination")

    assert (first["worst"], better["worst"], worse["worst"]) == (good * 1.1, good * 1.1, good * 1.2)
    assert digest == same != other


def test_a_packet_says_which_project_and_by_which_rules(ready: GateReview) -> None:
    assert ready.document["format"] == 2
    assert ready.document["project"] == "RECO"
    assert ready.document["rules"] == {
        "quorum": 2,
        "gatekeepers": ready.deciders,
        "must_include": ["sponsor"],
        "separation": ready.separation,
        "gates": [],
    }


@pytest.fixture
def earlier(project: Project, ready: GateReview, stage_of: Any, now: datetime) -> GateReview:
    """A round asked for under the release before, whose packets had the first format."""
    document = packet(readiness(stage_of(project), today=now.date()), form=1)
    GateReview.objects.filter(pk=ready.pk).update(document=document, packet=packet_digest(document))
    ready.refresh_from_db()
    assert not document.keys() & {"format", "project", "rules"}
    return ready


def test_an_upgrade_voids_no_votes(
    earlier: GateReview, owner: User, holder: Any, vote: Any, project: Project, api: Any, browse: Any
) -> None:
    frozen = earlier.packet
    vote(earlier, holder(project, "sponsor"), "go")

    page = browse(holder(project, "risk_officer")).get("/projects/RECO/gates/initiation/").content.decode()
    decided = vote(earlier, holder(project, "finance_partner"), "go")

    assert "Facts changed" not in page
    assert (decided.decision, decided.packet, decided.packet) == ("go", frozen, packet_digest(decided.document))
    assert verify_pack(read_pack(api(owner).get(f"/api/v1/reviews/{decided.pk}/pack/").content)) == []


def test_facts_that_move_after_an_upgrade_bring_a_packet_of_today(
    earlier: GateReview, owner: User, holder: Any, vote: Any, project: Project, check_of: Any, now: datetime
) -> None:
    vote(earlier, holder(project, "sponsor"), "go")
    services.attach_link(
        check=check_of(project, "charter"), actor=Actor.for_user(owner), url="https://docs.example.org/2", title="2",
        now=now,
    )  # fmt: skip

    with pytest.raises(PacketChanged):
        vote(earlier, holder(project, "finance_partner"), "go")

    earlier.refresh_from_db()
    assert earlier.document["format"] == 2
    assert [one.state for one in Vote.objects.filter(review=earlier)] == ["void"]
