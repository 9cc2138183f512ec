"""Acceptances that ran out, written down once. For the tick; that the risk stands open again is derived by date."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from common.versions import subject as named
from journal.selectors import was_told
from journal.services import record
from projects.errors import ProjectArchived
from projects.models import ProjectState
from projects.selectors.people import owners_of
from projects.services import lock_unarchived
from risks.models import Acceptance, Risk, RiskState

LOOK_BACK = timedelta(days=7)
OVER = (ProjectState.ARCHIVED, ProjectState.KILLED, ProjectState.RETIRED)


def note_lapsed_acceptances(*, now: datetime) -> int:
    """Journal and notify the acceptances over since at most a week that nobody was told of; how many that were."""
    return sum(_note(acceptance=one, now=now) for one in _lapsed(now.date()))


def _lapsed(today: date) -> list[Acceptance]:
    """Complete ones of open risks that no other acceptance covers today."""
    over = Acceptance.objects.filter(
        complete=True,
        until__range=(today - LOOK_BACK, today - timedelta(days=1)),
        risk__state=RiskState.OPEN,
        score__gte=F("risk__current_likelihood") * F("risk__current_impact"),
    )
    covered = Risk.objects.with_acceptance(today).covered(yes=True).filter(acceptances__in=over).values("pk")
    rows = over.exclude(risk__in=covered).exclude(risk__project__state__in=OVER)
    return list(rows.select_related("risk__project").order_by("pk"))


@transaction.atomic
def _note(*, acceptance: Acceptance, now: datetime) -> bool:
    risk = acceptance.risk
    try:
        project = lock_unarchived(risk.project)
    except ProjectArchived:
        return False
    about = named(Risk, risk.pk)
    if was_told("risk.acceptance_ended", about, acceptance=acceptance.pk):
        return False
    told = {**dict.fromkeys(owners_of(project.pk), "owner"), acceptance.accepted_by_id: "accepted_it"}
    told |= {acceptance.second_by_id: "accepted_it"} if acceptance.second_by_id else {}
    told |= {risk.owner_id: "assignee"} if risk.owner_id else {}
    record(
        "risk.acceptance_ended",
        actor=Actor.system(),
        at=now,
        project_id=project.pk,
        object=about,
        notify=told,
        title=risk.title,
        acceptance=acceptance.pk,
        until=acceptance.until.isoformat(),
    )
    return True
