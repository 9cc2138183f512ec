"""My work: one row a thing that somebody waits for me to do, with what the row needs to do it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from common.drawing import Direction, sparkline
from common.templatetags.eightgate import day, due_in, weekday
from common.texts import localised
from lifecycle.criteria import Assessed, Blocker, Readiness, wording
from lifecycle.criteria.wording.shapes import number, role_name
from lifecycle.models import Check, GateReview, Stage
from lifecycle.selectors import readiness_of
from lifecycle.selectors.seats import cost_words, upload_cost
from overview.selectors.work.owed import (
    Seat,
    actions_of,
    checks_ahead,
    is_mine,
    risks_to_accept,
    seats_of,
    votes_to_give,
)
from overview.selectors.work.shapes import Drop, Due, Group, Press, Row, Say, Wait, WorkDay
from projects.models import Action, ActionSource
from records.models import MetricResult
from risks.models import Risk

# Current gates looked at in one page; who works on more of them sees those that are due first.
GATES = 60
POINTS = 8
ICONS = {"metric": "chart", "approval": "sign", "risk": "risk", "assessment": "shield"}


def work_of(actor: Actor, *, now: datetime) -> WorkDay:
    """What waits for this person, grouped by when it is due; and what they wait for. A fixed number of queries."""
    today = now.date()
    seats = {seat.project.pk: seat for seat in seats_of(actor)}
    reviews = list(
        votes_to_give(actor, today).select_related("stage__process__project__subject").order_by("requested_at")
    )
    stages = _gates(actor, seats, reviews)
    answers = readiness_of(stages, today=today)
    mine = [
        (stage, one, answers[stage.pk])
        for stage in stages
        if stage.process.project_id in seats
        for one in _owed(answers[stage.pk], actor.user_id, seats[stage.process.project_id])
    ]
    courses = _courses([one for _stage, one, _answer in mine])
    rows = [
        *(
            _priced(check_row(stage, one, answer, today, courses), stage, answer, actor, seats)
            for stage, one, answer in mine
        ),
        *(_vote(review, answers[review.stage_id], today) for review in reviews),
        *(
            action_row(action, today)
            for action in actions_of(actor).select_related("project", "condition__review__stage")
        ),
        *(_risk(risk, today) for risk in risks_to_accept(actor, today).select_related("project")),
        *(_ahead(check, today) for check in checks_ahead(actor).select_related("stage__process__project")),
    ]
    waiting = _waits(stages, answers, seats, actor, today)
    return WorkDay(_grouped(rows, today), tuple(waiting[:10]))


def _gates(actor: Actor, seats: dict[int, Seat], reviews: Sequence[GateReview]) -> list[Stage]:
    voting = [review.stage_id for review in reviews]
    rows = Stage.objects.current().filter(process__project__in=list(seats)).with_process()
    current = list(rows.exclude(pk__in=voting).order_by("due_on", "pk")[:GATES])
    return current + [review.stage for review in reviews]


def _owed(answer: Readiness, user_id: int | None, seat: Seat) -> Iterable[Assessed]:
    """The checks of this gate that are this person's work; the same rule as for the sidebar's number."""
    blockers = {blocker.check: blocker for blocker in answer.blockers if blocker.kind != "condition"}
    for one in answer.checks:
        blocker = blockers.get(one.check.key)
        named = one.check.key in answer.optional_open and one.check.assignee
        if blocker is None and not named:
            continue
        who = blocker.who if blocker else ()
        owed = {"kind": one.check.kind, "assignee": one.check.assignee, "who": who}
        if is_mine(owed, user_id, seat):
            yield one


def check_row(
    stage: Stage, one: Assessed, answer: Readiness, today: date, courses: dict[tuple[int, str, str], list[float]]
) -> Row:
    """The row of one check of a current gate, with what this kind of check takes."""
    check, project = one.check, stage.process.project
    url = f"/projects/{project.key}/gates/{stage.key}/"
    count = len(answer.blockers)
    where = _("%(key)s, Gate %(n)s.") % {"key": project.key, "n": stage.position}
    if any(blocker.check == check.key for blocker in answer.blockers):
        said = ngettext("The one thing in its way.", "One of %(n)s things in its way.", count) % {"n": count}
        where = f"{where} {said}"
    row = Row(
        id=f"check-{check.id}",
        kind=ICONS.get(check.kind, "doc"),
        text=localised(check.item.text),
        where=where,
        url=f"{url}#check-{check.key}",
        stage_url=url,
        due=due_of(check.due_on or stage.due_on, today),
        note=check.note,
        help=localised(check.item.guidance),
        help_url=f"{url}#check-{check.key}",
    )
    if check.kind == "metric":
        return _measured(
            row, one, courses.get((project.pk, check.item.criterion["key"], check.item.criterion.get("slice", "")), [])
        )
    if check.kind == "assessment":
        page = f"/projects/{project.key}/assessments/{check.item.criterion['assessment']}/"
        return replace(row, plain=_said(one), action=Press(_("Open it"), page))
    if check.kind == "risk":
        return replace(row, plain=_said(one), action=Press(_("Open it"), f"/projects/{project.key}/risks/"))
    return answerable(row, check.id, check.kind, check.version, again=one.state == "open" and bool(check.proofs))


def _priced(row: Row, stage: Stage, answer: Readiness, actor: Actor, seats: Mapping[int, Seat]) -> Row:
    """The row of proof says beforehand what attaching it takes from this person."""
    if row.drop is None or row.drop.note:
        return row
    seat = seats[stage.process.project_id]
    cost = upload_cost(stage, answer, actor.user_id, owner=seat.owner, decides=seat.decides, roles=seat.roles)
    return replace(row, drop=replace(row.drop, cost=cost_words(cost)))


def answerable(row: Row, check_id: int, kind: str, version: int, *, again: bool = False) -> Row:
    """What a person does on the row: tick, sign, or drop the proof; `again` confirms proof that was carried over."""
    answer = f"/work/checks/{check_id}/answer/"
    fields = {"state": "met", "version": str(version)}
    if kind == "approval":
        return replace(row, action=Press(_("Sign"), answer, "post", primary=True, fields=fields))
    done = Press(_("Done"), answer, "post", key="d", primary=True, fields=fields)
    if kind == "manual" or again:
        drop = Drop(f"/work/checks/{check_id}/answer/", f"#{row.id}", _("Done, with a note"), note=True, key=fields)
        return replace(row, drop=drop if kind == "manual" else None, action=done)
    drop = Drop(f"/work/checks/{check_id}/evidence/", f"#{row.id}", max_bytes=settings.EVIDENCE_MAX_BYTES)
    return replace(row, drop=drop, action=replace(done, disabled=True))


def _measured(row: Row, one: Assessed, course: Sequence[float]) -> Row:
    check, result = one.check, one.check.result
    rule = check.item.criterion
    needs = _("needs %(limit)s") % {"limit": number(check.limit)}
    action = Press(_("Report"), row.url)
    if result is None:
        bound = _("%(limit)s or more") if rule["operator"] == ">=" else _("%(limit)s or less")
        said = _("No result yet, needs %(bound)s") % {"bound": bound % {"limit": number(check.limit)}}
        return replace(row, plain=said, action=action)
    direction: Direction = "higher" if rule["operator"] == ">=" else "lower"
    tone = "stale" if one.state == "stale" else "fail" if one.state == "not_met" else "pass"
    drawn = sparkline(course or [result.value], check.limit, direction, width=74)
    return replace(row, spark=drawn, value=number(result.value), limit=needs, tone=tone, action=action)


def _said(one: Assessed) -> str:
    return wording.detail(one.finding.blocker) if one.finding.blocker else ""


def _courses(owed: Iterable[Assessed]) -> dict[tuple[int, str, str], list[float]]:
    """The last results behind the metric checks, oldest first. One query."""
    results = [one.check.result for one in owed if one.check.result]
    if not results:
        return {}
    wanted = MetricResult.objects.filter(pk__in=[result.id for result in results]).values("project")
    rows = (
        MetricResult.objects.counting()
        .filter(
            project__in=wanted,
            metric__in={result.metric for result in results},
            slice__in={result.slice for result in results},
        )
        .order_by("-measured_at", "-pk")
        .values_list("project_id", "metric", "slice", "value")[: POINTS * 4 * len(results)]
    )
    found: dict[tuple[int, str, str], list[float]] = {}
    for project_id, metric, part, value in rows:
        points = found.setdefault((project_id, metric, part), [])
        if len(points) < POINTS:
            points.insert(0, value)
    return found


def _vote(review: GateReview, answer: Readiness, today: date) -> Row:
    stage = review.stage
    project = stage.process.project
    url = f"/projects/{project.key}/gates/{stage.key}/"
    words = {"n": stage.position, "project": project.display_name}
    sentence = wording.sentence(answer)
    met = _("%(met)s of %(required)s checks met") % {"met": answer.met, "required": answer.required}
    late = stage.due_on if stage.due_on and stage.due_on < today else today
    return Row(
        id=f"vote-{review.pk}",
        kind="vote",
        text=_("Vote on Gate %(n)s of %(project)s") % words,
        where=_("%(key)s, asked for by %(who)s.") % {"key": project.key, "who": review.requested_by.display_name},
        url=f"{url}#vote",
        stage_url=url,
        due=due_of(late, today),
        say=Say(answer.verdict.value, sentence.word.rstrip("."), met),
        action=Press(_("Decide"), f"{url}#vote", keep=True),
    )


def action_row(action: Action, today: date) -> Row:
    """The row of an action; a condition of a gate is proposed as met on its gate's page."""
    project = action.project
    row = Row(
        id=f"action-{action.pk}",
        kind="action",
        text=action.text,
        where=_("%(key)s, %(source)s.") % {"key": project.key, "source": action.get_source_display().lower()},
        url=f"/projects/{project.key}/log/#action-{action.pk}",
        due=due_of(action.due_on, today),
    )
    if action.source == ActionSource.CONDITION and hasattr(action, "condition"):
        stage = action.condition.review.stage
        url = f"/projects/{project.key}/gates/{stage.key}/"
        where = _("%(key)s, condition of Gate %(n)s.") % {"key": project.key, "n": stage.position}
        return replace(row, where=where, url=url, stage_url=url, action=Press(_("Open it"), url))
    done = Press(
        _("Done"),
        f"/work/actions/{action.pk}/done/",
        "post",
        "d",
        primary=True,
        fields={"version": str(action.version)},
    )
    return replace(row, action=done)


