"""What beat asks for: thin doors. That a task is lost, late or doubled harms nothing."""

from celery import Task, shared_task

from common import clock, logs
from overview.services import reminders


@shared_task(bind=True, name="overview.tick")
def tick(self: "Task[[], None]") -> None:
    """Each minute: rows for what came due."""
    logs.task_id.set(self.request.id or "")
    reminders.tick(clock.now())


@shared_task(bind=True, name="overview.sweep")
def sweep(self: "Task[[], None]") -> None:
    """Each ten seconds: mail for what is due."""
    logs.task_id.set(self.request.id or "")
    reminders.sweep(clock.now())
