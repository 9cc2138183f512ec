"""Random ways through the gates, beside a small model of what may happen: design §4 holds on every one of them."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actor import Actor
from accounts.models import User
from common.errors import DomainError
from lifecycle import services
from lifecycle.models import Check, CheckEvidence, GateReview, Stage, Vote
from projects.models import Membership, Project
from projects.services import add_member, add_portfolio_manager, ensure_portfolio
from records.services import set_subject
from tests.fixtures.gates import _meet as meet

pytestmark = pytest.mark.django_db
DECISIONS = ("go", "conditional_go", "hold", "recycle", "kill")
# A run ends with a kill, so most rounds end otherwise.
USUAL = ("go", "go", "conditional_go", "conditional_go", "hold", "recycle", "recycle", "kill")
# The same short walk in every run of the suite; with MACHINE_EXAMPLES=500 others, for as long as one likes.
MORE = int(os.environ.get("MACHINE_EXAMPLES", "0"))
EXAMPLES = MORE or 24
UNSETTLED = {"open", "not_met", "stale"}
START = datetime.fromisoformat("2026-12-01T09:00:00+00:00")


def rows(queryset: Any) -> list[dict[str, Any]]:
    return [model_to_dict(row) for row in queryset.order_by("pk")]


class Gates(RuleBasedStateMachine):
    """One project, everybody who has a say, and what the model expects of its stages."""

    # What was decided over all runs: a machine that never decides would prove nothing.
    seen: Counter[str] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.now = START
        self.frozen_rounds: dict[int, Any] = {}
        self.frozen_stages: dict[int, Any] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    # --- the world

    @initialize(
        template=st.sampled_from(["six_step", "eight_stage"]),
        level=st.sampled_from(["lean", "standard", "regulated"]),
        late=st.booleans(),
    )
    def start(self, template: str, level: str, late: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        owner = User.objects.create_user("model-owner", "model-owner@example.org", name="Owner")
        self.owner = Actor.for_user(owner)
        manager = User.objects.create_user("model-manager", "model-manager@example.org", name="Manager")
        system = Actor.system("test")
        portfolio = ensure_portfolio(actor=system, now=self.now, name="Models")
        add_portfolio_manager(portfolio=portfolio, user=manager, actor=system, now=self.now)
        self.manager = Actor.for_user(manager)
        start = {"six_step": "deployment", "eight_stage": "maintenance"}[template] if late else ""
        self.project = services.start_project(
            actor=self.owner, now=self.now, key="MODEL", name="Model", objective="Try", template=template, level=level,
            adopt_at=start, portfolio=portfolio,
        )  # fmt: skip
        self.worker = self.member("model-worker", ["contribute"], [])
        process = self.project.process
        roles = {role for stage in process.definition.stages for role in stage.rules[level].deciders}
        for role in (roles | {"sponsor", "risk_officer"}) - {"any"}:
            self.holder(self.project, role)
        self.order = [stage.key for stage in process.definition.stages]
        self.recurs = process.definition.stages[-1].recurring
        self.at = self.order.index(start) if start else 0
        self.state, self.reviewing = "active", False
        self.iterations = dict.fromkeys(self.order, 1)

    def member(self, name: str, access: list[str], functions: list[str]) -> Actor:
        user = User.objects.create_user(name, f"{name}@example.org", name=name.title())
        add_member(
            project=self.project, actor=Actor.system("test"), now=self.now - timedelta(days=30), username=name,
            access=access, functions=functions, team=not functions,
        )  # fmt: skip
        return Actor.for_user(user)

    def holder(self, project: Project, role: str) -> User:
        name = f"model-{role.replace('_', '-')}"
        found = Membership.objects.filter(project=project, user__username=name).select_related("user").first()
        return found.user if found else self.member(name, ["contribute", "decide"], [role]).person

    @property
    def stage(self) -> Stage:
        return Stage.objects.newest().with_process().get(process__project=self.project, key=self.order[self.at])

    def round(self) -> GateReview:
        return GateReview.objects.select_related("stage__process__project").get(state="open")

    def attempt(self, act: Any) -> bool:
        """Whether the services took it; what they refuse must have changed nothing."""
        self.now += timedelta(hours=1)
        try:
            with transaction.atomic():
                act()
        except DomainError:
            return False
        return True

    # --- what people do

    @precondition(lambda self: self.state in {"active", "on_hold"})
    @rule(everything=st.booleans(), data=st.data())
    def work(self, everything: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn by Hypothesis
        """Meet all checks of the current stage, or one of any stage."""
        checks = Check.objects.filter(stage__process__project=self.project, stage__superseded=False)
        checks = checks.select_related("stage__process__project__subject")
        if everything:
            return self.meet_all()
        keys = sorted(checks.values_list("key", flat=True))
        check = checks.get(key=data.draw(st.sampled_from(keys)))
        state = data.draw(st.sampled_from(["met", "not_met", "open", "not_applicable"]))
        self.attempt(
            lambda: services.answer_check(
                check=check, actor=self.worker, version=check.version, state=state, note="Because.", now=self.now
            )
        )
        return None

    def meet_all(self, *keys: str) -> None:
        """The required checks of the current stage, or of the stages of these `keys`."""
        stages = Stage.objects.newest().filter(process__project=self.project, key__in=keys or [self.order[self.at]])
        checks = Check.objects.filter(stage__in=stages, required=True)
        for check in checks.select_related("stage__process__project__subject"):
            self.attempt(lambda check=check: meet(check, self.worker.person, self.holder, self.now))

    @precondition(lambda self: self.state == "active")
    @rule(ready=st.booleans(), decision=st.sampled_from(USUAL), back=st.integers(0, 7))
    def go_to_the_gate(self, ready: bool, decision: str, back: int) -> None:  # noqa: FBT001 - drawn by Hypothesis
        """The usual way: the work is done (or not), the gate asked for, and everybody votes alike."""
        if ready:
            self.meet_all()
        self.ask_for_it(despite=not ready)
        if self.reviewing:
            self.say(decision, voters=99, back=back)

    @precondition(lambda self: self.state == "active")
    @rule(model=st.sampled_from(["m 1", "m 2", "m 3"]))
    def move_subject(self, model: str) -> None:
        self.attempt(lambda: set_subject(project=self.project, actor=self.worker, parts={"model": model}, now=self.now))

    @rule(data=st.data())
    def waive(self, data: st.DataObject) -> None:
        checks = Check.objects.filter(stage=self.stage, required=True).select_related("stage__process__project")
        keys = sorted(checks.values_list("key", flat=True))
        check = checks.get(key=data.draw(st.sampled_from(keys)))
        until = self.now.date() + timedelta(days=data.draw(st.integers(0, 3)))
        for role in ("sponsor", "risk_officer"):
            who = Actor.for_user(self.holder(self.project, role))
            self.attempt(
                lambda who=who: services.waive_check(check=check, actor=who, reason="x", until=until, now=self.now)
            )

    @rule(days=st.integers(1, 5))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(despite=st.booleans())
    def ask(self, despite: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.ask_for_it(despite=despite)

    @precondition(lambda self: not self.reviewing)
    @rule(more=st.integers(1, 2))
    def ask_for_several(self, more: int) -> None:
        """Gates that are ready go together, and everybody says go."""
        together = self.order[self.at : self.at + 1 + more]
        self.meet_all(*together)
        self.ask_for_it(through=together[-1])
        if self.reviewing:
            self.say("go", voters=99, back=0)

    @precondition(lambda self: not self.reviewing)
    @rule(decision=st.sampled_from(DECISIONS))
    def meet_out_of_turn(self, decision: str) -> None:
        self.ask_for_it(extraordinary=True)
        if self.reviewing:
            self.say(decision, voters=99, back=self.at)
            assert not self.reviewing or decision in {"go", "conditional_go"}

    def ask_for_it(self, *, despite: bool = False, **options: Any) -> None:
        stage = self.stage
        took = self.attempt(
            lambda: services.request_review(
                stage=stage, actor=self.owner, despite_blockers=despite, now=self.now, **options
            )
        )
        assert not (took and (self.reviewing or self.state != "active"))
        self.reviewing = self.reviewing or took

    @precondition(lambda self: self.reviewing)
    @rule()
    def withdraw(self) -> None:
        found = self.round()
        if self.attempt(lambda: services.withdraw_review(review=found, actor=self.owner, now=self.now)):
            self.reviewing = False

    @precondition(lambda self: self.reviewing)
    @rule(for_good=st.booleans(), number=st.integers(0, 9))
    def take_a_vote_back(self, for_good: bool, number: int) -> None:  # noqa: FBT001 - drawn by Hypothesis
        """The votes that are left may decide."""
        found, users = self.round(), self.deciders()
        actor = Actor.for_user(users[number % len(users)])
        if for_good:
            self.attempt(lambda: services.recuse(review=found, actor=actor, reason="x", now=self.now))
        else:
            self.attempt(lambda: services.withdraw_vote(review=found, actor=actor, now=self.now))
        found.refresh_from_db()
        if found.state == "decided":
            self.follow(found)

    @precondition(lambda self: self.frozen_rounds and not self.reviewing)
    @rule(number=st.integers(0, 99))
    def reopen(self, number: int) -> None:
        """New iterations from the gate that is opened again through the current one; the decision stays."""
        pks = sorted(self.frozen_rounds)
        found = GateReview.objects.select_related("stage__process__project").get(pk=pks[number % len(pks)])
        if self.attempt(lambda: services.reopen_review(review=found, actor=self.manager, reason="x", now=self.now)):
            self.seen["reopened"] += 1
            self.loop_back(self.order.index(found.stage.key))
            self.state = "active"

    def loop_back(self, to: int) -> None:
        for key in self.order[to : self.at + 1]:
            self.iterations[key] += 1
        self.at = to

    @precondition(lambda self: self.state == "on_hold")
    @rule()
    def resume(self) -> None:
        assert self.attempt(lambda: services.resume_project(project=self.project, actor=self.owner, now=self.now))
        self.state = "active"

    @precondition(lambda self: self.reviewing)
    @rule(decision=st.sampled_from(DECISIONS), voters=st.integers(1, 9), back=st.integers(0, 7))
    def vote(self, decision: str, voters: int, back: int) -> None:
        self.say(decision, voters=voters, back=back)

    @precondition(lambda self: self.reviewing)
    @rule(first=st.integers(1, 2), days=st.integers(0, 4))
    def vote_on_conditions_of_others(self, first: int, days: int) -> None:
        """Some vote with conditions, and days later everybody else rests on those."""
        self.say("conditional_go", voters=first, back=0)
        self.now += timedelta(days=days)
        if self.reviewing:
            self.say("conditional_go", voters=99, back=0, resting=True)

    def say(self, decision: str, *, voters: int, back: int, resting: bool = False) -> None:
        """Up to `voters` people say the same; the model follows when that decides the round."""
        found = self.round()
        back_to = self.order[min(back, self.at)]
        for user in self.deciders()[:voters]:
            said = self.said(found, decision, back_to) | ({"conditions": ()} if resting else {})
            actor = Actor.for_user(user)
            self.attempt(lambda actor=actor, said=said: services.cast_vote(review=found, actor=actor, **said))
            found.refresh_from_db()
            if found.state == "decided":
                return self.follow(found)
        return None

    def deciders(self) -> list[User]:
        members = Membership.objects.filter(project=self.project, decide=True).select_related("user")
        return [member.user for member in members]

    def said(self, found: GateReview, decision: str, back_to: str) -> dict[str, Any]:
        ballot: dict[str, Any] = {"decision": decision, "rationale": "x", "packet": found.packet, "now": self.now}
        if decision == "hold":
            ballot["until"] = self.now.date() + timedelta(days=3)
        if decision == "recycle":
            ballot |= {"return_to": back_to, "reason": "data_quality"}
        if decision == "conditional_go":
            due = self.now.date() + timedelta(days=2)
            asked = [row for row in found.document["checks"] if row["required"]]
            open_ones = [row["key"] for row in asked if row["state"] in UNSETTLED]
            ballot["conditions"] = [
                {"text": "Later", "owner": self.owner.person, "due_on": due, "check": key} for key in open_ones or [""]
            ]
        return ballot

    # --- what the model makes of a decision

    def follow(self, found: GateReview) -> None:
        self.reviewing = False
        self.seen[found.decision] += 1
        self.frozen_rounds[found.pk] = self.picture_of_round(found.pk)
        match found.decision:
            case "go" | "conditional_go":
                self.passes(found)
            case "hold":
                self.state = "on_hold"
            case "recycle":
                self.loop_back(self.order.index(found.return_to))
            case "kill":
                last = self.recurs and self.at == len(self.order) - 1
                self.state = "retired" if last else "killed"

    def passes(self, found: GateReview) -> None:
        conditions = [one for one in found.conditions.all() if one.action.due_on >= self.now.date()]
        deferred = {condition.check_key for condition in conditions}
        assert conditions or found.decision == "go"
        for row in found.basis["checks"]:
            # What an earlier iteration deferred is asked again; nothing passes on it.
            assert row["state"] != "deferred", row
            if row["required"] and row["state"] in UNSETTLED:
                assert found.decision == "conditional_go", row
                assert row["key"] in deferred, row
        self.seen["joint"] += found.joint.exists()
        self.at += found.joint.count()
        if self.at + 1 < len(self.order):
            self.at += 1
        elif self.recurs:
            self.iterations[self.order[self.at]] += 1
        else:
            self.state = "completed"

    # --- what always holds

    @invariant()
    def the_project_stands_where_the_model_says(self) -> None:
        self.project.refresh_from_db()
        assert self.project.state == self.state
        newest = Stage.objects.newest().filter(process__project=self.project)
        assert {stage.key: stage.iteration for stage in newest} == self.iterations
        current = [stage.key for stage in newest.current()]
        running = self.state in {"active", "on_hold"}
        assert current == ([self.order[self.at]] if running else [])
        assert GateReview.objects.open().exists() == self.reviewing

    @invariant()
    def what_was_decided_stays_as_it_was(self) -> None:
        for pk, picture in self.frozen_rounds.items():
            assert self.picture_of_round(pk) == picture

    @invariant()
    def an_iteration_that_is_over_never_changes(self) -> None:
        for pk, picture in self.frozen_stages.items():
            assert self.picture_of_stage(pk) == picture
        over = Stage.objects.filter(process__project=self.project, superseded=True)
        for pk in over.exclude(pk__in=self.frozen_stages).values_list("pk", flat=True):
            self.frozen_stages[pk] = self.picture_of_stage(pk)

    def picture_of_round(self, pk: int) -> Any:
        return rows(GateReview.objects.filter(pk=pk)), rows(Vote.objects.filter(review=pk))

    def picture_of_stage(self, pk: int) -> Any:
        checks = Check.objects.filter(stage=pk)
        links = CheckEvidence.objects.filter(check_row__stage=pk)
        return rows(Stage.objects.filter(pk=pk)), rows(checks), rows(links)


@pytest.fixture
def templates(process_templates: None) -> Iterator[None]:
    """Published before the machine starts; each of its runs is rolled back."""
    return


@pytest.mark.usefixtures("templates")
def test_random_ways_through_the_gates_keep_the_rules() -> None:
    bounded = settings(
        max_examples=EXAMPLES,
        stateful_step_count=30,
        deadline=None,
        derandomize=not MORE,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Gates, settings=bounded)

    # Which ways are walked depends on what else the process has loaded: not every decision is reached in each run.
    assert len(set(Gates.seen) & set(DECISIONS)) >= 2
