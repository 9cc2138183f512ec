"""Taking a risk as it is: who may depends on how high it stands today."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from common import content
from common.errors import PermissionDenied, ValidationFailed
from common.texts import listed, localised
from common.versions import subject as named
from journal.services import record
from projects.models import Membership
from projects.permissions import Action, Standing, may, require, roles_of, standing
from projects.services import lock_unarchived
from risks.errors import AcceptanceAlreadySigned, RiskClosed
from risks.models import ACCEPTORS, Acceptance, Risk, RiskState

MANAGER, DECIDER = "portfolio_manager", "decider"
DEFAULT_DAYS = 365


@transaction.atomic
def accept_risk(*, risk: Risk, actor: Actor, plan: str = "", until: date | None = None, now: datetime) -> Acceptance:
    """Take the risk at its present score until a day (default 365 days). The first of two signatures on a critical one
    returns an acceptance that is not `complete`; the second completes it.

    `plan` falls back to the risk's treatment plan. Raises PermissionDenied naming the roles, ProjectArchived,
    RiskClosed, AcceptanceAlreadySigned, ValidationFailed.
    """
    require(actor, Action.ACCEPT_RISK, risk.project)
    lock_unarchived(risk.project)
    locked = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    if locked.state != RiskState.OPEN:
        raise RiskClosed
    last = _last_day(until, now)
    role = _capacity(locked, actor)
    pending = _pending(locked, now)
    if pending is None:
        row = _first(locked, actor, role, plan or locked.treatment_plan, last, now)
    else:
        row = _second(pending, actor, role, last)
    record(
        "risk.accepted" if row.complete else "risk.acceptance_signed",
        actor=actor,
        at=now,
        project_id=locked.project_id,
        object=named(Risk, locked.pk),
        notify=_to_tell(locked, row),
        title=locked.title,
        score=row.score,
        until=row.until.isoformat(),
        role=role,
        plan=row.plan,
    )
    return row


def who_may_accept(risk: Risk) -> tuple[str, ...]:
    """The roles whose signature an acceptance needs at the present level; none in particular up to medium."""
    return ACCEPTORS if risk.current["level"] in {"high", "critical"} else ()


def can_accept(*, risk: Risk, actor: Actor) -> bool:
    """Whether the actor holds the right, and a role that reaches as high as the risk stands today."""
    return may(actor, Action.ACCEPT_RISK, risk.project) and bool(_held(risk, actor))


def _last_day(until: date | None, now: datetime) -> date:
    if until is None:
        return now.date() + timedelta(days=DEFAULT_DAYS)
    if until < now.date():
        raise ValidationFailed.at("until", "out_of_range", _("The day lies in the past."))
    return until


def _capacity(risk: Risk, actor: Actor) -> str:
    """In which role the actor accepts. Raises PermissionDenied naming the roles that could."""
    capacity = _held(risk, actor)
    if capacity:
        return capacity
    detail = (
        _("A critical risk is accepted by both of these, or by the portfolio manager: %(roles)s.")
        if risk.current["level"] == "critical"
        else _("A high risk is accepted by one of these: %(roles)s.")
    )
    raise PermissionDenied(detail % {"roles": _names(ACCEPTORS)}, missing=list(ACCEPTORS))


def _held(risk: Risk, actor: Actor) -> str:
    """The capacity that reaches as high as the risk stands today; "" without one.

    Row 21 of the rights: a high risk takes a risk officer or the sponsor, and no portfolio manager for want of one.
    """
    held = [role for role in ACCEPTORS if role in roles_of(actor.person, risk.project)]
    columns = standing(actor, risk.project)
    if Standing.PORTFOLIO_MANAGER in columns and risk.current["level"] != "high":
        return MANAGER
    if held and Standing.DECIDE in columns:
        return held[0] if len(held) == 1 else _missing_half(risk, held)
    return "" if who_may_accept(risk) else DECIDER


def _missing_half(risk: Risk, held: list[str]) -> str:
    """Who holds both roles signs as the one that has not signed yet."""
    signed = set(risk.acceptances.filter(complete=False).values_list("accepted_as", flat=True))
    return next((role for role in held if role not in signed), held[0])


def _pending(risk: Risk, now: datetime) -> Acceptance | None:
    """A first signature on the critical risk as it stands today."""
    if risk.current["level"] != "critical":
        return None
    waiting = risk.acceptances.filter(complete=False, score=risk.current["score"], until__gte=now.date())
    return waiting.select_for_update().first()


def _first(risk: Risk, actor: Actor, role: str, plan: str, until: date, now: datetime) -> Acceptance:
    if not plan.strip():
        raise ValidationFailed.at("plan", "blank", _("Say what is done about the risk while it is accepted."))
    return Acceptance.objects.create(
        risk=risk,
        score=risk.current["score"],
        plan=plan,
        until=until,
        accepted_by=actor.person,
        accepted_as=role,
        accepted_at=now,
        complete=risk.current["level"] != "critical" or role == MANAGER,
    )


def _second(row: Acceptance, actor: Actor, role: str, until: date) -> Acceptance:
    if row.accepted_by_id == actor.user_id and role != MANAGER:
        raise AcceptanceAlreadySigned
    if role == row.accepted_as:
        other = next(name for name in ACCEPTORS if name != role)
        detail = _("A critical risk takes both roles; missing: %(roles)s.") % {"roles": _names([other])}
        raise PermissionDenied(detail, missing=[other])
    if row.accepted_by_id != actor.user_id:
        row.second_by, row.second_as = actor.person, role
    row.until, row.complete = min(row.until, until), True
    row.save(update_fields=["second_by", "second_as", "until", "complete"])
    return row


def _to_tell(risk: Risk, row: Acceptance) -> dict[int, str]:
    told = {risk.owner_id: "owner"} if risk.owner_id else {}
    if row.complete:
        return told
    missing = next(name for name in ACCEPTORS if name != row.accepted_as)
    holders = Membership.objects.filter(project=risk.project_id).holding(missing).values_list("user_id", flat=True)
    return told | dict.fromkeys(holders, "signature")


def _names(roles: Iterable[str]) -> str:
    return listed(localised(content.roles()[role]["name"]) for role in roles)
