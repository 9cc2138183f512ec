"""The records page."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from common import clock
from projects.models import Project
from records import services
from tests.fixtures.rooms import AddFile, PushMetric

URL = "/projects/RECO/records/"


@pytest.fixture(autouse=True)
def frozen_clock(now: datetime) -> Iterator[clock.Frozen]:
    with clock.frozen(now) as time:
        yield time


def test_the_page_shows_subject_results_models_and_proof(
    client: Client,
    project: Project,
    contributor: User,
    viewer: User,
    push_metric: PushMetric,
    add_file: AddFile,
    now: datetime,
) -> None:
    services.add_model_version(
        project=project, actor=Actor.for_user(contributor), name="reco 1.2", trained_by=[contributor], now=now
    )
    push_metric(project, contributor, 91.5, slice="women", n=400)
    row = add_file(project, contributor, title="Test plan")
    secret = add_file(project, contributor, title="Names", confidential=True)
    client.force_login(viewer)

    html = client.get(URL).content.decode()

    assert "Now about reco 1.2." in html
    assert "1 metric has a value." in html
    assert "91.5" in html
    assert f"/api/v1/evidence/{row.pk}/download/" in html
    assert "Names" in html
    assert f"/api/v1/evidence/{secret.pk}/download/" not in html


def test_an_empty_page_says_so(client: Client, project: Project, viewer: User) -> None:
    client.force_login(viewer)

    html = client.get(URL).content.decode()

    assert "No version is named yet." in html
    assert "No result yet." in html


@pytest.mark.parametrize("number", [2, 15])
def test_the_page_costs_the_same_however_much_there_is(
    client: Client,
    project: Project,
    contributor: User,
    push_metric: PushMetric,
    add_file: AddFile,
    django_assert_max_num_queries: Callable[..., Any],
    number: int,
) -> None:
    for count in range(number):
        push_metric(project, contributor, float(count), run_id=f"r{count}", slice=f"s{count}")
        add_file(project, contributor, f"plan{count}.txt")
    client.force_login(contributor)

    with django_assert_max_num_queries(16):
        client.get(URL)


def test_the_page_of_a_private_project_is_unseen(client: Client, project: Project, stranger: User) -> None:
    Project.objects.filter(pk=project.pk).update(visibility="private")
    client.force_login(stranger)

    assert client.get(URL).status_code == 404
