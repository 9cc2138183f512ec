"""The pages of gates, stages and checks: what they show, and that a plain form does what htmx does."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lifecycle.models import Check, GateReview
from projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_the_gate_page_opens_with_the_apis_sentence(project, owner, browse, api):
    sentence = api(owner).get("/api/v1/projects/RECO/gates/current/check/").json()["sentence"]

    page = browse(owner).get("/projects/RECO/gates/initiation/").content.decode()

    assert sentence.split(".")[0] in page
    assert page.count("data-blocker") == 6


def test_a_plain_form_asks_for_the_gate_despite_its_blockers(project, owner, browse):
    answer = browse(owner).post("/projects/RECO/gates/initiation/ask/?despite=1", {"note": ""})

    assert answer.status_code == 302
    assert GateReview.objects.get().despite_blockers


def test_asking_a_blocked_gate_tells_what_blocks_it(project, owner, browse):
    answer = browse(owner).post("/projects/RECO/gates/initiation/ask/", {"note": ""})

    assert answer.status_code == 409
    assert "No evidence is attached" in answer.content.decode()
    assert not GateReview.objects.exists()


def test_a_vote_through_the_form_closes_the_round(project, owner, holder, stage_of, meet_all, ask, browse):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    for role in ("sponsor", "finance_partner"):
        ballot = {"decision": "go", "rationale": "Read it.", "packet": review.packet, **EMPTY_CONDITIONS}
        answer = browse(holder(project, role)).post(f"/reviews/{review.pk}/vote/", ballot)
        assert answer.status_code == 302

    assert GateReview.objects.get().decision == "go"


EMPTY_CONDITIONS = {"conditions-TOTAL_FORMS": "0", "conditions-INITIAL_FORMS": "0"}


def test_a_vote_without_a_reason_keeps_the_panel_and_says_so(project, owner, holder, stage_of, meet_all, ask, browse):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    ballot = {"decision": "go", "rationale": "", "packet": review.packet, **EMPTY_CONDITIONS}

    answer = browse(holder(project, "sponsor")).post(f"/reviews/{review.pk}/vote/", ballot, HTTP_HX_REQUEST="true")

    assert answer.status_code == 422
    assert 'id="vote"' in answer.content.decode()
    assert not review.votes.exists()


def test_a_link_pasted_on_a_row_proves_the_check(project, owner, check_of, browse):
    check = check_of(project, "charter")

    row = browse(owner).post(f"/checks/{check.pk}/evidence/", {"url": "https://x.example/c"}, HTTP_HX_REQUEST="true")

    assert row.status_code == 200
    assert 'id="check-charter"' in row.content.decode()
    assert "https://x.example/c" in row.content.decode()


def test_a_refused_answer_shows_the_sentence_on_the_row(project, owner, check_of, browse):
    check = check_of(project, "resource_readiness_ok")
    ticked = {"state": "met", "version": check.version}

    row = browse(owner).post(f"/checks/{check.pk}/answer/", ticked, HTTP_HX_REQUEST="true")

    assert row.status_code == 409
    assert "computed" in row.content.decode()


def test_a_tick_leaves_note_and_day_as_they_were(project, owner, check_of, browse):
    check = check_of(project, "simpler_option")
    Check.objects.filter(pk=check.pk).update(note="Rules reach half of it.")

    browse(owner).post(f"/checks/{check.pk}/answer/", {"state": "met", "version": 1})

    assert Check.objects.get(pk=check.pk).note == "Rules reach half of it."


def test_the_owner_holds_and_resumes_from_the_stages_page(project, owner, browse, in_days):
    client = browse(owner)
    late = {"until": in_days(4000).isoformat(), "reason": "The contract is late."}

    assert client.post("/projects/RECO/hold/", late).status_code == 302
    assert Project.objects.get().state == "on_hold"
    assert "Resume" in client.get("/projects/RECO/stages/").content.decode()
    client.post("/projects/RECO/resume/")
    assert Project.objects.get().state == "active"


@pytest.mark.parametrize(
    "url", ["/projects/RECO/gates/initiation/", "/projects/RECO/stages/", "/projects/RECO/stages/data/"]
)
def test_a_page_asks_as_often_with_ten_times_the_rows(url, project, owner, check_of, browse):
    client = browse(owner)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(10):
        client.post(f"/checks/{check_of(project, 'charter').pk}/evidence/", {"url": f"https://x.example/{number}"})

    with CaptureQueriesContext(connection) as many:
        client.get(url)

    assert len(many) <= len(few) + 1
    assert len(many) <= 45


def test_a_voter_who_has_read_the_new_facts_votes_at_the_first_try(
    project, owner, holder, stage_of, meet_all, check_of, ask, browse
):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review, sponsor = ask(stage, by=owner), browse(holder(project, "sponsor"))
    browse(owner).post(f"/checks/{check_of(project, 'charter').pk}/evidence/", {"url": "https://x.example/new"})
    page = sponsor.get("/projects/RECO/gates/initiation/").content.decode()
    seen = page.split('name="packet" value="')[1].split('"')[0]

    ballot = {"decision": "go", "rationale": "Read it.", "packet": seen, **EMPTY_CONDITIONS}
    answer = sponsor.post(f"/reviews/{review.pk}/vote/", ballot)

    assert "Facts changed since the gate was asked for" in page
    assert answer.status_code == 302
    assert GateReview.objects.get().packet == seen
    assert review.votes.get().state == "standing"
