"""A new project goes through all eight gates: six people, each at a browser of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from accounts.services import create_token
from common import clock, content
from lifecycle.models import Check, Condition, Rework, Stage
from projects.models import Membership, Project
from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor
from tests.fixtures.gates import MeetAll, StageOf
from tests.fixtures.people import AddMember, MakeUser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Name: access, roles, of the team.
PEOPLE = {
    "olga": (["owner"], ["project_manager"], True),
    "carl": (["contribute"], ["data_lead"], True),
    "sam": (["decide"], ["sponsor", "product_owner"], True),
    "dora": (["decide"], ["data_owner", "ethics_reviewer", "legal_counsel", "finance_partner"], True),
    "otto": (["decide"], ["security_lead", "ops_lead", "domain_expert"], True),
    "rhea": (["decide"], ["risk_officer", "privacy_officer", "evaluator"], False),
}
DAY = timedelta(days=1)


@pytest.fixture
def crew(process_templates: None, make_user: MakeUser) -> dict[str, User]:
    return {name: make_user(name) for name in PEOPLE}


@pytest.fixture
def olga(crew: dict[str, User], visit: Visit, time: clock.Frozen) -> Visitor:
    return visit(crew["olga"])


@pytest.fixture
def project(olga: Visitor, add_member: AddMember) -> Project:
    """Started by its owner in the browser, where the one from outside the team is asked in; the others are there."""
    page = olga.open("/projects/new/").page
    page.get_by_label("Name", exact=True).fill("Shopping recommender")
    page.get_by_label("Key", exact=True).fill("RECO")
    page.get_by_label("Objective").fill("People find what they came for.")
    page.get_by_role("button", name="Start the project").click()
    page.wait_for_url("**/projects/RECO/")
    ask_in(olga, "rhea")
    project = Project.objects.get(key="RECO")
    for name, (access, functions, team) in PEOPLE.items():
        if name not in {"olga", "rhea"}:
            add_member(project, name, access, functions, team=team)
    return project


def ask_in(owner: Visitor, name: str) -> None:
    access, roles, team = PEOPLE[name]
    members = owner.open("/projects/RECO/settings/").page.locator("#members")
    members.get_by_text("Add a member").click()
    form = members.locator("#member-form")
    form.locator("select[name=user]").select_option(name)
    for right in access:
        form.locator(f"input[name=access][value={right}]").check()
    form.locator("select[name=functions]").select_option(roles)
    form.get_by_label("Belongs to the team").set_checked(team)
    form.get_by_role("button", name="Add the member").click()
    expect(members).to_contain_text("outside the team")


@pytest.fixture
def holder(crew: dict[str, User]) -> Callable[[Project, str], User]:
    """Whoever signs in a role is one of the six."""
    by_role = {role: crew[name] for name, (_access, roles, _team) in PEOPLE.items() for role in roles}
    return lambda project, role: by_role[role]


@dataclass(frozen=True, slots=True)
class Journey:
    """The six at their browsers, the pipeline, and the way to do the bulk of the checks."""

    project: Project
    people: dict[str, Visitor]
    users: dict[str, User]
    pipeline: Callable[[Stage], None]
    meet_all: MeetAll
    stage_of: StageOf
    time: clock.Frozen

    def __getitem__(self, name: str) -> Visitor:
        return self.people[name]

    @property
    def current(self) -> Stage:
        return self.stage_of(self.project)

    def rest(self, *leave: str) -> None:
        """All that is left to do at the current stage, beside what is done by hand; results come from the pipeline."""
        stage = self.current
        self.pipeline(stage)
        metrics = Check.objects.filter(stage=stage, kind="metric").values_list("key", flat=True)
        self.meet_all(stage, by=self.users["carl"], leave=(*leave, *metrics), at=self.time.at)

    def decide(self, stage: str, decision: str, *voters: str, label: str = "Ask for the gate") -> None:
        """Asked for by the owner, decided by those who vote, the last of whom closes the round."""
        self["olga"].gate(stage).ask(label)
        for name in voters:
            self[name].gate(stage).cast(decision)
        self.time.move(DAY)

    def stands_at(self, stage: str, iteration: int = 1) -> None:
        assert (self.current.key, self.current.iteration) == (stage, iteration)


@pytest.fixture
def pipeline(crew: dict[str, User], project: Project, new_page: Callable[..., Page], time: clock.Frozen) -> Any:
    """`pipeline(stage)`: a script with the contributor's token reports every metric that the stage asks for."""
    script = new_page().context.request

    def report(stage: Stage) -> None:
        _token, secret = create_token(
            actor=Actor.for_user(crew["carl"]),
            user=crew["carl"],
            name=f"pipeline {stage.key} {stage.iteration}",
            scopes=["metrics:write"],
            now=time.at,
            project_id=project.pk,
        )
        asked = Check.objects.filter(stage=stage, kind="metric").select_related("stage__process__template_version")
        for check in asked:
            criterion = check.item.criterion
            result = {
                "metric": check.metric,
                "value": criterion["threshold"],
                "run_id": f"{check.key}-{stage.iteration}",
                "measured_at": time.at.isoformat(),
            }
            result |= {"slice": criterion["slice"]} if criterion.get("slice") else {}
            result |= {"n": criterion["min_sample"]} if criterion.get("min_sample") else {}
            answer = script.post(
                f"/api/v1/projects/{project.key}/metrics/", data=result, headers={"Authorization": f"Bearer {secret}"}
            )
            assert answer.status == 201, answer.text()

    return report


