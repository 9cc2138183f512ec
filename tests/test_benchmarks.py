"""The benchmarks at their smallest: that the volume is what it says, and the floor what it claims to be."""

from collections import Counter
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from accounts.services import create_token
from benchmarks.floor import ANSWERS
from benchmarks.paths import against_the_floor
from benchmarks.run import GOALS, MOST_QUERIES, Figure, line
from common import clock
from journal.models import Entry
from lifecycle.models import Check, Stage
from lifecycle.selectors import gather
from projects.models import Project
from records.models import MetricResult
from risks.models import Risk

COUNT = 100


@pytest.fixture
def volume(db: None, now: Any) -> None:
    with clock.frozen(now):
        call_command("load_content", verbosity=0)
        call_command("seed_volume", projects=COUNT, verbosity=0)


@pytest.mark.core
def test_the_volume_has_the_proportions_of_the_figures_and_is_made_once(volume: None, now: Any):
    with clock.frozen(now):
        call_command("seed_volume", projects=COUNT, verbosity=0)

    rows = [model.objects.count() for model in (Project, Stage, Check, Risk, MetricResult)]
    assert rows == [COUNT, 8 * COUNT, 60 * COUNT, 10 * COUNT, 100 * COUNT]
    assert User.objects.filter(username__startswith="vol-").count() == 200
    assert Entry.objects.filter(verb="volume.seeded").count() == 1
    assert not Entry.objects.filter(project_id__isnull=False).exists()
    connection.check_constraints()


@pytest.mark.core
def test_the_volume_is_spread_over_states_stages_and_verdicts(volume: None, now: Any):
    stages = list(Stage.objects.current().with_process())

    with clock.frozen(now):
        verdicts = Counter(Project.objects.values_list("outlook__verdict", flat=True))
    assert {stage.position for stage in stages} == set(range(1, 9))
    assert {"active", "on_hold", "killed"} <= set(Project.objects.values_list("state", flat=True))
    assert {"fail", "waiting"} <= set(verdicts)
    assert len(gather(stages, today=now.date())) == len(stages)


@pytest.mark.parametrize("count", [0, 100_000])
def test_a_volume_that_cannot_be_numbered_is_refused(count: int):
    with pytest.raises(CommandError):
        call_command("seed_volume", projects=count)


@pytest.fixture
def script(volume: None, settings: Any, now: Any) -> Client:
    settings.ROOT_URLCONF = "benchmarks.urls"
    person = User.objects.get(username="vol-050")
    actor = Actor.for_user(person)
    _token, secret = create_token(actor=actor, user=person, name="benchmark", scopes=["reader"], now=now)
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_the_floor_answers_what_we_answer(script: Client, now: Any):
    if connection.vendor != "postgresql":
        pytest.skip("figures are measured on PostgreSQL")
    with clock.frozen(now), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {ANSWERS} (key text, about text, body text)")
        for about, name in (("status", "project_status"), ("check", "gate_check")):
            body = script.get(against_the_floor()[name].of(["VOL00001"])[0]).content.decode()
            cursor.execute(f"INSERT INTO {ANSWERS} VALUES (%s, %s, %s)", ["VOL00001", about, body])  # noqa: S608 - ours

        for asked in against_the_floor().values():
            ours, floor = (script.get(paths(["VOL00001"])[0]) for paths in (asked.of, asked.floor_of))
            assert ours.status_code == floor.status_code == 200
            assert orjson.loads(ours.content) == orjson.loads(floor.content)


def test_a_missed_goal_is_said():
    good = Figure("project_status", floor_ms=3, ours_ms=8, ratio=2.67, queries=8, scale=1)
    slow = Figure("project_status", floor_ms=3, ours_ms=10, ratio=3.33, queries=8, scale=1)
    asking = Figure("project_status", floor_ms=3, ours_ms=8, ratio=2.67, queries=9, scale=1)

    assert [line(figure, 9.0)[1] for figure in (good, slow, asking)] == [True, False, False]
    assert set(MOST_QUERIES) <= set(GOALS)
