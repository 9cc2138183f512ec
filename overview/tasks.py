"""What beat asks for: thin doors. That a task is lost, late or doubled harms nothing."""

from celery import Task, shared_task

from common import clock, logs
from overview.services import cleaning, reminders
from overview.services.outlooks import refresh_outlooks
from projects.models import Project

# Gates asked anew in one tick; a page asks at most 120 of its own.
OUTLOOKS = 300


@shared_task(bind=True, name="overview.tick")
def tick(self: "Task[[], None]") -> None:
    """Each minute: rows for what came due, and the portfolio's memory of gates that moved. Each hour: cleaning."""
    logs.task_id.set(self.request.id or "")
    now = clock.now()
    # Each runs whatever another raised; what was raised leaves at the end, chained, and Celery logs all of it.
    try:
        reminders.tick(now)
    finally:
        try:
            refresh_outlooks(projects=Project.objects.all(), now=now, limit=OUTLOOKS)
        finally:
            cleaning.clean_up(now=now)


@shared_task(bind=True, name="overview.sweep")
def sweep(self: "Task[[], None]") -> None:
    """Each ten seconds: mail for what is due."""
    logs.task_id.set(self.request.id or "")
    reminders.sweep(clock.now())
