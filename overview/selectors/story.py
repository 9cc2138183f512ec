"""The demo's three steps, from the facts as they stand: why a gate is shut, a result to report, a gate to open."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.actor import Actor
from common.texts import localised
from lifecycle.criteria import SETTLED, Assessed, Readiness, wording
from lifecycle.criteria.wording.shapes import number, role_name
from lifecycle.models import Check, Stage
from lifecycle.selectors import readiness, readiness_of
from overview.selectors.project.headline import Part, parts
from projects.models import Membership, Project
from projects.permissions import Action, may

SHUT, OPENING = "MEDR", "RECO"
# Who shows a project to somebody who may not see it.
GUIDE = "risk-officer"


@dataclass(frozen=True, slots=True)
class Teller:
    """A gate's sentence for those who look in from outside."""

    verdict: str
    lead: str
    rest: str


@dataclass(frozen=True, slots=True)
class Shut:
    key: str
    name: str
    url: str
    visible: bool
    word: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Reportable:
    """A metric check that one call can turn green, with the call's body."""

    check_id: int
    project: str
    project_id: int
    text: str
    url: str
    now: str
    needs: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody whose step is missing; `username` can be signed in as."""

    username: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Opening:
    key: str
    name: str
    url: str
    verdict: str
    parts: tuple[Part, ...]
    word: str
    hands: tuple[Hand, ...]
    asks: tuple[Hand, ...]
    votes: tuple[Hand, ...]


@dataclass(frozen=True, slots=True)
class Story:
    shut: Shut | None
    report: Reportable | None
    opening: Opening | None


def teller(today: date) -> Teller | None:
    """The blocked gate's sentence, for the sign-in page of the demo."""
    stage = _current(Project.objects.filter(key=SHUT))
    if stage is None:
        return None
    answer = readiness(stage, today=today)
    sentence = wording.sentence(answer)
    return Teller(answer.verdict.value, sentence.word, str(sentence)[len(sentence.word) :].strip())


def story_of(actor: Actor, *, today: date) -> Story:
    """The three steps for this reader."""
    return Story(_shut(actor, today), reportable(actor, today=today), _opening(actor, today))


def _shut(actor: Actor, today: date) -> Shut | None:
    project = Project.objects.filter(key=SHUT).first()
    stage = _current(Project.objects.filter(key=SHUT))
    if project is None or stage is None:
        return None
    answer = readiness(stage, today=today)
    visible = Project.objects.visible_to(actor).filter(key=SHUT).exists()
    word = wording.sentence(answer).word
    return Shut(SHUT, project.display_name, answer.facts.url, visible, word, answer.verdict.value)


def reportable(actor: Actor, *, today: date) -> Reportable | None:
    """A required metric check that this person can turn green: at the current gate, else at one to come."""
    seats = Membership.objects.visible_to(actor).filter(user=actor.person, project__state="active")
    ahead = Stage.objects.newest().filter(ended_at=None, process__project__in=seats.values("project"))
    stages = list(ahead.with_process().order_by("position"))
    answers = readiness_of(stages, today=today)
    found = [
        (not stage.is_current, stage.process.project.key, stage, one)
        for stage in stages
        if may(actor, Action.WORK, stage.process.project)
        for one in answers[stage.pk].checks
        if one.check.kind == "metric" and one.check.required and one.state not in SETTLED
    ]
    if not found:
        return None
    _ahead, _key, stage, one = min(found, key=lambda entry: entry[:2])
    return reportable_as(stage, one)


def reportable_as(stage: Stage, one: Assessed) -> Reportable:
    """The metric check `one` of `stage` with the call that would turn it green."""
    check, project = one.check, stage.process.project
    rule = check.item.criterion
    body: dict[str, Any] = {"metric": rule["key"], "value": _good(rule["operator"], check.limit), "run_id": "first-try"}
    if rule.get("slice"):
        body["slice"] = rule["slice"]
    if rule.get("min_sample"):
        body["n"] = rule["min_sample"]
    sign = "≥" if rule["operator"] == ">=" else "≤"
    return Reportable(
        check_id=check.id,
        project=project.key,
        project_id=project.pk,
        text=localised(check.item.text),
        url=f"/projects/{project.key}/gates/{stage.key}/#check-{check.key}",
        now=number(check.result.value) if check.result else "",
        needs=f"{sign} {number(check.limit)}",
        body=body,
    )


def _good(operator: str, limit: float) -> float:
    """A value on the good side of the limit; percentages stay below a hundred."""
    if operator != ">=":
        return float(f"{limit * 0.4:.3g}") if limit > 0 else limit
    if 0 < limit < 1:
        return float(f"{limit + (1 - limit) * 0.4:.3g}")
    return float(f"{limit + (100 - limit) * 0.4:.3g}") if limit < 100 else limit


def watched(actor: Actor, check_id: int, *, today: date) -> tuple[Stage, Readiness, Assessed] | None:
    """The check as it stands now; None where the reader does not see it."""
    check = Check.objects.visible_to(actor).asked().filter(pk=check_id).values_list("stage", "key").first()
    if check is None:
        return None
    stage = Stage.objects.with_process().get(pk=check[0])
    answer = readiness(stage, today=today)
    return stage, answer, answer.of(check[1])


def _opening(actor: Actor, today: date) -> Opening | None:
    stage = _current(Project.objects.visible_to(actor).filter(key=OPENING))
    # Once it is live, or on its way back, the story is told.
    if stage is None or stage.key != "deployment":
        return None
    answer = readiness(stage, today=today)
    project, rules = stage.process.project, stage.rules
    holders = _holders(project)
    sentence = wording.sentence(answer)
    owner = Membership.objects.owners().filter(project=project).select_related("user").first()
    return Opening(
        key=OPENING,
        name=project.display_name,
        url=answer.facts.url,
        verdict=answer.verdict.value,
        parts=tuple(parts(sentence, answer)),
        word=sentence.word,
        hands=tuple(_hands(answer, holders)),
        asks=(Hand(owner.user.username, owner.user.display_name, ""),) if owner and stage.state == "active" else (),
        votes=tuple(_hand(role, holders) for role in rules.must_include),
    )


def _hands(answer: Readiness, holders: dict[str, Hand]) -> list[Hand]:
    found = []
    for blocker in answer.blockers:
        for role in blocker.who[:1]:
            hand = holders.get(role, Hand("", role_name(role), ""))
            found.append(Hand(hand.username, hand.name, wording.title(blocker)))
    return found


def _hand(role: str, holders: dict[str, Hand]) -> Hand:
    return holders.get(role, Hand("", role_name(role), ""))


def _holders(project: Project) -> dict[str, Hand]:
    members = Membership.objects.filter(project=project).select_related("user").prefetch_related("functions")
    return {
        role: Hand(member.user.username, member.user.display_name, "") for member in members for role in member.roles
    }


def _current(projects: Any) -> Stage | None:
    stage: Stage | None = (
        Stage.objects.current()
        .filter(process__project__in=projects, process__project__state="active")
        .with_process()
        .first()
    )
    return stage
