"""Projects with what their current gates say: the memo joined in SQL, and which memos no longer hold."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, FilteredRelation, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actor import Actor
from journal.models import Entry
from lifecycle.models.process import CURRENT
from overview.models import Outlook
from projects.models import PortfolioManager, Project, ProjectState

RUNNING = (ProjectState.ACTIVE, ProjectState.ON_HOLD)
LEVEL_NAMES = {
    "lean": gettext_lazy("Lean"),
    "standard": gettext_lazy("Standard"),
    "regulated": gettext_lazy("Regulated"),
}
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


def head() -> int:
    """The number of the journal's last entry; 0 before there is one."""
    return Entry.objects.newest_first().values_list("seq", flat=True).first() or 0


def behind(projects: "QuerySet[Project]", today: date) -> "QuerySet[Project]":
    """Those of a `board` whose memo is missing, of another day, or older than an entry of theirs.

    Entries older than every memo of today are not looked at, so that a long journal costs nothing.
    """
    lowest = Outlook.objects.filter(day=today).order_by().values("day").annotate(low=Min("seq")).values("low")
    recent = Entry.objects.filter(seq__gt=Coalesce(Subquery(lowest), 0), project_id__isnull=False)
    newer = Entry.objects.filter(project_id=OuterRef("pk"), seq__gt=OuterRef("outlook__seq"))
    touched = Q(pk__in=recent.order_by().values("project_id")) & Q(Exists(newer))
    running = Q(state__in=RUNNING, now__isnull=False)
    return projects.filter(running).filter(Q(outlook=None) | ~Q(outlook__day=today) | touched)


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