@pytest.fixture
def journey(
    project: Project,
    crew: dict[str, User],
    olga: Visitor,
    visit: Visit,
    pipeline: Callable[[Stage], None],
    meet_all: MeetAll,
    stage_of: StageOf,
    time: clock.Frozen,
) -> Journey:
    people = {name: olga if name == "olga" else visit(user) for name, user in crew.items()}
    return Journey(project, people, crew, pipeline, meet_all, stage_of, time)


def test_six_people_take_a_project_through_all_eight_gates(journey: Journey, tmp_path: Path) -> None:
    start(journey, tmp_path)
    agree_on_requirements(journey)
    go_on_with_a_condition(journey)
    design_with_a_waiver(journey)
    journey.rest()
    journey.decide("training", "go", "sam", "rhea")
    recycle_to_training(journey)
    journey.rest()
    journey.decide("training", "go", "sam", "rhea")
    evaluate_again(journey)
    go_live(journey)
    review_once(journey)

    states = Stage.objects.filter(process__project=journey.project).order_by("position", "iteration")
    assert [(row.position, row.iteration, row.state) for row in states] == [
        (1, 1, "passed"), (2, 1, "passed"), (3, 1, "passed"), (4, 1, "passed"),
        (5, 1, "passed"), (5, 2, "passed"), (6, 1, "closed"), (6, 2, "passed"), (7, 1, "passed"),
        (8, 1, "passed"), (8, 2, "active"),
    ]  # fmt: skip


def start(journey: Journey, folder: Path) -> None:
    """Gate 1: a link pasted, a file uploaded, a tick."""
    plan = folder / "budget.txt"
    plan.write_text("Twelve thousand a month.")
    carl = journey["carl"].stage("initiation")
    carl.paste("charter", "https://docs.example.org/charter")
    expect(carl.row("charter")).to_contain_text("docs.example.org")
    carl.pick_file("budget_plan", plan)
    expect(carl.row("budget_plan").get_by_role("link", name="budget.txt", exact=True)).to_be_visible()
    carl.press("simpler_option", "Done")
    expect(carl.row("simpler_option").get_by_role("button", name="Undo")).to_be_visible()
    journey.rest("charter", "budget_plan", "simpler_option")

    journey.decide("initiation", "go", "rhea", "sam")
    assert journey["sam"].headline.startswith("Go. Gate 1")


def agree_on_requirements(journey: Journey) -> None:
    """Gate 2: an assessment answered by one and signed by another, all in the browser."""
    url = f"/projects/{journey.project.key}/assessments/ethics_review/"
    carl, dora = journey["carl"].open(url).page, journey["dora"].open(url).page
    carl.get_by_role("button", name="Start answering").click()
    for question in content.questionnaires()["ethics_review"]["questions"]:
        carl.locator(f"input[name={question['key']}][value=yes]").check()
    carl.get_by_role("button", name="Hand in for signatures").click()
    expect(carl.locator("h1")).to_contain_text("Passes with 100%")
    dora.reload()
    dora.get_by_role("button", name="Sign as Ethics reviewer").click()
    expect(dora.locator("h1")).to_contain_text("Approved")
    journey.rest("ethics_review_ok")

    journey.decide("requirements", "go", "dora", "rhea")


