"""What was typed is not lost: a refusal shows the form as it was filled in, and says in its field what is wrong."""

import re
from datetime import timedelta

import pytest

from accounts.actor import Actor
from lifecycle import services
from lifecycle.models import Condition, GateReview, Waiver

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LONG = "x" * 4001
TYPED = "What I have typed."
ways = pytest.mark.parametrize("headers", [{}, {"HTTP_HX_REQUEST": "true"}], ids=["plain", "htmx"])


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


def fold_of(page, name):
    """The control `name` of the page stands within a fold that is open."""
    before = page[: page.index(f'id="{name}"')]
    opened = []
    for tag in re.findall(r"</?details[^>]*>", before):
        if tag.startswith("</"):
            opened.pop()
        else:
            opened.append(tag)
    return bool(opened) and all(" open" in tag for tag in opened)


@ways
def test_an_answer_on_an_older_row_keeps_the_note_beside_the_newer_one(
    project, owner, contributor, check_of, browse, now, headers
):
    check = check_of(project, "charter")
    services.answer_check(
        check=check, actor=Actor.for_user(contributor), version=check.version, note="Theirs.", now=now
    )
    mine = {"version": check.version, "note": TYPED, "due_on": ""}

    refused = browse(owner).post(f"/checks/{check.pk}/answer/", mine, **headers)

    row = refused.content.decode()
    assert refused.status_code == 412
    assert row.count(TYPED) == 2
    assert "<td" in row
    assert "Theirs." in row
    assert fold_of(row, f"answer-{check.pk}-note")
    newer = re.search(r'name="version" value="(\d+)"', row)[1]
    assert browse(owner).post(f"/checks/{check.pk}/answer/", mine | {"version": newer}).status_code == 302
    check.refresh_from_db()
    assert check.note == TYPED


@ways
def test_an_answer_with_a_bad_day_keeps_the_note_and_says_it_at_the_day(project, owner, check_of, browse, headers):
    check = check_of(project, "charter")
    wrong = {"version": check.version, "note": TYPED, "due_on": "2026-02-30"}

    refused = browse(owner).post(f"/checks/{check.pk}/answer/", wrong, **headers)

    row = refused.content.decode()
    assert refused.status_code == 422
    assert TYPED in row
    assert f'id="answer-{check.pk}-due_on_error"' in row
    assert fold_of(row, f"answer-{check.pk}-note")


@ways
def test_what_does_not_apply_without_a_reason_is_said_at_the_note(project, owner, check_of, browse, headers):
    check = check_of(project, "charter")
    said = {"version": check.version, "note": "", "due_on": "2026-04-01", "state": "not_applicable"}

    refused = browse(owner).post(f"/checks/{check.pk}/answer/", said, **headers)

    row = refused.content.decode()
    assert (refused.status_code, f'id="answer-{check.pk}-note_error"' in row) == (400, True)
    assert 'value="2026-04-01"' in row


@ways
@pytest.mark.parametrize(("until", "status"), [("2020-01-01", 400), ("2026-02-30", 422)])
def test_a_waiver_with_a_bad_day_keeps_its_reason(project, sponsor, check_of, browse, headers, until, status):
    check = check_of(project, "charter")

    refused = browse(sponsor).post(f"/checks/{check.pk}/waive/", {"reason": TYPED, "until": until}, **headers)

    row = refused.content.decode()
    assert (refused.status_code, Waiver.objects.exists()) == (status, False)
    assert TYPED in row
    assert until in row
    assert f'id="waive-{check.pk}-until_error"' in row
    assert fold_of(row, f"waive-{check.pk}-reason")


@ways
def test_asking_for_a_blocked_gate_keeps_the_note(project, owner, browse, headers):
    place = "/projects/RECO/gates/initiation/ask/"

    refused = browse(owner).post(place, {"note": TYPED}, **headers)

    page = refused.content.decode()
    assert refused.status_code == 409
    assert re.search(rf'<textarea[^>]*id="ask-note"[^>]*>\s*{TYPED}', page)
    asked = browse(owner).post(f"{place}?despite=1", {"note": TYPED, "through": ""})
    assert (asked.status_code, GateReview.objects.get().note) == (302, TYPED)


