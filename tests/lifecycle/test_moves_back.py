"""A project moves to another version and back while loops ask for its checks anew: it can always move on."""

from typing import Any

import pytest

from accounts.actor import Actor
from lifecycle import services
from lifecycle.models import Check, Stage
from lifecycle.models.definition import parse
from lifecycle.models.templates import definition_of
from lifecycle.selectors import readiness
from lifecycle.selectors.templates import impact_of
from lifecycle.services.templates import edits
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.core, pytest.mark.django_db]
SYSTEM = Actor.system("test")
LATER = edits.send_check("charter", "data")


@pytest.fixture
def versions(process_templates, now):
    """Version 1 asks for the charter in the initiation, version 2 in the data stage."""
    definition_of.cache_clear()
    yield services.publish_template(document=eight_stage(LATER), actor=SYSTEM, now=now)
    definition_of.cache_clear()


@pytest.fixture
def move(now):
    def to(project, version):
        return services.change_version(project=project, actor=SYSTEM, version=version, now=now)

    return to


@pytest.fixture
def looped(versions, make_project, add_member, pass_gate, move, ask, vote, holder, stage_of) -> Any:
    """The check is kept in the data stage, dropped, and asked for by the initiation's second iteration."""
    project = make_project("DOWN", level="lean")
    owner = add_member(project, "own", ["owner"]).user
    pass_gate(project, by=owner)
    move(project, 1)
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    vote(review, holder(project, "sponsor"), "recycle", return_to="initiation")
    return project


def rows_of(project):
    rows = Check.objects.filter(key="charter", stage__process__project=project, stage__superseded=False)
    return {(stage, dropped): answer for stage, dropped, answer in rows.values_list("stage__key", "dropped", "note")}


def test_the_live_check_goes_along_and_the_dropped_one_stays_behind(looped, move, check_of, now, stage_of):
    dropped = Check.objects.get(key="charter", stage__process__project=looped, dropped=True)
    live = Check.objects.select_related("stage__process__project").get(
        key="charter", stage=stage_of(looped, "initiation")
    )
    services.answer_check(check=live, actor=SYSTEM, version=live.version, note="said since the loop", now=now)

    move(looped, 2)

    assert rows_of(looped) == {("data", False): "said since the loop", ("initiation", True): ""}
    found = set(Check.objects.filter(key="charter", stage__process__project=looped).values_list("pk", flat=True))
    assert {dropped.pk, live.pk} <= found
    for key, there in (("initiation", False), ("data", True)):
        answer = readiness(stage_of(looped, key), today=now.date())
        assert ("charter" in {one.check.key for one in answer.checks}) is there


def test_to_and_fro_always_finds_the_same_answer(looped, move, now, stage_of):
    live = Check.objects.select_related("stage__process__project").get(
        key="charter", stage=stage_of(looped, "initiation")
    )
    services.answer_check(check=live, actor=SYSTEM, version=live.version, note="said", now=now)

    for version in (2, 1, 2, 1):
        move(looped, version)

    assert rows_of(looped) == {("initiation", False): "said", ("data", True): ""}


def test_what_a_version_would_do_is_what_it_does(looped, move, now, stage_of):
    would = impact_of(parse(eight_stage(LATER)), actor=SYSTEM, today=now.date()).touched

    moved = move(looped, 2)

    assert [one.lost for one in would] == [moved.lost]
    assert [blocker["check"] for blocker in moved.lost] == ["charter"]


def test_a_stage_that_a_move_touches_has_another_version(looped, move):
    def seen():
        return dict(Stage.objects.newest().filter(process__project=looped).values_list("key", "version"))

    before = seen()
    services.publish_template(
        document=eight_stage(LATER, edits.remove_stage("training")), actor=SYSTEM, now=looped.created_at
    )
    move(looped, 3)

    after = seen()
    assert after["training"] == before["training"] + 1
    assert after["evaluation"] == before["evaluation"] + 1
    assert after["initiation"] == before["initiation"]

    move(looped, 2)

    assert seen()["training"] == after["training"] + 1
