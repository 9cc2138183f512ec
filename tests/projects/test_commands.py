from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from journal.models import Entry
from projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.core]


def made(*arguments: str) -> str:
    out = StringIO()
    call_command("create_token", *arguments, stdout=out)
    return out.getvalue()


def test_a_token_is_printed_alone_and_works(project: Project, owner: User) -> None:
    secret = made("--user", "owner", "--name", "ci", "--scope", "ci", "--project", "RECO")

    assert secret.startswith("egt_")
    assert secret.count("\n") == 1
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret.strip()}")
    assert client.get("/api/v1/projects/RECO/members/").status_code == 200
    assert ApiToken.objects.get().project_id == project.pk


def test_the_journal_says_that_no_session_made_the_token(owner: User) -> None:
    made("--user", "owner", "--name", "x", "--scope", "ci")

    entry = Entry.objects.get(verb="token.created")
    assert (entry.via, entry.actor_id, entry.data["user"]) == ("system", None, owner.pk)


@pytest.mark.parametrize(
    "scopes", [("--scope", "projects:read", "--scope", "risks:write"), ("--scope", "projects:read", "risks:write")]
)
def test_scopes_may_be_listed_or_repeated(scopes: tuple[str, ...], owner: User) -> None:
    made("--user", "owner", "--name", "x", *scopes)

    assert sorted(ApiToken.objects.get().scopes) == ["projects:read", "risks:write"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--user", "nobody", "--name", "x", "--scope", "ci"),
        ("--user", "owner", "--name", "x", "--scope", "votes:write"),
        ("--user", "owner", "--name", "x", "--scope", "ci", "--project", "NOTHING"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_words(arguments: tuple[str, ...], owner: User) -> None:
    with pytest.raises(CommandError) as refusal:
        made(*arguments)

    assert refusal.value.returncode == 2
    assert not ApiToken.objects.exists()
