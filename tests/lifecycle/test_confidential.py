"""Where confidential proof lies is told only to those who may see it; that it is there is told to all."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from common.texts import CONFIDENTIAL_LINK
from journal.models import Entry
from lifecycle import services
from lifecycle.models import Check
from projects.models import Project
from records.models import Evidence

pytestmark = [pytest.mark.core, pytest.mark.django_db]
SECRET = "https://vault.example/contract"


@pytest.fixture
def check(project: Project, owner: User, check_of: Callable[[Project, str], Check], now: datetime) -> Check:
    found = check_of(project, "charter")
    facts = {"url": SECRET, "title": "Contract", "confidential": True}
    services.attach_link(check=found, actor=Actor.for_user(owner), now=now, **facts)
    return found


def places(project: Project, check: Check) -> list[str]:
    api, pages = f"/api/v1/projects/{project.key}/", f"/projects/{project.key}/"
    stage = check.stage.key
    return [
        f"/api/v1/checks/{check.pk}/",
        f"/api/v1/checks/{check.pk}/evidence/",
        f"{api}checks/{check.key}/",
        f"{api}stages/{stage}/checks/",
        f"{api}evidence/",
        f"{pages}records/",
        f"{pages}stages/{stage}/",
        f"{pages}gates/{stage}/",
    ]


def test_a_viewer_reads_its_title_only(
    project: Project, check: Check, owner: User, viewer: User, client: Client
) -> None:
    for place in places(project, check):
        client.force_login(viewer)
        hidden = client.get(place)
        client.force_login(owner)
        told = client.get(place)

        assert (place, hidden.status_code, told.status_code) == (place, 200, 200)
        assert (place, SECRET in told.content.decode()) == (place, True)
        assert "Contract" in hidden.content.decode()
        assert (place, "vault.example" in hidden.content.decode()) == (place, False)


def test_nobody_finds_it_by_guessing_its_address(
    project: Project, check: Check, viewer: User, api: Callable[[User], APIClient]
) -> None:
    answer = api(viewer).get(f"/api/v1/projects/{project.key}/evidence/?search=vault")

    assert answer.json()["count"] == 0


UNTITLED = [
    "https://vault.example/acme-takeover?sig=topsecret",
    "https://jira.vault.example/browse/TAKEOVER-12",
    "https://github.com/takeover/topsecret/pull/9",
]
TRACES = ("vault.example", "TAKEOVER", "topsecret")


def traces(told: str) -> list[str]:
    return [trace for trace in TRACES if trace.lower() in told.lower()]


@pytest.mark.parametrize("url", UNTITLED)
def test_without_a_title_nobody_learns_where_it_lies(
    url: str, project: Project, owner: User, viewer: User, check_of: Any, meet_all: Any, ask: Any, vote: Any,
    holder: Any, stage_of: Any, api: Callable[[User], APIClient], browse: Callable[[User], Client], frozen: object,
) -> None:  # fmt: skip
    charter, stage = check_of(project, "charter"), stage_of(project)
    added = api(owner).post(f"/api/v1/checks/{charter.pk}/evidence/", {"url": url, "confidential": True}).json()
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    for role in ("sponsor", "risk_officer", "finance_partner"):
        review.refresh_from_db()
        if review.is_open:
            vote(review, holder(project, role), "go")
    pages = [
        *places(project, charter), f"/evidence/{added['id']}/", f"/api/v1/evidence/{added['id']}/",
        f"/checks/{charter.pk}/proof/", f"/projects/{project.key}/log/", f"/projects/{project.key}/",
        f"/api/v1/reviews/{review.pk}/",
    ]  # fmt: skip
    shown = {page: browse(viewer).get(page).content.decode() for page in pages}
    pack = api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").json()
    chinese = api(owner).get(f"/api/v1/evidence/{added['id']}/", HTTP_ACCEPT_LANGUAGE="zh-hans").json()

    assert (added["title"], chinese["title"]) == ("Confidential link", "保密链接")
    assert {page: found for page, told in shown.items() if (found := traces(told))} == {}
    assert [entry.data for entry in Entry.objects.all() if traces(str(entry.data))] == []
    assert CONFIDENTIAL_LINK in {row["title"] for row in pack["evidence"]}
    assert traces(str([row | {"url": ""} for row in pack["evidence"]] + pack["journal"] + [pack["basis"]])) == []


def test_a_revision_is_not_called_by_a_confidential_address(
    project: Project, owner: User, check_of: Any, api: Callable[[User], APIClient], frozen: object
) -> None:
    place, person = f"/api/v1/checks/{check_of(project, 'charter').pk}/evidence/", api(owner)

    def revised(pk: int, **told: Any) -> dict[str, Any]:
        return person.post(f"/api/v1/evidence/{pk}/revisions/", told).json()

    public = person.post(place, {"url": UNTITLED[2]}).json()
    hidden = revised(public["id"], url=UNTITLED[1], confidential=True)
    again = revised(hidden["id"], url=UNTITLED[2])
    told = revised(again["id"], url=UNTITLED[1], confidential=False)
    named = revised(told["id"], url=UNTITLED[0], title="Contract")
    kept = revised(named["id"], url=UNTITLED[0], confidential=True)

    assert public["title"] == "takeover/topsecret#9"
    assert [row["title"] for row in (hidden, again)] == [CONFIDENTIAL_LINK] * 2
    assert (told["title"], kept["title"]) == ("TAKEOVER-12", "Contract")


def test_links_called_by_their_address_before_are_called_neutrally(
    project: Project, check: Check, owner: User, now: datetime
) -> None:
    migration = import_module("records.migrations.0005_confidential_links_are_not_called_by_their_address")
    given = Evidence.objects.get()
    same = {"project": project, "effective_at": now, "supplied_at": now, "supplied_by": owner}
    for title, url in ((UNTITLED[0], UNTITLED[0]), ("takeover/topsecret#9", UNTITLED[2])):
        Evidence.objects.create(title=title, url=url, confidential=True, **same)
    Evidence.objects.create(title=UNTITLED[0], url=UNTITLED[0], confidential=False, **same)

    migration.call_them_neutrally(apps, None)

    titles = Evidence.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == [given.title, CONFIDENTIAL_LINK, CONFIDENTIAL_LINK, UNTITLED[0]]
