"""The intake: answers propose and apply, legal or risk confirms, what is confirmed is locked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.errors import HumanSessionRequired, PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry
from lifecycle.criteria import wording
from lifecycle.errors import IntakeIsConfirmed, NoIntake, SeparationOfDuties
from lifecycle.models import Process, Stage
from lifecycle.selectors import readiness
from lifecycle.services import answer_intake, change_level, change_project, confirm_intake
from projects.models import Intake, Project
from projects.services import update_project

pytestmark = [pytest.mark.core, pytest.mark.django_db]
PLAIN = {"in_banned": ["none_banned"], "in_market": ["market_cn"], "in_harm": ["harm_slight"]}
PERSONAL = {**PLAIN, "in_personal": ["personal_ordinary"]}
BANNED = {**PLAIN, "in_banned": ["some_banned"]}
Answer = Callable[..., Intake]
Confirm = Callable[..., Intake]


@pytest.fixture
def answer(project: Project, owner: User, now: datetime) -> Answer:
    def give(answers: dict[str, Any], by: User = owner, **fields: Any) -> Intake:
        return answer_intake(project=project, actor=Actor.for_user(by), answers=answers, now=now, **fields)

    return give


@pytest.fixture
def counsel(project: Project, add_member: Any) -> User:
    """Decides as legal counsel."""
    user: User = add_member(project, "counsel", ["decide"], ["legal_counsel"], team=False).user
    return user


@pytest.fixture
def confirm(project: Project, counsel: User, now: datetime) -> Confirm:
    def agree(intake: Intake, by: User = counsel, **fields: Any) -> Intake:
        given = {"version": intake.version, **fields}
        return confirm_intake(project=project, actor=Actor.for_user(by), now=now, **given)

    return agree


def stands(project: Project) -> tuple[str, bool, list[str], str]:
    process = Process.objects.select_related("project").get(project=project)
    tags = sorted(process.project.tag_rows.values_list("key", flat=True))
    return process.level, process.level_confirmed, tags, process.project.ai_act_tier


def test_answers_apply_at_once_and_unconfirmed(project: Project, answer: Answer) -> None:
    answer(PLAIN)
    assert stands(project) == ("lean", False, [], "minimal")

    answer(PERSONAL)
    assert stands(project) == ("standard", False, ["personal_data"], "minimal")
    assert Intake.objects.count() == 1
    [first, second] = Entry.objects.filter(verb="intake.answered").order_by("seq")
    assert (first.data["level"], second.data["level"], second.data["applied"]) == ("lean", "standard", True)


def test_the_same_answers_again_write_nothing(answer: Answer) -> None:
    first = answer(PERSONAL)

    assert answer({**PERSONAL, "in_labels": []}).version == first.version
    assert Entry.objects.filter(verb="intake.answered").count() == 1


def test_confirming_locks_level_and_tags_for_the_owner(
    project: Project, answer: Answer, confirm: Confirm, owner: User, now: datetime
) -> None:
    confirm(answer(PERSONAL))

    assert stands(project) == ("standard", True, ["personal_data"], "minimal")
    fresh, me = Project.objects.get(pk=project.pk), Actor.for_user(owner)
    with pytest.raises(PermissionDenied):
        change_level(project=fresh, actor=me, level="lean", reason="-", now=now)
    with pytest.raises(PermissionDenied):
        change_project(project=fresh, actor=me, version=fresh.version, tags=[], now=now)


def test_answers_after_the_confirmation_wait_for_the_next_one(
    project: Project, answer: Answer, confirm: Confirm
) -> None:
    confirm(answer(PERSONAL))

    again = answer(PLAIN)

    assert stands(project)[:3] == ("standard", True, ["personal_data"])
    assert (again.proposed["level"], again.is_confirmed, Intake.objects.count()) == ("lean", False, 2)
    confirm(again)
    assert stands(project) == ("lean", True, [], "minimal")


def test_counsel_may_find_otherwise_with_a_reason(project: Project, answer: Answer, confirm: Confirm) -> None:
    intake = answer(PERSONAL)
    with pytest.raises(ValidationFailed):
        confirm(intake, level="regulated")

    done = confirm(intake, level="regulated", ai_act_tier="high_risk", reason="Annex III after all.")

    assert stands(project) == ("regulated", True, ["personal_data"], "high_risk")
    assert (done.proposed["level"], done.confirmed["level"]) == ("standard", "regulated")
    entry = Entry.objects.get(verb="intake.confirmed")
    assert entry.data["otherwise"]["level"] == ["standard", "regulated"]


def test_nobody_confirms_their_own_answers_or_as_a_script(
    project: Project, answer: Answer, confirm: Confirm, counsel: User, owner: User, now: datetime, add_member: Any
) -> None:
    both = add_member(project, "both", ["owner", "decide"], ["risk_officer"]).user
    intake = answer(PLAIN, by=both)

    with pytest.raises(SeparationOfDuties):
        confirm(intake, by=both)
    with pytest.raises(PermissionDenied):
        confirm(intake, by=owner)
    with pytest.raises(HumanSessionRequired):
        confirm_intake(
            project=project, actor=Actor(counsel, None, "token", None, "test"), version=intake.version, now=now
        )
    assert confirm(intake).confirmed_by == counsel
    with pytest.raises(IntakeIsConfirmed):
        confirm(Intake.objects.get())


def test_what_was_not_answered_or_has_moved_is_not_confirmed(
    project: Project, answer: Answer, confirm: Confirm, counsel: User, now: datetime
) -> None:
    with pytest.raises(NoIntake):
        confirm_intake(project=project, actor=Actor.for_user(counsel), version=1, now=now)
    seen = answer(PLAIN)
    answer(PERSONAL)

    with pytest.raises(VersionMismatch):
        confirm(seen)


def test_a_stopping_answer_blocks_the_gate_until_counsel_has_spoken(
    project: Project, answer: Answer, confirm: Confirm, stage_of: Callable[..., Stage], now: datetime
) -> None:
    intake = answer(BANNED)

    asked = readiness(stage_of(project), today=now.date())
    blocker = next(one for one in asked.blockers if one.kind == "intake")
    assert (blocker.code, blocker.who) == ("approval_missing", ("legal_counsel", "risk_officer"))
    assert "needs counsel" in wording.detail(blocker)

    confirm(intake)
    assert not [one for one in readiness(stage_of(project), today=now.date()).blockers if one.kind == "intake"]


@pytest.mark.parametrize(
    "answers",
    [{"in_nothing": ["x"]}, {"in_harm": ["nothing"]}, {"in_harm": ["harm_slight", "harm_serious"]}],
)
def test_unknown_answers_are_refused_by_their_place(answer: Answer, answers: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        answer(answers)

    assert refused.value.errors[0].pointer == f"/answers/{next(iter(answers))}"
    assert not Intake.objects.exists()


def test_an_edit_of_the_project_in_between_does_not_get_lost(
    project: Project, answer: Answer, owner: User, now: datetime
) -> None:
    answer(PLAIN)
    fresh = Project.objects.get(pk=project.pk)
    update_project(project=fresh, actor=Actor.for_user(owner), version=fresh.version, name="Other", now=now)

    answer(PERSONAL)

    assert Project.objects.get(pk=project.pk).name == "Other"
