"""What finders of due things are given and give back."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from projects.models import ProjectState

AT_WORK = (ProjectState.ACTIVE, ProjectState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: things due on one of these days, or things with these ids, whenever they are due."""

    days: Collection[date] | None = None
    ids: Collection[int] | None = None

    def rows(self, day: str) -> Q:
        return Q(**{f"{day}__in": self.days}) if self.days is not None else Q(pk__in=self.ids)

    def has(self, day: date) -> bool:
        return self.days is None or day in self.days


@dataclass(frozen=True, slots=True)
class Owed:
    """One thing that is due: `told` it is about, with the reason; before `since` it was not there."""

    object: str
    project_id: int
    due: date
    since: datetime
    told: Mapping[int, str]
    about: Mapping[str, Any] = field(default_factory=dict)


Finder = Callable[[Wanted, datetime], Iterator[tuple[str, Owed]]]
