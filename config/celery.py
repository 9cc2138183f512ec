"""The alarm clock. The database is the truth: what Celery and Redis hold may be lost at any moment."""

import logging.config
import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django.conf import settings

from common.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("eightgate")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    event_serializer="json",
    task_default_queue="eightgate",
    task_ignore_result=True,
    # Both are needed: with acks_late alone a task dies with its killed pool child.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Nobody waits for results, so a killed pool child's task comes back at once instead of after ten seconds.
    worker_lost_wait=1,
    worker_concurrency=settings.WORKER_PROCESSES,
    task_soft_time_limit=60,
    task_time_limit=90,
    worker_send_task_events=False,
    worker_redirect_stdouts=False,
    # A lost broker must not end a mail that is being sent; its lease in the database covers the rest.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
    },
    # Without a file of its own: who was reminded, and until when, stands in the database.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        # A message that waited a whole interval is worth nothing: the next one does the same work.
        name: {"task": f"overview.{name}", "schedule": seconds, "options": {"expires": max(seconds, 1)}}
        for name, seconds in (("tick", settings.TICK_SECONDS), ("sweep", settings.SWEEP_SECONDS))
    },
    timezone="UTC",
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Being connected stops Celery from replacing the handlers of settings.LOGGING."""
    logging.config.dictConfig(settings.LOGGING)


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """A pool child whose worker was killed with SIGKILL would wait for work for ever."""
    end_with_parent(signal.SIGKILL)
