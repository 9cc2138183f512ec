from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.questions import Question
from projects.models import Project

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@Question
def projects_of(keys: list[str], ids: list[int], until: date, private: bool) -> QuerySet[Project]:  # noqa: FBT001
    rows = Project.objects.filter(Q(key__in=keys) | Q(pk__in=ids), target_on__lte=until).select_related("portfolio")
    return rows.filter(visibility="private" if private else "internal").annotate(seven=Value(7)).order_by("key")


@pytest.fixture
def three(now: Any) -> dict[str, int]:
    rows = [
        Project(key=key, name=key, objective="-", created_at=now, target_on=date(2026, 5, day), links=[{"url": key}])
        for key, day in (("ONE", 1), ("TWO", 2), ("TEN", 10))
    ]
    return {project.key: project.pk for project in Project.objects.bulk_create(rows)}


def keys(**given: Any) -> list[str]:
    return [project.key for project in projects_of(**given)]


def test_a_question_answers_as_its_queryset_does_whatever_it_was_given_first(three: dict[str, int]):
    assert keys(keys=["ONE", "TEN"], ids=[], until=date(2026, 5, 31), private=False) == ["ONE", "TEN"]
    assert keys(keys=["TWO", "TEN"], ids=[], until=date(2026, 5, 31), private=False) == ["TEN", "TWO"]
    assert keys(keys=["TWO"], ids=[three["ONE"]], until=date(2026, 5, 31), private=False) == ["ONE", "TWO"]
    assert keys(keys=["ONE", "TWO", "TEN"], ids=[], until=date(2026, 5, 2), private=False) == ["ONE", "TWO"]
    assert keys(keys=["ONE", "TWO", "TEN"], ids=[], until=date(2026, 5, 31), private=True) == []


def test_its_rows_are_whole_with_what_was_joined_and_added(three: dict[str, int]):
    with CaptureQueriesContext(connection) as queries:
        (project,) = projects_of(keys=["ONE"], ids=[], until=date(2026, 5, 31), private=False)

        assert (project.portfolio, project.seven, project.links) == (None, 7, [{"url": "ONE"}])
        assert project.created_at.tzinfo is not None
    assert len(queries) == 1


def test_lists_of_many_lengths_are_few_statements(three: dict[str, int]):
    found = [
        keys(keys=["TEN"], ids=list(range(1, count)), until=date(2026, 5, 31), private=True) for count in range(5, 40)
    ]

    assert found == [[]] * 35
    lengths = {dict(shape[1:])["ids"] for shape in projects_of.written}
    assert lengths <= {1, 2, 4, 8, 16, 32, 64}


def test_a_value_that_the_queryset_does_not_ask_for_is_a_mistake():
    @Question
    def everybody(name: str) -> QuerySet[User]:
        return User.objects.get_queryset()

    with pytest.raises(TypeError):
        everybody(name="ann")
