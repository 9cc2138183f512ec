"""Taking the demo away again. The journal keeps what it was told."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from journal.services import forget_notices
from overview.errors import DemoInUse
from overview.services.demo.people import address, demo_people, portfolio_name
from overview.services.demo.replay import REMOVED, demo_keys, note
from projects.models import Portfolio, Project


@transaction.atomic
def unload_demo(*, now: datetime) -> tuple[int, int]:
    """Delete the demo's projects and its people with everything that is theirs; returns how many of each.

    Raises DemoInUse when a project is under legal hold or its people did something elsewhere.
    """
    projects = Project.objects.filter(key__in=demo_keys())
    if projects.filter(legal_hold=True).exists():
        raise DemoInUse(_("A project of the demo is under legal hold."))
    people = User.objects.filter(
        username__in=[person["key"] for person in demo_people()],
        email__in=[address(person["key"]) for person in demo_people()],
    )
    project_ids, user_ids = list(projects.values_list("pk", flat=True)), list(people.values_list("pk", flat=True))
    forget_notices(project_ids=project_ids, user_ids=user_ids)
    _delete(Project.objects.filter(pk__in=project_ids))
    try:
        people.delete()
    except ProtectedError as error:
        raise DemoInUse(_elsewhere(error)) from None
    Portfolio.objects.filter(name=portfolio_name(), parent=None, projects=None, children=None).delete()
    note(REMOVED, now)
    return len(project_ids), len(user_ids)


def _delete(rows: models.QuerySet[Any]) -> None:
    """Delete rows with all that hangs on them, leaves first: what protects its parent in daily life goes before it."""
    for relation in rows.model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            hanging = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows})
            if hanging.exists():
                _delete(hanging)
    rows.delete()


def _elsewhere(error: ProtectedError) -> str:
    things = sorted({str(row._meta.verbose_name) for row in error.protected_objects})
    return _("People of the demo have done other work, which stands on their names: %(things)s.") % {
        "things": ", ".join(things)
    }
