"""The page of the intake: answers, what they would mean, saving, confirming."""

from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from lifecycle.models import Check, Process
from projects.criteria import plain, questions
from projects.models import Intake, Project, ProjectTag
from tests.fixtures.people import Browse

pytestmark = [pytest.mark.core, pytest.mark.django_db]
AT = "/projects/RECO/intake/"


@pytest.fixture
def counsel(project: Project, add_member: Any) -> User:
    user: User = add_member(project, "counsel", ["decide"], ["legal_counsel"], team=False).user
    return user


def text_of(page: Any) -> str:
    return " ".join(page.content.decode().split())


def test_plain_answers_are_those_that_set_nothing_and_never_overwrite() -> None:
    given = plain({"in_harm": ["harm_serious"]})

    assert given["in_harm"] == ["harm_serious"]
    assert (given["in_banned"], given["in_content"]) == (["none_banned"], ["content_none"])
    assert set(questions()) - set(given) == {"in_market", "in_role"}  # nothing of theirs is plain


def test_the_button_for_none_of_this_shows_the_answers_before_anything_is_saved(
    browse: Browse, project: Project, owner: User
) -> None:
    page = browse(owner).post(AT, {"version": 0, "step": "plain", "in_harm": "harm_business"})

    assert page.status_code == 200
    shown = text_of(page)
    assert "Proposal: Standard" in shown
    assert "8 of 10 questions answered" in shown
    assert "Not saved yet." in shown
    assert not Intake.objects.exists()


def test_a_preview_says_what_each_answer_adds_and_which_checks_change(
    browse: Browse, project: Project, owner: User
) -> None:
    before = Check.objects.asked().count()
    page = browse(owner).post(AT, {"version": 0, "step": "preview", "in_harm": "harm_serious"})

    shown = text_of(page)
    assert "Adds: Serious, Regulated" in shown
    assert "Asked for now" in shown
    assert "People could be seriously harmed." in shown
    assert Check.objects.asked().count() == before
    assert not ProjectTag.objects.filter(project=project).exists()


def test_saved_answers_apply_and_a_second_tab_loses_nothing(browse: Browse, project: Project, owner: User) -> None:
    saved = browse(owner).post(AT, {"version": 0, "in_harm": "harm_slight"})
    late = browse(owner).post(AT, {"version": 0, "in_harm": "harm_business"})

    assert saved.status_code == 302
    assert Process.objects.get(project=project).level == "lean"
    assert late.status_code == 412
    assert 'value="harm_business" checked' in text_of(late)
    assert "Theirs: A nuisance that colleagues notice and put right" in text_of(late)
    assert '<input type="hidden" name="version" value="1">' in text_of(late)

    kept = browse(owner).post(AT, {"version": 1, "in_harm": "harm_business"})
    assert kept.status_code == 302
    assert Process.objects.get(project=project).level == "standard"


def test_an_unknown_answer_is_refused_where_it_stands(browse: Browse, project: Project, owner: User) -> None:
    page = browse(owner).post(AT, {"version": 0, "in_harm": "nothing", "in_labels": "labels_used"})

    assert page.status_code == 422
    assert 'value="labels_used" checked' in text_of(page)
    assert not Intake.objects.exists()


def test_who_answered_does_not_confirm_and_others_do_with_a_reason_for_what_is_otherwise(
    browse: Browse, project: Project, owner: User, counsel: User
) -> None:
    browse(owner).post(AT, {"version": 0, "in_harm": "harm_slight"})
    assert "Take the proposal" not in text_of(browse(owner).get(AT))
    assert "Take the proposal" in text_of(browse(counsel).get(AT))
    other = {"version": 1, "level": "regulated", "ai_act_tier": "minimal", "ai_act_role": "none"}

    silent = browse(counsel).post(f"{AT}confirm/", other)
    said = browse(counsel).post(f"{AT}confirm/", other | {"reason": "It will be sold."})

    assert silent.status_code == 400
    assert "Say why you decide otherwise than proposed." in text_of(silent)
    assert said.status_code == 302
    assert Process.objects.get(project=project).level == "regulated"
    page = text_of(browse(owner).get(AT))
    assert "by Counsel" in page
    assert "It will be sold." in page


def test_the_proposal_is_taken_with_one_button_and_new_answers_wait(
    browse: Browse, project: Project, owner: User, counsel: User
) -> None:
    browse(owner).post(AT, {"version": 0, "in_harm": "harm_slight"})
    browse(counsel).post(f"{AT}confirm/", {"version": 1})
    version = Intake.objects.newest().get(project=project).version

    again = browse(owner).post(AT, {"version": version, "in_harm": "harm_business"})

    assert again.status_code == 302
    process = Process.objects.get(project=project)
    assert (process.level, process.level_confirmed) == ("lean", True)
    page = text_of(browse(counsel).get(AT))
    assert "the new answers propose Standard and wait to be confirmed" in page
    assert "Asked for now" in page


def test_whoever_only_reads_sees_answers_without_a_form(
    browse: Browse, project: Project, owner: User, make_user: Any, now: datetime
) -> None:
    browse(owner).post(AT, {"version": 0, "in_harm": "harm_slight"})
    reader = browse(make_user("reader"))

    assert "A nuisance that colleagues notice" in text_of(reader.get(AT))
    assert "Save the answers" not in text_of(reader.get(AT))
    assert reader.post(AT, {"version": 1}).status_code == 403
