"""What gates read and tell: proof that changed since, risks that count, who filled in, which row a clause means."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.actor import Actor
from lifecycle import services
from lifecycle.criteria import Moved, wording
from lifecycle.errors import SeparationOfDuties
from lifecycle.models import Check, GateReview, Stage
from lifecycle.selectors import authors, differences, packet, readiness, trends
from lifecycle.views import shown
from projects.models import Project
from risks.services import answer_assessment, save_assessment, sign_assessment, submit_assessment, update_risk
from tests.contract.world import best

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MOVED = Moved("model", "m 0", "m 1")
SECRET = "https://vault.example/contract"


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def finance(project, holder):
    return holder(project, "finance_partner")


@pytest.fixture
def decided(project, owner, sponsor, finance, stage_of, meet_all, ask, vote, check_of, now):
    """The first gate, decided with a conditional go on confidential proof of the charter."""
    stage = stage_of(project)
    meet_all(stage, by=owner, leave=("charter",))
    facts = {"url": SECRET, "title": "Contract", "confidential": True}
    services.attach_link(check=check_of(project, "charter"), actor=Actor.for_user(owner), now=now, **facts)
    review = ask(stage, by=owner)
    condition = {"text": "Bring more.", "owner": owner, "due_on": now.date() + timedelta(days=9), "check": "charter"}
    vote(review, sponsor, "conditional_go", conditions=[condition])
    return vote(review, finance, "go")


def live(review, now):
    stage = Stage.objects.with_process().get(pk=review.stage_id)
    return readiness(stage, today=now.date())


def test_differences_tell_nobody_where_confidential_proof_lies(
    decided, project, owner, stranger, api, browse, now, check_of
):
    link = {"url": "https://vault.example/other", "title": "Other", "confidential": True}
    services.attach_link(check=check_of(project, "charter"), actor=Actor.for_user(owner), now=now, **link)
    places = (f"reviews/{decided.pk}/", f"projects/{project.key}/stages/initiation/reviews/")

    for place in places:
        answer = api(stranger).get(f"/api/v1/{place}")
        assert "vault.example" not in answer.content.decode()
    found = api(stranger).get(f"/api/v1/{places[0]}").json()["differences"][0]
    assert set(found["then"]) == set(found["now"]) == {"key", "state", "value", "limit"}
    assert "vault.example" not in browse(stranger).get(f"/projects/{project.key}/gates/initiation/").content.decode()


def test_proof_that_changed_since_the_decision_is_a_difference(decided, project, owner, check_of, now, browse):
    assert differences(decided, live(decided, now)) == []
    services.attach_link(
        check=check_of(project, "charter"), actor=Actor.for_user(owner), url="https://x.example", title="2", now=now
    )

    found = differences(decided, live(decided, now))

    assert [(one.key, one.then, one.proof, one.change) for one in found] == [
        ("charter", {"key": "charter", "state": "met", "value": None, "limit": None}, "evidence", "other")
    ]
    page = browse(owner).get(f"/projects/{project.key}/gates/initiation/").content.decode()
    assert "Met, on other proof" in page


def test_another_signer_is_a_difference(decided, now):
    signed = Check.objects.filter(stage=decided.stage, kind="manual", answer="met")[0]
    answer = live(decided, now)
    approval = next(one for one in answer.checks if one.check.key == signed.key)
    other = replace(approval, check=replace(approval.check, item=replace(approval.check.item, kind="approval")))
    basis = decided.basis | {
        "checks": [row | ({"signed_by": 0} if row["key"] == signed.key else {}) for row in decided.basis["checks"]]
    }
    decided.basis = basis

    found = differences(decided, replace(answer, checks=(other,)))

    assert [(one.key, one.proof) for one in found] == [(signed.key, "signature")]


def test_a_round_decided_before_signers_were_frozen_says_nothing_of_them(decided, now):
    for row in decided.basis["checks"]:
        row.pop("signed_by")

    assert differences(decided, live(decided, now)) == []


def test_a_risk_that_no_check_looks_at_voids_no_vote(ready, project, owner, sponsor, finance, vote, make_risk):
    vote(ready, finance, "go")
    small = make_risk(project, owner, likelihood=1, impact=1)

    assert vote(ready, sponsor, "go").decision == "go"
    assert small.pk not in {risk["id"] for risk in ready.document["risks"]}


def test_a_risk_that_a_check_looks_at_is_in_the_packet_although_accepted_until_it_sinks(
    project, owner, stage_of, make_risk, now
):
    worst = make_risk(project, owner, likelihood=5, impact=5)
    stage = stage_of(project)

    def read():
        return [risk["id"] for risk in packet(readiness(stage, today=now.date()))["risks"]]

    assert read() == [worst.pk]
    given = {"actor": Actor.for_user(owner), "version": worst.version, "now": now}
    update_risk(risk=worst, current={"likelihood": 1, "impact": 1}, **given)
    assert read() == []


def test_at_maintenance_a_risk_not_scored_for_long_is_in_the_packet(project, owner, make_risk, stage_of, now):
    old = make_risk(project, owner, likelihood=1, impact=1)
    stage = stage_of(project, "maintenance")

    assert packet(readiness(stage, today=now.date()))["risks"] == []
    later = now.date() + timedelta(days=91)
    assert [risk["id"] for risk in packet(readiness(stage, today=later))["risks"]] == [old.pk]


def test_everyone_who_filled_in_an_assessment_is_an_author(
    project, owner, contributor, holder, stage_of, meet_all, ask, vote, finance, now
):
    stage = stage_of(project)
    meet_all(stage, by=owner, leave=("resource_readiness_ok",))
    key = Check.objects.get(stage=stage, key="resource_readiness_ok").item.criterion["assessment"]
    draft = save_assessment(project=project, actor=Actor.for_user(finance), key=key, answers={}, now=now)
    owner_acts = {"actor": Actor.for_user(owner), "now": now}
    draft = answer_assessment(assessment=draft, answers=best(key), version=draft.version, **owner_acts)
    found = submit_assessment(assessment=draft, **owner_acts)
    for role in found.questionnaire["approves"]:
        found = sign_assessment(assessment=found, actor=Actor.for_user(holder(project, role)), role=role, now=now)
    review = ask(stage, by=owner)

    assert authors(readiness(stage, today=now.date()).facts)[finance.pk] == "resource_readiness_ok"
    with pytest.raises(SeparationOfDuties):
        vote(review, finance, "go")


def test_each_small_chart_draws_the_slice_of_its_check(project, owner, stage_of, push_metric, now):
    stage = stage_of(project, "evaluation")
    answer = readiness(stage, today=now.date())
    one, two = [found for found in answer.checks if found.check.kind == "metric"][:2]

    def on(found, part):
        criterion = found.check.item.criterion | {"key": "task_quality", "slice": part}
        return replace(found, check=replace(found.check, item=replace(found.check.item, criterion=criterion)))

    for day in range(14):
        at = now - timedelta(days=20 - day)
        push_metric(project, owner, 80.0 + day, run_id=f"r{day}", measured_at=at)
    push_metric(project, owner, 5.0, run_id="w1", slice="women", measured_at=now - timedelta(days=30))
    push_metric(project, owner, 6.0, run_id="w2", slice="women", measured_at=now - timedelta(days=29))

    drawn = trends(stage, replace(answer, checks=(on(one, ""), on(two, "women"))))

    assert drawn == {one.check.key: [80.0 + day for day in range(2, 14)], two.check.key: [5.0, 6.0]}


@pytest.mark.parametrize(("level", "waits"), [("standard", False), ("lean", True)])
def test_an_owner_waits_for_a_vote_only_where_the_rules_copied_by_the_round_allow_one(
    make_project, add_member, contributor, ask, stage_of, now, level, waits
):
    project = make_project("OWNS", level=level)
    asker = add_member(project, "asker").user
    decider = add_member(project, "both", ["owner", "decide"], ["sponsor"]).user
    review = ask(stage_of(project), by=asker, despite_blockers=True)
    assert GateReview.objects.waiting_on(Actor.for_user(decider), now.date()).exists() == waits

    rules = [] if level == "standard" else ["owner_cannot_decide"]
    GateReview.objects.filter(pk=review.pk).update(separation=rules)

    assert GateReview.objects.waiting_on(Actor.for_user(decider), now.date()).exists() != waits


def test_taking_back_a_request_asks_for_the_right_before_it_reads_the_body(ready, viewer, owner, api):
    url, wrong = f"/api/v1/reviews/{ready.pk}/withdraw/", {"no_such_field": 1}

    assert api(viewer).post(url, wrong, format="json").status_code == 403
    assert api(owner).post(url, wrong, format="json").status_code == 400


def test_a_clause_of_the_sentence_links_to_its_own_row(project, stage_of, now):
    """Stale results are told of alone, among blockers that wait for people."""
    stage = stage_of(project)
    answer = readiness(stage, today=now.date())
    last = replace(answer.blockers[-1], code="evidence_stale", about={"text": {"en": "The last"}, "moved": [MOVED]})
    answer = replace(answer, blockers=(*answer.blockers[:-1], last))
    assert answer.verdict == "stale"

    sentence = wording.sentence(answer)
    top = shown.verdict(sentence, "stale", answer)

    assert [(part["url"], part["number"]) for part in top["parts"] if "url" in part] == [
        (f"#b{len(answer.blockers)}", len(answer.blockers))
    ]
    rows = shown.blockers(answer, None)
    assert rows[-1]["id"] == f"b{len(answer.blockers)}"


def test_a_day_of_another_year_is_told_with_its_year(now):
    assert shown.number_day(now.date(), now.date()) == "2 Mar"
    assert shown.number_day(now.date() - timedelta(days=300), now.date()) == "6 May 2025"


def test_the_stage_page_links_its_sentence_to_the_checks_below(project, owner, browse):
    page = browse(owner).get(f"/projects/{project.key}/stages/initiation/").content.decode()

    assert 'href="#check-' in page
    assert 'href="#b1"' not in page


def test_the_project_page_links_to_the_rows_of_the_gate(project, owner, browse):
    page = browse(owner).get(Project.objects.get(pk=project.pk).get_absolute_url()).content.decode()

    assert f'href="/projects/{project.key}/gates/initiation/#b1"' in page
