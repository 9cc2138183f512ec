"""What each project of the volume is like: decided by its number alone, so that every run makes the same ones."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache

from lifecycle.models import Definition, Item
from lifecycle.models.templates import definition_of
from projects.models import ProjectState

PREFIX = "VOL"
# Of a hundred projects 19 are lean (20 checks), 41 standard (60) and 40 regulated (79): 60 checks on average.
LEAN, STANDARD = 19, 60
STATES = (
    (ProjectState.ACTIVE, 84),
    (ProjectState.ON_HOLD, 5),
    (ProjectState.KILLED, 5),
    (ProjectState.RETIRED, 3),
    (ProjectState.ARCHIVED, 3),
)
ENDED = (ProjectState.KILLED, ProjectState.RETIRED, ProjectState.ARCHIVED)
TAGS = ((), ("generative",), ("personal_data",), ("generative", "high_risk", "affects_people"))
# The people of a project, in the order in which users are dealt to them.
TEAM = ("project_manager", "data_lead", "ml_lead", "sponsor", "risk_officer", "evaluator", "legal_counsel")
WORK = ("project_manager", "data_lead", "ml_lead")


@dataclass(frozen=True)
class Plan:
    """One project to be. `position` is its current stage's, or its last one's once it has ended."""

    number: int
    id: int
    process_id: int
    portfolio_id: int
    version_id: int
    level: str
    tags: tuple[str, ...]
    state: str
    position: int
    in_review: bool
    team: Mapping[str, int]
    now: datetime

    @cached_property
    def dice(self) -> random.Random:
        return random.Random(self.number)  # noqa: S311 - a plausible spread, no secret

    @property
    def key(self) -> str:
        return f"{PREFIX}{self.number:05}"

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def definition(self) -> Definition:
        return definition_of(self.version_id)

    @property
    def checklists(self) -> list[tuple[Item, ...]]:
        return checklists(self.version_id, self.level, self.tags)

    @cached_property
    def subject(self) -> dict[str, str]:
        """What the project is about today; results and proofs of earlier days name an earlier model."""
        return {"model": f"{self.key.lower()} 1.4", "dataset": "corpus 2026.1", "prompt": "p7"}

    @cached_property
    def earlier(self) -> dict[str, str]:
        return {**self.subject, "model": f"{self.key.lower()} 1.3"}

    @cached_property
    def begun(self) -> list[datetime]:
        """When each stage begins, and last when the last one is due; the current one has been running for a while."""
        days = [stage.duration_days for stage in self.definition.stages]
        gone = sum(days[: self.position - 1]) + round(days[self.position - 1] * self.dice.uniform(0, 1.3))
        starts = [self.now - timedelta(days=gone, hours=1)]
        for number in days:
            starts.append(starts[-1] + timedelta(days=number))
        return starts

    @property
    def created_at(self) -> datetime:
        return self.begun[0]

    @property
    def target_on(self) -> date:
        return self.begun[-2].date()

    def worker(self) -> int:
        return self.team[self.dice.choice(WORK)]


def plan(
    number: int, *, ids: tuple[int, int], portfolio_id: int, version_id: int, people: Sequence[int], now: datetime
) -> Plan:
    """The project of this number; `ids` are those of its row and of its process."""
    dice = random.Random(-number)  # noqa: S311 - a plausible spread, no secret
    place = number * 37 % 100
    level = "lean" if place < LEAN else "standard" if place < STANDARD else "regulated"
    state = dice.choices([state for state, _ in STATES], [weight for _, weight in STATES])[0]
    position = dice.choices(range(1, 9), (10, 12, 14, 12, 14, 16, 10, 12))[0]
    if state == ProjectState.RETIRED:
        position = 8
    return Plan(
        number=number,
        id=ids[0],
        process_id=ids[1],
        portfolio_id=portfolio_id,
        version_id=version_id,
        level=level,
        # On other levels a tag would add checks.
        tags=dice.choice(TAGS) if level == "regulated" else (),
        state=state,
        position=position,
        in_review=state == ProjectState.ACTIVE and dice.random() < 0.06,
        team={role: people[(number * 7 + 31 * place) % len(people)] for place, role in enumerate(TEAM)},
        now=now,
    )


@lru_cache(maxsize=64)
def checklists(version_id: int, level: str, tags: tuple[str, ...]) -> list[tuple[Item, ...]]:
    """The items that apply, stage by stage."""
    return [
        tuple(item for item in stage.items if item.applies_to(level, tags))
        for stage in definition_of(version_id).stages
    ]