def go_on_with_a_condition(journey: Journey) -> None:
    """Gate 3: one required check is deferred to a day."""
    journey.rest("representativeness")
    journey["olga"].gate("data").ask("Ask despite the blockers")
    dora = journey["dora"].gate("data")
    expect(dora.choice("go")).to_be_disabled()
    button = dora.choose("conditional_go", "The sample comes next week.")
    dora.panel.get_by_label("Condition", exact=True).fill("Show that the data is representative.")
    dora.panel.get_by_label("Owner", exact=True).select_option(label="Carl")
    dora.panel.get_by_label("Due", exact=True).fill((journey.time.at + 9 * DAY).date().isoformat())
    dora.panel.get_by_label("Defers the check optional").select_option("representativeness")
    with dora.page.expect_navigation():
        button.click()
    rhea = journey["rhea"].gate("data")
    expect(rhea.choose("conditional_go")).to_have_text("Vote conditional go and close the round")
    rhea.cast("conditional_go", "I rest on the condition.")

    journey.stands_at("design")
    expect(rhea.page.locator("#conditions")).to_contain_text("Show that the data is representative.")
    journey.time.move(DAY)
    carl = journey["carl"].stage("data")
    carl.paste("representativeness", "https://docs.example.org/sample")
    rhea.gate("data")
    rhea.page.locator("#conditions").get_by_role("button", name="Close").click()
    expect(rhea.page.locator("#conditions")).to_contain_text("Met")
    assert Condition.objects.get().state == "met"


def design_with_a_waiver(journey: Journey) -> None:
    """Gate 4: two gatekeepers go without a check."""
    journey.rest("third_party_check")
    otto, rhea = journey["otto"].stage("design"), journey["rhea"]
    row = otto.row("third_party_check")
    row.get_by_text("Guidance", exact=True).click()
    row.get_by_label("Why the check can be left out").fill("Everything is built in house.")
    row.get_by_label("Until").fill((journey.time.at + 30 * DAY).date().isoformat())
    otto.press("third_party_check", "Ask to waive the check")
    expect(row).to_contain_text("Otto asks to go without it until")
    rhea.stage("design").row("third_party_check").get_by_text("Guidance", exact=True).click()
    rhea.press("third_party_check", "Grant the waiver")
    expect(rhea.row("third_party_check")).to_contain_text("by Otto and Rhea. “Everything is built in house.”")

    journey.decide("design", "go", "otto", "rhea")
    journey.stands_at("training")


def recycle_to_training(journey: Journey) -> None:
    """Gate 6: not fair enough, back to training."""
    journey.rest()
    journey["olga"].gate("evaluation").ask()
    for name in ("dora", "rhea"):
        visitor = journey[name].gate("evaluation")
        button = visitor.choose("recycle", "Not good enough for women over sixty.")
        visitor.panel.get_by_label("Back to", exact=True).select_option("training")
        visitor.panel.get_by_label("Reason", exact=True).select_option("fairness")
        with visitor.page.expect_navigation():
            button.click()
    journey.time.move(DAY)
    journey.stands_at("training", 2)
    assert (Rework.objects.get().reason, Rework.objects.get().to_stage) == ("fairness", "training")


def evaluate_again(journey: Journey) -> None:
    """Gate 6 again: proof that was carried over is confirmed."""
    journey["carl"].stage("evaluation").press("human_trial", "The proof still holds")
    journey.rest("human_trial")
    journey.decide("evaluation", "go", "otto", "rhea")


def go_live(journey: Journey) -> None:
    """Gate 7: signed by operations, decided by sponsor and risk officer."""
    journey["otto"].stage("deployment").press("ops_signature", "Sign")
    journey.rest("ops_signature")
    journey.decide("deployment", "go", "sam", "rhea")
    journey.stands_at("maintenance")


def review_once(journey: Journey) -> None:
    """Gate 8: the model goes on, and the next review begins."""
    journey.rest()
    journey["olga"].gate("maintenance").ask()
    journey["sam"].gate("maintenance").cast("go")
    rhea = journey["rhea"].gate("maintenance")
    expect(rhea.panel).to_contain_text("Continue")
    rhea.cast("go")
    journey.stands_at("maintenance", 2)
    membership = Membership.objects.get(project=journey.project, user=journey.users["rhea"])
    assert not membership.team
