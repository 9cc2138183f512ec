"""The register: risks are written down, scored again, treated, closed and opened again."""

from datetime import date, datetime
from typing import Any, Required, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from common import content
from common.errors import FieldError, ValidationFailed
from common.versions import bump
from common.versions import subject as named
from journal.services import record
from projects.models import Membership, Project
from projects.permissions import Action, require
from projects.services import lock_unarchived
from risks.models import Category, Risk, RiskState, TreatmentKind

TOLD = ("title", "category", "cause", "event", "consequence", "treatment", "treatment_plan", "library", "state")


class Rating(TypedDict):
    """Likelihood and impact, each 1 to 5."""

    likelihood: int
    impact: int


class RiskText(TypedDict, total=False):
    cause: str
    event: str
    consequence: str
    owner: User | None
    residual: Rating | None
    treatment: str
    treatment_plan: str
    review_on: date | None


class NewRisk(RiskText, total=False):
    title: Required[str]
    category: Required[str]
    likelihood: Required[int]
    impact: Required[int]
    current: Rating
    library: str


class RiskChange(RiskText, total=False):
    title: str
    category: str
    inherent: Rating
    current: Rating
    state: str


@transaction.atomic
def create_risk(*, project: Project, actor: Actor, now: datetime, **given: Unpack[NewRisk]) -> Risk:
    """Write a risk down. `likelihood` and `impact` score it without controls; `current` starts there unless given.

    Raises PermissionDenied, ProjectArchived, ValidationFailed.
    """
    require(actor, Action.WORK, project)
    lock_unarchived(project)
    change: RiskChange = {"inherent": {"likelihood": given["likelihood"], "impact": given["impact"]}, **_shared(given)}
    change["current"] = given.get("current") or change["inherent"]
    columns = _columns(project, change)
    library = given.get("library", "")
    if library and library not in content.library_risks():
        raise ValidationFailed.at("library", "invalid_choice", _("The library has no such risk."))
    risk = Risk.objects.create(
        project=project, library=library, created_by=actor.person, created_at=now, scored_at=now, **columns
    )
    owner = {risk.owner_id: "owner"} if risk.owner_id else {}
    place = named(Risk, risk.pk)
    record("risk.created", actor=actor, at=now, project_id=project.pk, object=place, notify=owner, after=told(risk))
    return risk


@transaction.atomic
def update_risk(*, risk: Risk, actor: Actor, version: int, now: datetime, **given: Unpack[RiskChange]) -> Risk:
    """Change what is said of a risk. Scoring `current`, also to the same score, counts as looking at it anew; the old
    score stays in the journal. `state` closes it or opens it again.

    Raises PermissionDenied, ProjectArchived, ValidationFailed, VersionMismatch.
    """
    require(actor, Action.WORK, risk.project)
    lock_unarchived(risk.project)
    columns = _columns(risk.project, given)
    if "current" in given:
        columns["scored_at"] = now
    before = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    if given.get("state", before.state) != before.state:
        columns["closed_at"] = now if given["state"] == RiskState.CLOSED else None
    bump(Risk, risk.pk, version, **columns)
    risk.refresh_from_db()
    notify = {risk.owner_id: "owner"} if risk.owner_id and risk.owner_id != before.owner_id else {}
    record(
        _verb(before, risk, given),
        actor=actor,
        at=now,
        project_id=risk.project_id,
        object=named(Risk, risk.pk),
        notify=notify,
        title=risk.title,
        before=_changed(before, risk),
        after=_changed(risk, before),
    )
    return risk


def _verb(before: Risk, after: Risk, given: RiskChange) -> str:
    """What a change is called: by what weighs most in it."""
    if after.state != before.state:
        return "risk.closed" if after.state == RiskState.CLOSED else "risk.reopened"
    return "risk.rescored" if "current" in given else "risk.updated"


@transaction.atomic
def close_risk(*, risk: Risk, actor: Actor, version: int, now: datetime) -> Risk:
    """It can no longer happen, or happened. Raises PermissionDenied, ProjectArchived, VersionMismatch."""
    return update_risk(risk=risk, actor=actor, version=version, now=now, state=RiskState.CLOSED)


def told(risk: Risk) -> dict[str, Any]:
    """A risk as the journal keeps it."""
    facts: dict[str, Any] = {name: getattr(risk, name) for name in TOLD if getattr(risk, name)}
    facts |= {"inherent": risk.inherent, "current": risk.current, "residual": risk.residual, "owner": risk.owner_id}
    return facts | ({"review_on": risk.review_on.isoformat()} if risk.review_on else {})


def _changed(one: Risk, other: Risk) -> dict[str, Any]:
    """What of `one` differs from `other`."""
    theirs = told(other)
    return {name: value for name, value in told(one).items() if theirs.get(name) != value}


def _shared(given: NewRisk) -> RiskChange:
    names = RiskChange.__annotations__
    shared: RiskChange = {name: value for name, value in given.items() if name in names}  # type: ignore[assignment] # its own keys
    return shared


def _columns(project: Project, given: RiskChange) -> dict[str, Any]:
    """The given fields as columns of the row. Raises ValidationFailed for those that make no sense."""
    columns: dict[str, Any] = {}
    for name, value in given.items():
        if name in {"inherent", "current", "residual"}:
            rating: Any = value or {}
            columns |= {f"{name}_likelihood": rating.get("likelihood"), f"{name}_impact": rating.get("impact")}
        else:
            columns[name] = value
    flaws = [*_wrong_choices(columns), *_wrong_scores(columns), *_wrong_owner(project, columns)]
    if flaws:
        raise ValidationFailed(errors=flaws)
    return columns


def _wrong_choices(columns: dict[str, Any]) -> list[FieldError]:
    choices = {"category": Category.values, "state": RiskState.values, "treatment": ["", *TreatmentKind.values]}
    return [
        FieldError(f"/{name}", "invalid_choice", _("One of: %(words)s.") % {"words": ", ".join(filter(None, allowed))})
        for name, allowed in choices.items()
        if name in columns and columns[name] not in allowed
    ]


def _wrong_scores(columns: dict[str, Any]) -> list[FieldError]:
    """From 1 to 5; only the residual score may be open, and then both of its halves are."""
    wrong = []
    for name, value in columns.items():
        kind, _sep, half = name.partition("_")
        if half in {"likelihood", "impact"} and not (value is None and kind == "residual") and value not in range(1, 6):
            wrong.append(FieldError(f"/{kind}/{half}", "out_of_range", _("From 1 to 5.")))
    if (columns.get("residual_likelihood") is None) != (columns.get("residual_impact") is None):
        wrong.append(FieldError("/residual", "required", _("Give both likelihood and impact, or neither.")))
    return wrong


def _wrong_owner(project: Project, columns: dict[str, Any]) -> list[FieldError]:
    owner: User | None = columns.get("owner")
    if owner is None or Membership.objects.filter(project=project, user=owner, user__is_active=True).exists():
        return []
    return [FieldError("/owner", "not_found", _("The project has no such member."))]
