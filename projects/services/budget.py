"""Money planned and spent."""

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common import versions
from common.errors import ValidationFailed
from journal.services import record
from projects.errors import LineHasSpend
from projects.models import BudgetLine, Project, Spend
from projects.permissions import Action, require
from projects.services.days import past_day
from projects.services.projects import change
from projects.services.state import lock_unarchived


class BudgetFields(TypedDict, total=False):
    category: str
    name: str
    stage: str
    planned: Decimal


@transaction.atomic
def add_budget_line(*, project: Project, actor: Actor, now: datetime, **fields: Unpack[BudgetFields]) -> BudgetLine:
    """Plan money for a category, in the project's currency."""
    require(actor, Action.EDIT_PROJECT, project)
    project = lock_unarchived(project)
    line = BudgetLine.objects.create(project=project, **{"name": fields.get("category", ""), **fields})
    record(
        "budget.line_added",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"budgetline:{line.pk}",
        name=line.name,
        planned=str(line.planned),
    )
    return line


@transaction.atomic
def update_budget_line(
    *, line: BudgetLine, actor: Actor, now: datetime, version: int, **changes: Unpack[BudgetFields]
) -> BudgetLine:
    """Plan differently. Raises VersionMismatch."""
    require(actor, Action.EDIT_PROJECT, line.project)
    lock_unarchived(line.project)
    before, after = change(line, version, changes)
    record(
        "budget.line_updated",
        actor=actor,
        at=now,
        project_id=line.project_id,
        object=f"budgetline:{line.pk}",
        name=line.name,
        before=before,
        after=after,
    )
    return line


@transaction.atomic
def remove_budget_line(*, line: BudgetLine, actor: Actor, now: datetime, version: int) -> None:
    """Take back a plan on which nothing was spent. Raises LineHasSpend, VersionMismatch."""
    require(actor, Action.EDIT_PROJECT, line.project)
    lock_unarchived(line.project)
    current = BudgetLine.objects.get(pk=line.pk)
    versions.check(current, version)
    if current.spends.exists():
        raise LineHasSpend
    current.delete()
    record(
        "budget.line_removed",
        actor=actor,
        at=now,
        project_id=line.project_id,
        object=f"budgetline:{line.pk}",
        name=current.name,
    )


@transaction.atomic
def add_spend(
    *, line: BudgetLine, actor: Actor, now: datetime, amount: Decimal, day: date | None = None, note: str = ""
) -> Spend:
    """Book money on a line. Nothing is booked over: a correction is a negative amount, with its reason as the note."""
    require(actor, Action.EDIT_PROJECT, line.project)
    project = lock_unarchived(line.project)
    if amount == 0:
        raise ValidationFailed.at("amount", "out_of_range", _("Nothing would be booked."))
    if amount < 0 and not note:
        raise ValidationFailed.at("note", "required", _("A correction says why."))
    spent_on = past_day(day, actor=actor, now=now)
    spend = Spend.objects.create(line=line, day=spent_on, amount=amount, note=note, entered_by=actor.person)
    record(
        "budget.spent",
        actor=actor,
        at=now,
        project_id=project.pk,
        object=f"budgetline:{line.pk}",
        name=line.name,
        amount=str(amount),
        note=note,
    )
    return spend
