"""What is proposed by one and stands once another agrees: own limits that are looser, baseline models."""

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, require_human
from accounts.models import User
from common.errors import PermissionDenied, PreconditionRequired, VersionMismatch
from lifecycle.errors import NoLimitProposed, ProposalChanged
from lifecycle.models import Baseline, LimitOverride
from projects.models import Membership, Project
from projects.permissions import Action, require, roles_of

Proposal = LimitOverride | Baseline
Kind = TypeVar("Kind", LimitOverride, Baseline)


def may_consent(actor: Actor, project: Project) -> None:
    """Raises HumanSessionRequired, PermissionDenied."""
    require_human(actor)
    require(actor, Action.SIGN, project)
    if "risk_officer" not in roles_of(actor.person, project):
        raise PermissionDenied(
            _("A looser limit or another baseline needs the consent of a risk officer."), missing="risk_officer"
        )


def check_seen(*, subject: str, seen: int | None, current: int) -> None:
    """What was never set is set by whoever comes first; later ones say which version they saw.

    Raises PreconditionRequired, VersionMismatch.
    """
    if seen is None and current:
        raise PreconditionRequired(_('Send If-Match with the ETag you have read, or "version" in the body.'))
    if seen is not None and seen != current:
        raise VersionMismatch(subject=subject, current=current)


def proposal_seen(rows: "QuerySet[Kind]", waiting: Kind | None, *, proposal: int, actor: Actor) -> Kind:
    """The one that waits among `rows`, which must be the one that was looked at, and proposed by someone else.

    Raises NoLimitProposed, ProposalChanged, PermissionDenied.
    """
    if waiting is None:
        raise NoLimitProposed
    if waiting.pk != proposal:
        raise _changed(rows.filter(pk=proposal).first(), waiting)
    if waiting.set_by_id == actor.user_id:
        raise PermissionDenied(_("You proposed this yourself, so another risk officer agrees to it."))
    return waiting


def settle(waiting: Proposal, *, agree: bool, actor: Actor, now: datetime) -> None:
    """The caller has taken what stood before out of force."""
    if agree:
        waiting.agreed_by, waiting.in_force_at = actor.person, now
    else:
        waiting.declined_by, waiting.replaced_at = actor.person, now
    waiting.save(update_fields=["agreed_by", "in_force_at", "declined_by", "replaced_at"])


def risk_officers(project: Project, but: User) -> dict[int, str]:
    """Who is asked to agree, with the reason that a notice gives."""
    members = Membership.objects.filter(project=project).holding("risk_officer").exclude(user=but)
    return dict.fromkeys(members.values_list("user_id", flat=True), "risk_officer")


def _changed(seen: Proposal | None, waiting: Proposal) -> ProposalChanged:
    now = _value(waiting)
    told: dict[str, Any] = {"proposal": waiting.pk, "proposed": now, "seen": _value(seen) if seen else None}
    if seen is None:
        return ProposalChanged(_("What is proposed now is %(now)s.") % {"now": now}, **told)
    words = {"seen": _value(seen), "now": now}
    return ProposalChanged(_("You looked at %(seen)s; what is proposed now is %(now)s.") % words, **told)


def _value(row: Proposal) -> float | str:
    return row.threshold if isinstance(row, LimitOverride) else row.model
