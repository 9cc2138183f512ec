import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from journal.models import Entry

pytestmark = [pytest.mark.core, pytest.mark.django_db]
PERSON = {"username": "ann", "email": "ann@example.org", "name": "Ann"}


def test_a_person_is_added_with_a_journal_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTGATE_PASSWORD", "Correct-Horse-9!")

    call_command("create_user", admin=True, **PERSON)

    ann = User.objects.get(username="ann")
    assert ann.is_admin
    assert ann.check_password("Correct-Horse-9!")
    assert Entry.objects.get(verb="user.created").via == "system"


@pytest.mark.parametrize(
    ("password", "changes"),
    [
        ("short", {}),
        ("Correct-Horse-9!", {"username": "no spaces"}),
        ("Correct-Horse-9!", {"email": "nowhere"}),
        ("Correct-Horse-9!", {"username": "TAKEN"}),
    ],
)
def test_a_wrong_person_is_refused(monkeypatch: pytest.MonkeyPatch, password: str, changes: dict[str, str]) -> None:
    User.objects.create_user("taken", "taken@example.org")
    monkeypatch.setenv("EIGHTGATE_PASSWORD", password)

    with pytest.raises(CommandError):
        call_command("create_user", **{**PERSON, **changes})

    assert User.objects.count() == 1
