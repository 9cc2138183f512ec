"""Lists as files: what they hold, in whose language, and that the journal knows of them."""

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from journal.models import Entry
from projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]
Table = list[list[str]]


def table(client: Client, url: str, **headers: str) -> Table:
    answer: Any = client.get(url, headers=headers)
    assert answer.status_code == 200, answer.content
    body = answer.getvalue()
    if "csv" in url:
        return list(csv.reader(StringIO(body.decode("utf-8-sig"))))
    return [[cell.value or "" for cell in row] for row in load_workbook(BytesIO(body)).active.iter_rows()]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_portfolio_is_a_table_of_projects_and_stages(
    form: str, client: Client, make_project: Callable[..., Project], owner: User
) -> None:
    make_project("EVIL", name="=HYPERLINK(1)")
    client.force_login(owner)

    heads, *rows = table(client, f"/portfolio/?format={form}")

    assert heads[:8] == ["Key", "Name", "Level", "State", "Health", "Stage", "Verdict", "In the way"]
    assert heads[11:13] == ["Initiation", "Requirements"]
    evil = next(row for row in rows if row[0] == "EVIL")
    assert evil[1] == ("'=HYPERLINK(1)" if form == "csv" else "=HYPERLINK(1)")
    assert evil[2:7] == ["Standard", "Active", "On track", "Initiation", "Waiting for people"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("page", ["portfolio", "projects"])
def test_a_file_speaks_the_readers_language(
    form: str, page: str, client: Client, project: Project, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(language="zh-hans")
    client.force_login(owner)

    heads, row = table(client, f"/{page}/?format={form}")

    assert not [word for word in [*heads, *row[2:7]] if word.isascii()]


def test_the_list_of_projects_is_a_file_as_long_as_the_list(
    client: Client, make_project: Callable[..., Project], owner: User
) -> None:
    for number in range(3):
        make_project(f"P{number}")
    client.force_login(owner)

    _heads, *rows = table(client, "/projects/?format=xlsx&search=P&ordering=-key&limit=1")
    _heads, *none = table(client, "/projects/?format=csv&search=zebra")

    assert [row[0] for row in rows] == ["RECO", "P2", "P1", "P0"]
    assert none == []


@pytest.mark.parametrize(
    "url",
    [
        "/portfolio/?format=pdf",
        "/portfolio/?format=",
        "/portfolio/?format=CSV",
        "/projects/?format=json",
        "/portfolio/risks/?format=csv",
    ],
)
def test_a_format_that_a_page_has_not_is_refused(client: Client, project: Project, owner: User, url: str) -> None:
    client.force_login(owner)

    assert client.get(url).status_code == 406


def test_the_journal_knows_who_took_which_list(client: Client, project: Project, owner: User) -> None:
    client.force_login(owner)

    table(client, "/portfolio/?format=xlsx&state=active")

    entry = Entry.objects.get(verb="list.exported")
    assert (entry.actor_id, entry.project_id) == (owner.pk, None)
    assert (entry.data["list"], entry.data["format"], entry.data["rows"]) == ("portfolio", "xlsx", 1)
    assert "state=active" in entry.data["asked"]