def _risk(risk: Risk, today: date) -> Row:
    project = risk.project
    rating = risk.current
    words = {"score": rating["score"], "level": _level(rating["level"])}
    return Row(
        id=f"risk-{risk.pk}",
        kind="risk",
        text=_("Accept or refuse: %(title)s") % {"title": risk.display_title},
        where=_("%(key)s, %(score)s of 25, %(level)s.") % {"key": project.key, **words},
        url=f"/risks/{risk.pk}/",
        due=due_of(risk.gate_due, today),  # type: ignore[attr-defined]  # annotated by risks_to_accept
        plain=_("Accepted by nobody"),
        action=Press(_("Open it"), f"/risks/{risk.pk}/"),
    )


def _level(level: str) -> str:
    return {"high": _("high"), "critical": _("critical"), "medium": _("medium")}.get(level, _("low"))


def _ahead(check: Check, today: date) -> Row:
    stage = check.stage
    project = stage.process.project
    url = f"/projects/{project.key}/gates/{stage.key}/"
    row = Row(
        id=f"check-{check.pk}",
        kind="doc",
        text=localised(check.item.text),
        where=_("%(key)s, Gate %(n)s, ahead of time.") % {"key": project.key, "n": stage.position},
        url=f"{url}#check-{check.key}",
        stage_url=url,
        due=due_of(check.due_on or stage.due_on, today),
        note=check.note,
    )
    return answerable(row, check.pk, check.kind, check.version)