def test_asking_for_gates_that_are_ready_no_longer_keeps_the_note_and_leaves_the_others_out(project, owner, browse):
    refused = browse(owner).post("/projects/RECO/gates/initiation/ask/", {"note": TYPED, "through": "requirements"})

    page = refused.content.decode()
    assert refused.status_code == 409
    assert TYPED in page
    assert 'value="requirements"' not in page


@ways
def test_an_extraordinary_review_with_too_long_a_note_keeps_it(project, owner, browse, headers):
    refused = browse(owner).post("/projects/RECO/gates/initiation/ask/?extraordinary=1", {"note": LONG}, **headers)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert LONG in page
    assert 'id="extraordinary-note_error"' in page
    assert fold_of(page, "extraordinary-note")


@ways
def test_stepping_back_with_too_long_a_reason_keeps_it(ready, sponsor, browse, headers):
    refused = browse(sponsor).post(f"/reviews/{ready.pk}/recuse/", {"reason": LONG}, **headers)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert LONG in page
    assert 'id="recuse-reason_error"' in page
    assert "4000" in page
    assert fold_of(page, "recuse-reason")


@ways
def test_opening_a_gate_again_with_too_long_a_reason_keeps_it(
    project, owner, pass_gate, portfolio_manager, browse, headers
):
    review = pass_gate(project, by=owner)

    refused = browse(portfolio_manager).post(f"/reviews/{review.pk}/reopen/", {"reason": LONG}, **headers)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert LONG in page
    assert 'id="reopen-reason_error"' in page
    assert fold_of(page, "reopen-reason")


def test_where_the_form_is_gone_a_sentence_says_what_was_wrong(ready, stranger, sponsor, browse, vote):
    vote(ready, sponsor, "kill")

    refused = browse(sponsor).post(f"/reviews/{ready.pk}/recuse/", {"reason": ""})

    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()


@pytest.fixture
def condition(ready, project, owner, sponsor, holder, vote, in_days):
    asked = {"text": "Tell the board.", "owner": owner, "due_on": in_days(5)}
    vote(ready, sponsor, "conditional_go", conditions=[asked])
    vote(ready, holder(project, "finance_partner"), "go")
    return Condition.objects.get()


@ways
@pytest.mark.parametrize(
    ("days", "reason", "wrong", "status"), [(-1, TYPED, "until", 400), (9, "", "reason", 422), (9, LONG, "reason", 422)]
)
def test_more_time_with_a_bad_day_or_reason_keeps_both(
    condition, sponsor, browse, now, headers, days, reason, wrong, status
):
    until = (now + timedelta(days=days)).date().isoformat()
    said = {"version": condition.version, "until": until, "reason": reason}

    refused = browse(sponsor).post(f"/conditions/{condition.pk}/extend/", said, **headers)

    page = refused.content.decode()
    assert refused.status_code == status
    assert until in page
    assert reason in page
    assert f'id="extend-{condition.pk}-{wrong}_error"' in page
    assert fold_of(page, f"extend-{condition.pk}-until")


def test_a_condition_offers_each_reader_what_they_may_do(condition, project, owner, viewer, sponsor, browse):
    offers = {
        person.username: [
            step
            for step in ("propose", "close", "extend")
            if f"/conditions/{condition.pk}/{step}/"
            in browse(person).get("/projects/RECO/gates/initiation/").content.decode()
        ]
        for person in (viewer, owner, sponsor)
    }

    assert offers == {"viewer": [], "owner": ["propose"], "sponsor": ["propose", "close", "extend"]}


def test_a_condition_names_the_check_it_defers_in_its_own_words(
    blocked, project, owner, sponsor, holder, vote, in_days, browse, check_of
):
    asked = {"text": "Bring it.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    vote(blocked, sponsor, "conditional_go", conditions=[asked])
    vote(blocked, holder(project, "finance_partner"), "conditional_go", conditions=[asked])

    page = browse(owner).get("/projects/RECO/gates/initiation/").content.decode()

    conditions = page[page.index('id="conditions"') :]
    conditions = conditions[: conditions.index("</section>")]
    assert "defers a check: charter" not in conditions
    assert check_of(project, "charter").item.text["en"][:30] in conditions
