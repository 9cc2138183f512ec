"""The records page."""

from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from projects.models import Project
from records import services
from tests.fixtures.rooms import AddFile, PushMetric

pytestmark = pytest.mark.usefixtures("frozen")
URL = "/projects/RECO/records/"


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


def test_the_page_costs_the_same_however_much_there_is(
    client: Client, project: Project, contributor: User, push_metric: PushMetric, add_file: AddFile
) -> None:
    client.force_login(contributor)

    def fill(first: int, last: int) -> int:
        for count in range(first, last):
            push_metric(project, contributor, float(count), run_id=f"r{count}", slice=f"s{count}")
            add_file(project, contributor, f"plan{count}.txt")
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        return len(queries)

    fill(0, 1)
    assert fill(1, 2) == fill(2, 15)


def test_the_page_of_a_private_project_is_unseen(client: Client, project: Project, stranger: User) -> None:
    Project.objects.filter(pk=project.pk).update(visibility="private")
    client.force_login(stranger)

    assert client.get(URL).status_code == 404
