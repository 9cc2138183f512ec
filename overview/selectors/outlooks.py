"""Projects with what their current gates say: the memo joined in SQL, and which memos no longer hold."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from accounts.actor import Actor
from journal.models import Entry
from lifecycle.models.process import CURRENT
from overview.models import Outlook
from projects.models import PortfolioManager, Project, ProjectState

RUNNING = (ProjectState.ACTIVE, ProjectState.ON_HOLD)
LEVEL_NAMES = {"lean": _lazy("Lean"), "standard": _lazy("Standard"), "regulated": _lazy("Regulated")}
SIGNATURES = frozenset({"approval_missing", "assessment_not_approved"})
# How many gates one request asks anew at most; the sweep asks the rest.
AT_ONCE = 120


def board(projects: "QuerySet[Project]") -> "QuerySet[Project]":
    """`projects` with their current stage joined as `now`: at most one row a project, so that counts stay counts."""
    return projects.annotate(
        now=FilteredRelation("process__stages", condition=Q(process__stages__state__in=[*CURRENT]))
    ).select_related("outlook")


def managed_by(actor: Actor, most: int) -> list[Project]:
    """Running projects of the portfolios this person runs. One query."""
    managers = PortfolioManager.objects.over(OuterRef("portfolio__path"), actor.user_id)
    rows = Project.objects.visible_to(actor).filter(Exists(managers), state__in=RUNNING).select_related("outlook")
    return list(rows.order_by("key")[:most])


def last_entry() -> Coalesce:
    """The number of the project's last journal entry; 0 before there is one."""
    entries = Entry.objects.filter(project_id=OuterRef("pk")).newest_first()
    return Coalesce(Subquery(entries.values("seq")[:1]), 0, output_field=BigIntegerField())


def behind(projects: "QuerySet[Project]", today: date) -> "QuerySet[Project]":
    """Those of a `board` whose memo is missing, of another day, or older than the last entry; `last` is that entry."""
    stale = Q(outlook=None) | ~Q(outlook__day=today) | ~Q(outlook__seq=F("last"))
    running = Q(state__in=RUNNING, now__isnull=False)
    return projects.filter(running).annotate(last=last_entry()).filter(stale)


@dataclass(frozen=True, slots=True)
class Chip:
    """A gate in two words: the sign's verdict (`none` on hold or over) and what stands in the way."""

    verdict: str
    text: str
    count: int = 0


def chip(project: Project, outlook: Outlook | None, *, in_review: bool = False) -> Chip:
    """The chip of a project's current gate, for matrix cells, list rows and the sidebar."""
    if project.state != ProjectState.ACTIVE or outlook is None:
        return Chip("none", project.get_state_display() if project.state != ProjectState.ACTIVE else "")
    return CHIPS[outlook.verdict](outlook.blockers, in_review)


def _fail(blockers: list[dict[str, Any]], in_review: bool) -> Chip:  # noqa: FBT001 - one shape for all chips
    return Chip("fail", _("No go %(n)s") % {"n": len(blockers)}, len(blockers))


def _stale(blockers: list[dict[str, Any]], in_review: bool) -> Chip:  # noqa: FBT001 - one shape for all chips
    count = sum(1 for blocker in blockers if blocker["weight"] == "stale")
    return Chip("stale", _("Stale %(n)s") % {"n": count}, count)


def _waiting(blockers: list[dict[str, Any]], in_review: bool) -> Chip:  # noqa: FBT001 - one shape for all chips
    count = len(blockers)
    if all(blocker["code"] in SIGNATURES for blocker in blockers):
        return Chip("waiting", ngettext("%(n)s to sign", "%(n)s to sign", count) % {"n": count}, count)
    return Chip("waiting", ngettext("%(n)s open", "%(n)s open", count) % {"n": count}, count)


def _pass(blockers: list[dict[str, Any]], in_review: bool) -> Chip:  # noqa: FBT001 - one shape for all chips
    return Chip("waiting", _("In review")) if in_review else Chip("pass", _("Go"))


CHIPS = {"fail": _fail, "stale": _stale, "waiting": _waiting, "pass": _pass}
