"""Random sequences of moves and work: what is asked follows the last move, what was said and decided stays."""

import copy

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from common import content
from lifecycle import services
from lifecycle.models import Check, Process, Stage
from lifecycle.models.definition import LEVELS
from lifecycle.models.templates import definition_of
from lifecycle.selectors import frozen_states, readiness, shown_checks
from projects.models import Project, ProjectTag

pytestmark = pytest.mark.django_db
TAGS = ("generative", "high_risk", "public_cn", "labelled_data")
STEPS = st.one_of(
    st.tuples(st.just("level"), st.sampled_from(LEVELS)),
    st.tuples(st.just("version"), st.none()),
    st.tuples(st.just("tags"), st.frozensets(st.sampled_from(TAGS))),
    st.tuples(st.just("note"), st.integers(0, 200)),
    st.tuples(st.just("recycle"), st.integers(0, 2)),
)


@pytest.fixture
def second_version(process_templates, now):
    """A stage goes and one comes, checks move on and back, one changes its kind, one is gone."""
    document = copy.deepcopy(content.document("eight-stage"))
    initiation, requirements, data, design = document["stages"][:4]
    design["items"].append(requirements["items"].pop())
    design["items"].append(initiation["items"].pop(0))
    requirements["items"].append(initiation["items"].pop(0))
    initiation["items"].append(requirements["items"].pop(3))
    requirements["items"].pop(0)
    manual = next(item for item in requirements["items"] if item["kind"] == "manual")
    manual["kind"] = "evidence"
    data["key"], data["gate"]["key"] = "sources", "gate_sources"
    for stage in document["stages"]:
        if "return_to" in stage["gate"]:
            stage["gate"]["return_to"] = [key for key in stage["gate"]["return_to"] if key != "data"]
    definition_of.cache_clear()
    yield services.publish_template(document=document, actor=Actor.system("test"), now=now)
    definition_of.cache_clear()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@example(steps=[("version", None), ("version", None), ("recycle", 0), ("version", None), ("version", None)])
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_moves_and_loops_in_any_order_keep_answers_and_decisions(steps, walked, now, go_back):
    project, decided = walked
    with transaction.atomic():
        before = _decided(decided, now)
        rows = set(Check.objects.filter(stage__process__project=project).values_list("pk", flat=True))
        said: dict[str, str] = {}
        for what, value in steps:
            (go_back if what == "recycle" else STEP[what])(project, value, said, now)
            assert _asked(project) == _expected(project)
            for stage in _open_stages(project):
                readiness(stage, today=now.date())
            assert rows <= set(Check.objects.filter(stage__process__project=project).values_list("pk", flat=True))
            kept = dict(_running(project).filter(dropped=False).values_list("key", "note"))
            assert {key: note for key, note in said.items() if key in kept} == {
                key: kept[key] for key in said if key in kept
            }
            assert _decided(decided, now) == before
        transaction.set_rollback(True)


@pytest.fixture
def walked(project, owner, second_version, pass_gate, stage_of):
    """The first gate is decided."""
    pass_gate(project, by=owner)
    return Project.objects.get(pk=project.pk), stage_of(project, "initiation")


@pytest.fixture
def go_back(ask, vote, holder, owner, stage_of):
    """The current gate sends the project back to one of the stages that it may name; what it asks anew is said anew."""

    def loop(project, number, said, now):
        stage = stage_of(project)
        to = [one.key for one in stage.template.stages if one.position <= stage.position]
        review = ask(stage, by=owner, despite_blockers=True)
        for role in review.deciders:
            if review.decision:
                break
            person = holder(project, "sponsor" if role == "any" else role)
            review = vote(review, person, "recycle", return_to=to[number % len(to)], reason="scope")
        assert review.decision == "recycle"
        said.clear()

    return loop


def _level(project, level, said, now):
    services.change_level(project=project, actor=Actor.system("test"), level=level, reason="-", now=now)


def _version(project, _other, said, now):
    number = 3 - Process.objects.get(project=project).template_version.number
    services.change_version(project=project, actor=Actor.system("test"), version=number, now=now)


def _tags(project, tags, said, now):
    version = Project.objects.values_list("version", flat=True).get(pk=project.pk)
    services.change_tags(project=project, actor=Actor.system("test"), version=version, tags=tags, now=now)


def _note(project, number, said, now):
    """Somebody notes something on one of the checks that are asked for."""
    checks = list(_running(project).filter(dropped=False).select_related("stage__process__project"))
    check = checks[number % len(checks)]
    said[check.key] = f"note {number}"
    actor = Actor.system("test")
    services.answer_check(check=check, actor=actor, version=check.version, note=said[check.key], now=now)


STEP = {"level": _level, "version": _version, "tags": _tags, "note": _note}


def _running(project):
    return Check.objects.filter(stage__process__project=project, stage__superseded=False, stage__ended_at=None)


def _open_stages(project):
    return Stage.objects.newest().with_process().filter(process__project=project, ended_at=None)


def _asked(project):
    """Which checks stand where, and whether they are required."""
    return set(_running(project).filter(dropped=False).values_list("stage__key", "key", "kind", "required"))


def _expected(project):
    process = Process.objects.get(project=project)
    tags = set(ProjectTag.objects.filter(project=project).values_list("key", flat=True))
    ended = set(Stage.objects.newest().filter(process=process, ended_at__isnull=False).values_list("key", flat=True))
    return {
        (stage.key, item.key, item.kind, item.required_for(process.level, tags))
        for stage in process.definition.stages
        if stage.key not in ended
        for item in stage.items
        if item.applies_to(process.level, tags)
    }


def _decided(stage, now):
    fresh = Stage.objects.with_process().get(pk=stage.pk)
    return shown_checks(fresh, today=now.date(), confidential=True), frozen_states(fresh)