def due_of(on: date | None, today: date) -> Due:
    """When a thing is due, in the words of ui.md: "8 days late, was 28 Jun", "today", "Tue 7 Jul", "5 Oct"."""
    if on is None:
        return Due(None, _("no date"))
    if on < today:
        return Due(on, due_in(on, today), late=True, detail=_("was %(day)s") % {"day": day(on, today)})
    if on == today:
        return Due(on, _("today"))
    return Due(on, weekday(on) if on <= today + timedelta(days=7) else day(on, today))


def _grouped(rows: Iterable[Row], today: date) -> tuple[Group, ...]:
    sunday = today + timedelta(days=6 - today.weekday())
    far = date.max
    ordered = sorted(rows, key=lambda row: (row.due.on or far, row.kind != "vote", row.id))
    found: dict[str, list[Row]] = {"late": [], "today": [], "week": [], "later": []}
    for row in ordered:
        on = row.due.on or far
        key = "late" if on < today else "today" if on == today else "week" if on <= sunday else "later"
        found[key].append(row)
    if ordered:
        first = next(group for group in found.values() if group)
        first[0] = replace(first[0], current=True)
    names = {"late": _("Late"), "today": _("Today"), "week": _("This week"), "later": _("Later")}
    return tuple(Group(key, names[key], tuple(group)) for key, group in found.items() if group)


def _waits(
    stages: Sequence[Stage], answers: dict[int, Readiness], seats: dict[int, Seat], actor: Actor, today: date
) -> list[Wait]:
    """People's steps in the way of gates that this person works on and cannot take themself. Longest waiting first."""
    found: list[tuple[datetime, Wait]] = []
    for stage in stages:
        seat = seats.get(stage.process.project_id)
        if seat is None or not seat.makes:
            continue
        answer = answers[stage.pk]
        mine = {one.check.key for one in _owed(answer, actor.user_id, seat)}
        found += [
            (blocker.since, _wait(stage, answer, blocker, today))
            for blocker in answer.blockers
            if blocker.weight == "waiting" and blocker.check not in mine
        ]
    return [wait for _since, wait in sorted(found, key=lambda pair: pair[0])]


def _wait(stage: Stage, answer: Readiness, blocker: Blocker, today: date) -> Wait:
    project = stage.process.project
    check = next((one.check for one in answer.checks if one.check.key == blocker.check), None)
    due = (check.due_on if check else None) or stage.due_on
    role = role_name(blocker.who[0]) if blocker.who else ""
    who = (check.assignee_name if check and check.kind not in {"approval", "assessment"} else "") or role
    shown = due_of(due, today)
    return Wait(
        text=localised(check.item.text) if check else wording.title(blocker),
        where=_("%(key)s, Gate %(n)s.") % {"key": project.key, "n": stage.position},
        url=f"/projects/{project.key}/gates/{stage.key}/#check-{blocker.check}",
        who=who,
        since=shown.text,
        late=shown.late,
    )
