"""A database as large as the figures of the design ask for, written as rows."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction

from accounts.actor import Actor
from journal.services import record
from lifecycle.models import Process, TemplateVersion
from overview.services.volume.gates import write_reviews
from overview.services.volume.people import PORTFOLIO_SIZE, make_people, make_portfolios
from overview.services.volume.plan import PREFIX, Plan, plan
from overview.services.volume.projects import write_projects
from overview.services.volume.records import write_assessments, write_records
from overview.services.volume.rows import reserve
from overview.services.volume.stages import write_stages
from projects.models import Project

TEMPLATE = "eight_stage"
# One transaction each, so that what was interrupted goes on where it stopped.
CHUNK = 500

Tell = Callable[[int, int], None]


def seed_volume(*, projects: int, now: datetime, tell: Tell) -> int:
    """Make the first `projects` projects of the volume that are not there yet; returns how many.

    Each has 8 stages, 60 checks on average, 10 risks and 100 metric results, and all share 200 people: the proportions
    of design §9. The services would take a day for it, and their journal would be most of the database; so the rows are
    written as such, which only holds because no constraint is left out, and the journal hears of it once.
    `tell` hears how many of how many are done. Raises TemplateVersion.DoesNotExist before the content is loaded.
    """
    version = TemplateVersion.objects.published().filter(template__key=TEMPLATE).latest("number").pk
    missing = _missing(projects)
    if not missing:
        return 0
    with transaction.atomic():
        people = make_people()
        portfolios = make_portfolios(projects, people, now)
    for start in range(0, len(missing), CHUNK):
        numbers = missing[start : start + CHUNK]
        with transaction.atomic():
            _write(_plans(numbers, portfolios, version, people, now))
        tell(start + len(numbers), len(missing))
    with connection.cursor() as cursor:
        # The planner must not guess from an empty table.
        cursor.execute("ANALYZE")
    record("volume.seeded", actor=Actor.system(), at=now, projects=len(missing))
    return len(missing)


def _missing(projects: int) -> list[int]:
    keys = Project.objects.filter(key__startswith=PREFIX).values_list("key", flat=True)
    there = {int(key.removeprefix(PREFIX)) for key in keys if key.removeprefix(PREFIX).isdecimal()}
    return [number for number in range(1, projects + 1) if number not in there]


def _plans(
    numbers: Sequence[int], portfolios: Sequence[int], version: int, people: Sequence[int], now: datetime
) -> list[Plan]:
    ids = zip(reserve(Project, len(numbers)), reserve(Process, len(numbers)), strict=True)
    return [
        plan(
            number,
            ids=pair,
            portfolio_id=portfolios[(number - 1) // PORTFOLIO_SIZE],
            version_id=version,
            people=people,
            now=now,
        )
        for number, pair in zip(numbers, ids, strict=True)
    ]


def _write(plans: Sequence[Plan]) -> None:
    write_projects(plans)
    stages = write_stages(plans)
    write_reviews(stages)
    write_records(plans)
    write_assessments(stages)
