import pytest

from accounts.models import User
from common.errors import NotFound, VersionMismatch
from common.versions import bump, check, etag

pytestmark = [pytest.mark.core, pytest.mark.django_db]


def test_a_change_from_the_current_version_counts_up(stranger: User) -> None:
    assert bump(User, stranger.pk, 1, name="New") == 2

    stranger.refresh_from_db()
    assert (stranger.name, stranger.version) == ("New", 2)


def test_a_change_from_an_older_version_is_refused(stranger: User) -> None:
    bump(User, stranger.pk, 1, name="First")

    with pytest.raises(VersionMismatch) as refusal:
        bump(User, stranger.pk, 1, name="Second")

    stranger.refresh_from_db()
    assert stranger.name == "First"
    assert refusal.value.subject == f"user:{stranger.pk}"
    assert refusal.value.headers == {"ETag": etag(2)}


def test_a_row_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFound):
        bump(User, 404, 1, name="New")


def test_a_row_read_under_lock_is_checked_as_well(stranger: User) -> None:
    check(stranger, 1)

    with pytest.raises(VersionMismatch):
        check(stranger, 2)
