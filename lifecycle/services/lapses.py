"""What ended by its date, written down once: waivers that ran out, conditions that are overdue. For the tick.

That they have lapsed is derived (criteria read the dates); the journal and whom it concerns hear of it here.
"""

from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from journal.selectors import was_told
from journal.services import record
from lifecycle.models import Condition, Waiver
from lifecycle.models.checks import COVERED_UNTIL
from projects.errors import ProjectArchived
from projects.models import ProjectState
from projects.selectors.people import owners_of
from projects.services import lock_unarchived

# As far back as reminders are caught up with after a silence.
LOOK_BACK = timedelta(days=7)
OVER = (ProjectState.ARCHIVED, ProjectState.KILLED, ProjectState.RETIRED)


def note_lapses(*, now: datetime) -> int:
    """Journal and notify what lapsed within the last week and was not told yet; how many that were."""
    today = now.date()
    waivers = [_note_waiver(waiver=one, now=now) for one in _waivers(today)]
    return sum(waivers) + sum(_note_condition(condition=one, now=now) for one in _conditions(today))


def _waivers(today: date) -> list[Waiver]:
    """Granted ones over since at most a week, in iterations that still run, with no later one in their place."""
    over = (
        Waiver.objects.granted()
        .alias(covered=COVERED_UNTIL)
        .filter(
            covered__range=(today - LOOK_BACK, today - timedelta(days=1)),
            check_row__stage__superseded=False,
            check_row__stage__ended_at=None,
            check_row__dropped=False,
        )
    )
    followed = Waiver.objects.in_force(today).values("check_row")
    rows = over.exclude(check_row__in=followed).exclude(check_row__stage__process__project__state__in=OVER)
    return list(rows.select_related("check_row__stage__process__project").order_by("pk"))


def _conditions(today: date) -> list[Condition]:
    late = Condition.objects.overdue(today).filter(action__due_on__gte=today - LOOK_BACK)
    rows = late.exclude(review__stage__process__project__state__in=OVER)
    return list(rows.select_related("action", "review__stage__process__project").order_by("pk"))


@transaction.atomic
def _note_waiver(*, waiver: Waiver, now: datetime) -> bool:
    stage, key, until = waiver.check_row.stage, waiver.check_row.key, waiver.covered_until.isoformat()
    try:
        project = lock_unarchived(stage.project)
    except ProjectArchived:
        return False
    if was_told("waiver.ended", f"waiver:{waiver.pk}", until=until):
        return False
    told = {**dict.fromkeys(owners_of(project.pk), "owner"), waiver.opened_by_id: "requester"}
    record(
        "waiver.ended",
        actor=Actor.system(),
        at=now,
        project_id=project.pk,
        object=f"waiver:{waiver.pk}",
        notify=told,
        key=key,
        stage=stage.key,
        until=until,
    )
    return True


@transaction.atomic
def _note_condition(*, condition: Condition, now: datetime) -> bool:
    """Told again when it was extended and is overdue once more; its owner is reminded of the action itself."""
    stage, due = condition.review.stage, condition.action.due_on.isoformat()
    try:
        project = lock_unarchived(stage.project)
    except ProjectArchived:
        return False
    if was_told("condition.overdue", f"condition:{condition.pk}", due_on=due):
        return False
    record(
        "condition.overdue",
        actor=Actor.system(),
        at=now,
        project_id=project.pk,
        object=f"condition:{condition.pk}",
        notify={**dict.fromkeys(owners_of(project.pk), "owner"), condition.set_by_id: "set_by"},
        text=condition.action.text,
        stage=stage.key,
        due_on=due,
    )
    return True
