"""One small organisation for the contract tests: made once by the services, walked by every kind of person.

`OPEN` is an internal project with one thing of every noun, in its second stage, with a round open. `SIDE` is a second
project of the same people, `HIDE` a private one that none of them sees.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actor import Actor
from accounts.models import ApiToken, User
from accounts.services import create_token
from common import content
from journal.models import Notice
from library.services import load_cases
from lifecycle import services as lifecycle
from lifecycle.models import Change, Check, Condition, GateReview, ProcessTemplate, Stage
from lifecycle.selectors import readiness
from projects import services as projects
from projects.models import Project
from records import services as records
from risks import services as risks
from tests.fixtures.gates import _meet as meet

NOW = datetime.fromisoformat("2026-12-01T09:00:00+00:00")
PASSWORD = "eightgate-demo"
CASE = next(iter(content.keyed("cases", "cases")))
SYSTEM = Actor.system("contract")
# Who works in the projects, by access and functional roles; `team` is false for those who decide from outside.
TEAM: dict[str, tuple[list[str], list[str], bool]] = {
    "owner": (["owner"], ["project_manager"], True),
    "contributor": (["contribute"], ["data_lead"], True),
    "decider": (["decide"], ["sponsor", "ethics_reviewer", "risk_officer"], False),
    "viewer": (["view"], [], True),
    "finance": (["decide"], ["finance_partner", "domain_expert"], False),
}
OTHERS = ("stranger", "member", "mike", "portfolio_manager", "hidden_owner", "hidden_contributor", "hidden_decider")


@dataclass
class World:
    """Everybody by name, and of each project the ids of its things."""

    people: dict[str, User] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    # The bytes of its uploads by place: every test starts with an empty folder.
    files: dict[Path, bytes] = field(default_factory=dict)

    def put_files_back(self) -> None:
        for path, content_of in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_of)

    def actor(self, name: str) -> Actor:
        return Actor.for_user(self.people[name])


def person(username: str, **fields: Any) -> User:
    return User.objects.create_user(username, f"{username}@example.org", PASSWORD, name=username.title(), **fields)


def load_catalogue(now: datetime = NOW) -> None:
    """The built-in templates, published, and the metrics they name."""
    records.load_metric_definitions()
    load_cases()
    for name in ("eight-stage", "six-step"):
        publish = lifecycle.publish_template
        document = content.document(name)
        publish(document=document, actor=SYSTEM, built_in=True, default=name == "eight-stage", now=now)


def token_of(user: User, scopes: Iterable[str], project: Project | None = None, now: datetime = NOW) -> str:
    """The secret of a new token; without scopes it is one that no door makes, and that may do nothing."""
    token, secret = create_token(
        actor=Actor.for_user(user),
        user=user,
        name="contract",
        scopes=list(scopes) or ["projects:read"],
        project_id=project.pk if project else None,
        now=now,
    )
    if not list(scopes):
        ApiToken.objects.filter(pk=token.pk).update(scopes=[])
    return secret


def build() -> World:
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    load_catalogue()
    world = World()
    for name in (*TEAM, *OTHERS):
        world.people[name] = person(name)
    world.people["admin"] = person("admin", is_admin=True)
    world.people["auditor"] = person("auditor", is_auditor=True)
    eight = ProcessTemplate.objects.get(key="eight_stage")
    lifecycle.start_draft(template=eight, actor=world.actor("admin"), now=NOW)
    top = projects.ensure_portfolio(actor=SYSTEM, now=NOW, name="Group")
    below = projects.ensure_portfolio(actor=SYSTEM, now=NOW, name="Retail", parent=top)
    manager = world.people["portfolio_manager"]
    projects.add_portfolio_manager(portfolio=top, user=manager, actor=SYSTEM, now=NOW)
    world.people["keeper"] = person("keeper")
    projects.add_portfolio_manager(portfolio=below, user=world.people["keeper"], actor=SYSTEM, now=NOW)
    stands = {"username": "keeper", "access": ["view"]}
    role = projects.give_standing_role(portfolio=below, actor=SYSTEM, now=NOW, **stands)
    for key in ("OPEN", "SIDE"):
        project = _project(world, key, "owner", portfolio=below)
        _fill(world, project, {name: name for name in TEAM})
    # A guest reads one project, and knows of no other.
    world.people["guest"] = person("guest", is_guest=True, active_until=in_days(365))
    guest = {"username": "guest", "access": ["view"]}
    projects.add_member(project=world.projects["OPEN"], actor=SYSTEM, now=NOW, **guest)
    world.things["OPEN"] |= {"portfolios": below.pk, "role": role.pk}
    hidden = _project(world, "HIDE", "hidden_owner", visibility="private", name="SecretProjectName")
    casts = {"owner": "hidden_owner", "contributor": "hidden_contributor", "decider": "hidden_decider"}
    _fill(world, hidden, {**casts, "finance": "finance"})
    world.files = {path: path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()}
    return world


def _project(world: World, key: str, owner: str, **fields: Any) -> Project:
    given = {"name": f"Project {key}", "objective": "Help people decide", "currency": "EUR", **fields}
    project = lifecycle.start_project(actor=world.actor(owner), now=NOW, key=key, **given)
    world.projects[key] = project
    return project


def _fill(world: World, project: Project, casts: dict[str, str]) -> None:
    """One thing of every noun, made by those who would make it."""
    _members(world, project, casts)
    owner, contributor = world.actor(casts["owner"]), world.actor(casts["contributor"])
    things = world.things[project.key] = {
        "key": project.key,
        "goals": projects.add_goal(project=project, actor=owner, now=NOW, indicator="Conversion", target=3.1).pk,
        "stakeholders": projects.add_stakeholder(project=project, actor=owner, now=NOW, name="Shoppers").pk,
        "comments": projects.add_comment(project=project, actor=contributor, now=NOW, text="Look.").pk,
        "members": project.memberships.get(user__username=casts["contributor"]).pk,
    }
    line = projects.add_budget_line(
        project=project, actor=owner, now=NOW, category="people", name="Team", planned=Decimal(100)
    )
    projects.add_spend(line=line, actor=owner, now=NOW, amount=Decimal(10))
    projects.log_progress(project=project, actor=contributor, now=NOW, text="Moving.", health="on_track")
    things["budget"] = line.pk
    due = NOW.date() + timedelta(days=9)
    things["actions"] = projects.add_action(
        project=project, actor=contributor, now=NOW, text="Write it down", owner=casts["contributor"], due_on=due
    ).pk
    things["risks"] = _risk(project, contributor)
    days = {"starts_on": in_days(40), "ends_on": in_days(50)}
    things["deputies"] = projects.name_deputy(
        project=project, actor=world.actor(casts["decider"]), deputy=casts["contributor"], now=NOW, **days
    ).pk
    _assessments(world, project, casts, things)
    _gates(world, project, casts, things)
    for reader in (casts["owner"], casts["contributor"]):
        things[f"inbox:{reader}"] = _notice(world.people[reader])


def _members(world: World, project: Project, casts: dict[str, str]) -> None:
    for name, username in casts.items():
        if name == "owner":
            continue
        access, functions, team = TEAM[name]
        projects.add_member(
            project=project, actor=SYSTEM, now=NOW, username=username, access=access, functions=functions, team=team
        )


def _risk(project: Project, actor: Actor) -> int:
    given = {"title": "Drift", "category": "technical", "likelihood": 4, "impact": 4}
    return risks.create_risk(project=project, actor=actor, now=NOW, **given).pk


def _assessments(world: World, project: Project, casts: dict[str, str], things: dict[str, Any]) -> None:
    """One draft, and one handed in that waits for the ethics reviewer."""
    owner = world.actor(casts["owner"])
    drafted = risks.start_assessment(project=project, actor=owner, key="ip_clearance", answers={}, now=NOW)
    ready = risks.save_assessment(
        project=project, actor=owner, key="ethics_review", answers=best("ethics_review"), now=NOW
    )
    risks.submit_assessment(assessment=ready, actor=owner, now=NOW)
    things["assessments"], things["submitted"] = drafted.pk, ready.pk


def best(questionnaire: str) -> dict[str, str]:
    """The answers that score highest."""
    asked = content.questionnaires()[questionnaire]
    scale = next(one for one in content.document("assessments")["scales"] if one["key"] == asked["scale"])
    option = max((one for one in scale["options"] if one["points"] is not None), key=lambda one: one["points"])
    return {question["key"]: option["key"] for question in asked["questions"]}


def _gates(world: World, project: Project, casts: dict[str, str], things: dict[str, Any]) -> None:
    """The first gate passes on conditions; a round of the second is open."""
    contributor = world.actor(casts["contributor"])
    stage = Stage.objects.with_process().get(process__project=project, key="initiation")
    review = lifecycle.request_review(stage=stage, actor=contributor, despite_blockers=True, now=NOW)
    blockers = readiness(stage, today=NOW.date()).blockers
    owner = world.people[casts["contributor"]]
    conditions = [
        {"text": "Bring it", "owner": owner, "due_on": NOW.date() + timedelta(days=30), "check": blocker.check}
        for blocker in blockers
    ]
    for name in ("decider", "finance"):
        said = {"decision": "conditional_go", "rationale": "Good enough", "packet": review.packet}
        given = conditions if name == "decider" else []
        lifecycle.cast_vote(review=review, actor=world.actor(casts[name]), conditions=given, now=NOW, **said)
    things["decided"] = review.pk
    things["conditions"] = Condition.objects.filter(review=review).order_by("pk")[0].pk
    _proof(project, contributor, things)
    second = Stage.objects.with_process().get(process__project=project, key="requirements")
    things["reviews"] = lifecycle.request_review(stage=second, actor=contributor, despite_blockers=True, now=NOW).pk
    things["changes"] = change_of(second, owner)


def change_of(stage: Stage, opener: User) -> int:
    """As if the stage recurred: walking to one that does would take longer than all the rest."""
    given = {"text": "Another prompt", "moved": {"prompt": ["p1", "p2"]}, "checks": ["thresholds_set"]}
    return Change.objects.create(stage=stage, opened_by=opener, opened_at=NOW, **given).pk


def _proof(project: Project, actor: Actor, things: dict[str, Any]) -> None:
    checks = {
        check.key: check for check in Check.objects.filter(stage__process__project=project, stage__key="requirements")
    }
    things["checks"], things["manual"] = checks["stakeholder_needs"].pk, checks["thresholds_set"].pk
    file = SimpleUploadedFile("plan.txt", f"the plan of {project.key}".encode())
    found = lifecycle.attach_file(check=checks["kpi_baseline"], actor=actor, file=file, title="Plan", now=NOW)
    things["evidence"], things["proved"] = found.pk, checks["kpi_baseline"].pk
    picture = SimpleUploadedFile("chart.png", b"\x89PNG\r\n\x1a\n" + project.key.encode())
    shown = lifecycle.attach_file(check=checks["kpi_baseline"], actor=actor, file=picture, title="Chart", now=NOW)
    things["picture"] = shown.pk


def _notice(user: User) -> int:
    """The newest of what this person was told."""
    return Notice.objects.filter(recipient_id=user.pk).order_by("-pk").values_list("pk", flat=True)[0]


def ready_round(world: World) -> None:
    """`RDY`: a project whose first gate is ready and asked for; two more deciders who had better not decide it."""
    project = _project(world, "RDY", "owner")
    _members(world, project, {name: name for name in TEAM})
    for name, work in (("owner_who_is_gatekeeper", "owner"), ("gatekeeper_contributor", "contribute")):
        world.people[name] = person(name)
        projects.add_member(
            project=project, actor=SYSTEM, now=NOW, username=name, access=[work, "decide"], functions=["sponsor"]
        )
    for check in Check.objects.filter(stage__process__project=project, stage__key="initiation", required=True):
        by = world.people["gatekeeper_contributor" if check.key == "charter" else "contributor"]
        meet(check, by, lambda _project, _role: world.people["decider"], NOW)
    stage = Stage.objects.with_process().get(process__project=project, key="initiation")
    review = lifecycle.request_review(stage=stage, actor=world.actor("contributor"), now=NOW)
    world.things["RDY"] = {"reviews": review.pk}


def packet_of(review: int) -> str:
    return GateReview.objects.values_list("packet", flat=True).get(pk=review)


def in_days(days: int) -> date:
    return NOW.date() + timedelta(days=days)
