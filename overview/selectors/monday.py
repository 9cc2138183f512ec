"""The five questions of a Monday, and the lists below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from common.days import passed
from common.templatetags.eightgate import day, days
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import GateReview, Stage, StageState, Vote
from overview.models import Outlook
from overview.selectors.portfolio import CRITICAL, HIGH, RECENT, acceptable_by, keys_of, moved, overdue, risks_of
from projects.models import Project
from risks.models import Risk

FEW, MORE = 3, 6
GATE: tuple[str, ...] = ("key", "now__key", "now__position", "now__due_on")


@dataclass(frozen=True, slots=True)
class Line:
    """One line below a question: words, and a figure that may be bad news."""

    text: str
    url: str
    figure: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision that somebody has to take: a round, or a risk that nobody has accepted."""

    verdict: str
    title: str
    detail: str
    url: str
    since: str
    late: bool
    who: str
    me: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A go-live that is no longer where it was planned."""

    key: str
    name: str
    url: str
    planned_on: date
    forecast_on: date
    slip: int


def late_lines(rows: "QuerySet[Project]", today: date) -> list[Line]:
    """The projects longest past the planned end of their stage. One query."""
    found = rows.filter(overdue(today)).order_by(F("now__due_on"), "key")
    picked = found.values_list(*GATE)[:FEW]
    return [
        Line(
            _("%(key)s Gate %(n)s") % {"key": key, "n": position},
            f"/projects/{key}/gates/{stage}/",
            days(passed(due, today)),
            late=True,
        )
        for key, stage, position, due in picked
    ]


def my_decisions(rows: "QuerySet[Project]", actor: Actor, today: date) -> list[Line]:
    """Votes I have to give and risks I may accept. Two queries."""
    votes = (
        GateReview.objects.waiting_on(actor, today)
        .filter(stage__process__project__in=keys_of(rows))
        .order_by("requested_at", "pk")
        .values_list("stage__process__project__key", "stage__key", "stage__position")[:FEW]
    )
    found = [
        Line(_("Vote on Gate %(n)s, %(key)s") % {"n": position, "key": key}, f"/projects/{key}/gates/{stage}/#vote")
        for key, stage, position in votes
    ]
    risks = acceptable_by(actor, today).filter(project__in=keys_of(rows)).select_related("project")
    found += [_acceptance(risk) for risk in risks.order_by(F("current_score").desc(), "pk")[:FEW]]
    return found[:FEW]


def _acceptance(risk: Risk) -> Line:
    words = (
        _("Accept a critical risk, %(key)s") if risk.current["score"] >= CRITICAL else _("Accept a high risk, %(key)s")
    )
    return Line(words % {"key": risk.project.key}, f"/risks/{risk.pk}/")


def changes(rows: "QuerySet[Project]", today: date) -> list[Line]:
    """What happened at gates in the last seven days, newest first. One query."""
    since = datetime.combine(today, time(), UTC) - RECENT
    reviews = (
        GateReview.objects.filter(stage__process__project__in=keys_of(rows))
        .filter(Q(requested_at__gte=since) | Q(decided_at__gte=since))
        .select_related("stage__process__project")
        .defer("document", "basis")
        .order_by("-requested_at", "-pk")[:FEW]
    )
    return [_change(review) for review in reviews]


def _change(review: GateReview) -> Line:
    stage = review.stage
    key = stage.process.project.key
    url = f"/projects/{key}/gates/{stage.key}/"
    words = {"key": key, "n": stage.position, "decision": review.get_decision_display().lower()}
    if review.decision in {"go", "conditional_go"}:
        return Line(_("%(key)s passed Gate %(n)s") % words, url)
    if review.decision:
        return Line(_("%(key)s Gate %(n)s: %(decision)s") % words, url)
    return Line(_("%(key)s asked for Gate %(n)s") % words, url)


def moves(rows: "QuerySet[Project]") -> list[Move]:
    """Go-lives that moved most. One query."""
    picked = rows.filter(moved(), outlook__planned_on__isnull=False, outlook__forecast_on__isnull=False)
    return [
        Move(row.key, row.display_name, f"/projects/{row.key}/", outlook.planned_on, outlook.forecast_on, outlook.slip)
        for row in picked.order_by("-outlook__slip", "key")[:MORE]
        if (outlook := row.outlook).planned_on and outlook.forecast_on
    ]


def move_lines(found: Sequence[Move], today: date) -> list[Line]:
    return [
        Line(
            _("%(key)s to %(day)s") % {"key": move.key, "day": day(move.forecast_on, today)},
            move.url,
            _("+%(n)s d") % {"n": move.slip},
            late=True,
        )
        for move in found[:FEW]
    ]


def red_lines(rows: "QuerySet[Project]", today: date) -> list[Line]:
    """Critical risks, the highest first. One query."""
    risks = risks_of(rows).with_score().filter(Q(current_score__gte=CRITICAL)).with_acceptance(today)
    return [_red(risk) for risk in risks.select_related("project").order_by(F("current_score").desc(), "pk")[:FEW]]


def _red(risk: Risk) -> Line:
    words = {"key": risk.project.key, "title": risk.display_title}
    url = f"/risks/{risk.pk}/"
    if risk.accepted:  # type: ignore[attr-defined]  # annotated
        return Line(_("%(key)s %(title)s, accepted") % words, url)
    return Line(_("%(key)s %(title)s, accepted by nobody") % words, url)


def decisions(rows: "QuerySet[Project]", actor: Actor, today: date) -> list[Waiting]:
    """Open rounds, oldest first, then high risks that nobody has accepted, worst first. Four queries."""
    standing = Vote.objects.standing().filter(review=OuterRef("pk")).order_by().values("review")
    reviews = list(
        GateReview.objects.open()
        .filter(stage__process__project__in=keys_of(rows))
        .select_related("stage__process__project__outlook")
        .defer("document", "basis")
        .annotate(cast=Subquery(standing.annotate(n=Count("pk")).values("n")))
        .order_by("requested_at", "pk")[:MORE]
    )
    shown = GateReview.objects.filter(pk__in=[review.pk for review in reviews])
    mine = set(shown.waiting_on(actor, today).values_list("pk", flat=True))
    found = [_round(review, today, me=review.pk in mine) for review in reviews]
    risks = risks_of(rows).with_score().with_acceptance(today).filter(Q(current_score__gte=HIGH, accepted=False))
    worst = list(
        risks.select_related("project").order_by(F("current_score").desc(), "scored_at", "pk")[: MORE - len(found)]
    )
    asked = acceptable_by(actor, today).filter(pk__in=[risk.pk for risk in worst])
    acceptable = set(asked.values_list("pk", flat=True)) if worst else set()
    return found + [_open_risk(risk, today, me=risk.pk in acceptable) for risk in worst]


def _round(review: GateReview, today: date, *, me: bool) -> Waiting:
    stage = review.stage
    project = stage.process.project
    outlook: Outlook | None = getattr(project, "outlook", None)
    late = bool(stage.due_on and stage.due_on < today)
    since = stage.due_on if late and stage.due_on else review.requested_at
    votes = {"cast": review.cast or 0, "quorum": review.quorum}  # type: ignore[attr-defined]  # annotated
    return Waiting(
        verdict=outlook.verdict if outlook else "none",
        title=_("%(key)s Gate %(n)s") % {"key": project.key, "n": stage.position},
        detail=_("%(cast)s of %(quorum)s votes") % votes,
        url=f"/projects/{project.key}/gates/{stage.key}/#vote",
        since=_late_or_since(since, today, late=late),
        late=late,
        who="",
        me=me,
    )


def _open_risk(risk: Risk, today: date, *, me: bool) -> Waiting:
    critical = risk.current["score"] >= CRITICAL
    both = _(" and ").join(map(role_name, ("risk_officer", "sponsor")))
    either = _(" or ").join(map(role_name, ("risk_officer", "sponsor")))
    return Waiting(
        verdict="fail" if critical else "stale",
        title=f"{risk.project.key} {risk.display_title}",
        detail=_("critical, accepted by nobody") if critical else _("high, accepted by nobody"),
        url=f"/risks/{risk.pk}/",
        since=_late_or_since(risk.scored_at, today, late=False),
        late=False,
        who="" if me else both if critical else either,
        me=me,
    )


def _late_or_since(since: date | datetime, today: date, *, late: bool) -> str:
    count = passed(since, today)
    if late:
        return ngettext("%(n)s day late", "%(n)s days late", count) % {"n": count}
    return days(count) if count else _("today")


@dataclass(frozen=True, slots=True)
class Reached:
    """How many projects passed a gate, ever."""

    number: int
    name: str
    count: int
    share: int


def funnel(rows: "QuerySet[Project]", total: int, columns: Sequence[tuple[int, str, str]]) -> list[Reached]:
    """Of `total` projects of one template: how many began, and how many are past each gate. One query."""
    done = Stage.objects.newest().filter(state__in=[StageState.PASSED, StageState.PASSED_BEFORE])
    passed = dict(done.filter(process__project__in=keys_of(rows)).order_by().values_list("key").annotate(n=Count("*")))
    found = [Reached(0, _("Started"), total, 100 if total else 0)]
    for number, key, name in columns:
        count = passed.get(key, 0)
        found.append(Reached(number, name, count, round(100 * count / total) if total else 0))
    return found
