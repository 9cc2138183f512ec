"""What a moved part of the subject turns stale: exactly the checks that are declared to depend on it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.utils import translation

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.criteria import Assessed, wording
from lifecycle.models import Check, Stage
from lifecycle.selectors import readiness_of, turns
from projects.models import Project
from records.models import PARTS
from records.services import add_model_version, set_subject
from tests.fixtures.gates import MeetAll, StageOf

pytestmark = [pytest.mark.core, pytest.mark.django_db]
BEFORE = {"model": "m 1", "dataset": "d 1", "prompt": "p 1", "code": "c 1"}
# Who is told of a part by its word in the detail.
WORDS = {
    "en": {"model": "model", "dataset": "training data", "prompt": "prompt", "code": "code"},
    "zh-hans": {"model": "模型", "dataset": "训练数据", "prompt": "提示词", "code": "代码"},
}
KINDS = {"metric": "metric_stale", "assessment": "assessment_stale", "approval": "approval_stale"}


@pytest.fixture(params=["eight_stage", "six_step"])
def running(
    request: pytest.FixtureRequest, make_project: Any, owner: User, stage_of: StageOf, meet_all: MeetAll, now: datetime
) -> Project:
    """A project of this template in which every check of every stage is met, for the parts of `BEFORE`."""
    tags = ["generative", "affects_people", "high_risk", "personal_data", "public_cn", "labelled_data"]
    project = make_project("FULL", template=request.param, level="regulated", tags=tags, creator=owner)
    set_subject(project=project, actor=Actor.for_user(owner), parts=BEFORE, now=now)
    # Signatures last: who brings proof takes back what they signed.
    for stage in Stage.objects.newest().with_process().filter(process__project=project):
        Check.objects.filter(stage=stage).update(required=True)
        meet_all(stage, by=owner)
    return project


def checks_of(project: Project, now: datetime) -> dict[str, Assessed]:
    stages = list(Stage.objects.newest().with_process().filter(process__project=project))
    answers = readiness_of(stages, today=now.date())
    return {one.check.key: one for stage in stages for one in answers[stage.pk].checks}


def declared(found: dict[str, Assessed], part: str) -> set[str]:
    return {key for key, one in found.items() if part in one.check.item.depends_on}


def stale(found: dict[str, Assessed]) -> set[str]:
    return {key for key, one in found.items() if one.state == "stale"}


@pytest.mark.parametrize("part", PARTS)
def test_a_moved_part_turns_exactly_the_declared_checks_stale_and_says_from_what_to_what(
    running: Project, owner: User, now: datetime, part: str
) -> None:
    before = checks_of(running, now)
    assert {key for key, one in before.items() if one.state != "met"} == set()

    set_subject(project=running, actor=Actor.for_user(owner), parts={part: "next 2"}, now=now)

    after = checks_of(running, now)
    assert stale(after) == declared(before, part) != set()
    assert {one.state for key, one in after.items() if key not in stale(after)} == {"met"}
    for key in stale(after):
        blocker = after[key].finding.blocker
        assert blocker is not None
        assert blocker.code == KINDS.get(blocker.kind, "evidence_stale"), key
        assert [moved.as_dict() for moved in blocker.about["moved"]] == [
            {"part": part, "from": BEFORE[part], "to": "next 2"}
        ]
        for language, words in WORDS.items():
            with translation.override(language):
                told = wording.detail(blocker)
            assert all(word in told for word in (words[part], BEFORE[part], "next 2")), told


def test_one_new_model_version_turns_exactly_the_declared_checks_stale(
    running: Project, owner: User, now: datetime
) -> None:
    before = checks_of(running, now)

    add_model_version(project=running, actor=Actor.for_user(owner), name="m 2", now=now)

    assert stale(checks_of(running, now)) == declared(before, "model") != set()


def test_what_turns_stale_is_known_before_it_is_moved(running: Project, owner: User, now: datetime) -> None:
    process = Stage.objects.filter(process__project=running)[0].process_id

    for part in PARTS:
        foreseen = turns(process, {part: "next 2"}, today=now.date())
        assert stale(checks_of(running, now)) == set()
        set_subject(project=running, actor=Actor.for_user(owner), parts={part: "next 2"}, now=now)
        found = checks_of(running, now)
        assert {turn.key for turn in foreseen if turn.turns_stale} == stale(found)
        assert {turn.says for turn in foreseen} == {wording.detail(found[key].finding.blocker) for key in stale(found)}  # type: ignore[arg-type]
        back = turns(process, {part: BEFORE[part]}, today=now.date())
        assert {(turn.key, turn.after) for turn in back} == {(key, "met") for key in stale(found)}
        set_subject(project=running, actor=Actor.for_user(owner), parts={part: BEFORE[part]}, now=now)


def test_proof_that_names_no_part_never_turns_stale(
    project: Project, owner: User, check_of: Callable[[Project, str], Check], now: datetime
) -> None:
    actor = Actor.for_user(owner)
    services.attach_link(check=check_of(project, "run_log"), actor=actor, url="https://x.example/", title="x", now=now)

    set_subject(project=project, actor=actor, parts={"model": "m 1"}, now=now)
    set_subject(project=project, actor=actor, parts={"model": "m 2"}, now=now)

    assert checks_of(project, now)["run_log"].state == "met"
