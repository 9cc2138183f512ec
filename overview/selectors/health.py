"""What an operator asks of a running instance: is the clock ticking, does mail get away, does the journal grow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q

from journal.models import Entry, Notice, NoticeState
from lifecycle.models import TemplateVersion
from overview.models import Clockwork
from projects.models import Project

LATE_TICK, LATE_NOTICE = timedelta(minutes=3), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pulse:
    """Ages in seconds; None where there is nothing yet. `alerts` names what is too old."""

    tick_age: float | None
    oldest_notice_age: float | None
    pending: int
    dead: int
    journal_head: int
    journal_head_age: float | None
    alerts: tuple[str, ...]


def pulse(now: datetime) -> Pulse:
    """Three queries over indexes."""
    ticked = Clockwork.objects.order_by("-ran_at").values_list("ran_at", flat=True).first()
    notices = Notice.objects.aggregate(
        oldest=Min("next_at", filter=Q(state=NoticeState.PENDING, next_at__lte=now)),
        pending=Count("pk", filter=Q(state=NoticeState.PENDING)),
        dead=Count("pk", filter=Q(state=NoticeState.DEAD)),
    )
    head = Entry.objects.newest_first().values_list("seq", "at").first()
    alerts = []
    if ticked is None or now - ticked > LATE_TICK:
        alerts.append("tick_late")
    if notices["oldest"] and now - notices["oldest"] > LATE_NOTICE:
        alerts.append("notices_late")
    if notices["dead"]:
        alerts.append("notices_dead")
    return Pulse(
        tick_age=_age(ticked, now),
        oldest_notice_age=_age(notices["oldest"], now),
        pending=notices["pending"],
        dead=notices["dead"],
        journal_head=head[0] if head else 0,
        journal_head_age=_age(head[1] if head else None, now),
        alerts=tuple(alerts),
    )


def _age(moment: datetime | None, now: datetime) -> float | None:
    return round((now - moment).total_seconds(), 1) if moment else None


def missing_content() -> str:
    """For /livez: what must be loaded before people can start. Empty when it is."""
    if not TemplateVersion.objects.published().exists():
        return "content"
    if settings.DEMO and not (Project.objects.filter(key="RECO").exists() and Clockwork.objects.exists()):
        return "demo"
    return ""
