"""What a review found and what holds since: rights that end, attempts that stand, doors that agree."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.errors import HumanSessionRequired, PermissionDenied
from lifecycle import services
from lifecycle.criteria import wording
from lifecycle.errors import SeparationOfDuties, StageClosed
from lifecycle.models import GateReview
from lifecycle.selectors import readiness
from projects.errors import ProjectArchived
from projects.models import Membership, Project
from projects.services import archive_project
from records.services import push_metric
from risks.services import save_assessment

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.mark.parametrize("loss", ["membership", "account", "role"])
def test_the_vote_of_someone_who_lost_the_right_no_longer_counts(ready, project, holder, vote, loss):
    sponsor = holder(project, "sponsor")
    vote(ready, sponsor, "go")
    member = Membership.objects.get(project=project, user=sponsor)
    if loss == "membership":
        member.delete()
    elif loss == "account":
        User.objects.filter(pk=sponsor.pk).update(is_active=False)
    else:
        member.functions.all().delete()

    after = vote(ready, holder(project, "finance_partner"), "go")

    assert after.state == "open"
    assert [one.state for one in after.votes.order_by("id")] == ["void", "standing"]


def test_a_vote_counts_for_the_roles_that_its_voter_holds_now(ready, project, holder, vote):
    sponsor, finance = holder(project, "sponsor"), holder(project, "finance_partner")
    vote(ready, finance, "go")
    Membership.objects.get(project=project, user=finance).functions.update(role="risk_officer")

    vote(ready, sponsor, "go")

    assert GateReview.objects.get().votes.get(user=finance).roles == ["risk_officer"]


def test_a_new_draft_leaves_the_approved_assessment_standing(ready, project, owner, blockers_of, now):
    save_assessment(project=project, actor=Actor.for_user(owner), key="resource_readiness", answers={}, now=now)

    assert blockers_of(ready.stage) == {}


def test_proof_on_a_manual_check_is_shown_and_counts_as_authorship(
    project, owner, holder, stage_of, meet_all, check_of, ask, vote, now
):
    stage, finance = stage_of(project), holder(project, "finance_partner")
    meet_all(stage, by=owner)
    check = check_of(project, "simpler_option")
    services.attach_link(check=check, actor=Actor.for_user(finance), url="https://x.example/o", title="o", now=now)
    review = ask(stage, by=owner)

    with pytest.raises(SeparationOfDuties):
        vote(review, finance, "go")
    assert next(row for row in review.document["checks"] if row["key"] == check.key)["evidence"]


def test_supplying_proof_takes_back_ones_signature_of_the_stage(project, holder, check_of, blockers_of, stage_of, now):
    ops = holder(project, "ops_lead")
    check = check_of(project, "ops_signature")
    services.answer_check(check=check, actor=Actor.for_user(ops), version=1, state="met", now=now)

    services.attach_link(
        check=check_of(project, "monitoring_live"),
        actor=Actor.for_user(ops),
        url="https://m.example",
        title="m",
        now=now,
    )

    assert blockers_of(stage_of(project, "deployment"))["ops_signature"] == "approval_missing"


def test_a_signature_is_taken_back_by_its_signer_or_a_holder_of_the_role(project, contributor, holder, check_of, now):
    check = check_of(project, "ops_signature")
    ops = Actor.for_user(holder(project, "ops_lead"))
    services.answer_check(check=check, actor=ops, version=1, state="met", now=now)

    with pytest.raises(PermissionDenied):
        services.answer_check(check=check, actor=Actor.for_user(contributor), version=2, state="open", now=now)
    assert services.answer_check(check=check, actor=ops, version=2, state="open", now=now).answer == "open"


def test_no_token_confirms_that_a_check_does_not_apply(project, owner, holder, check_of, now):
    check = check_of(project, "simpler_option")
    says = {"state": "not_applicable", "note": "The law asks for it.", "now": now}
    services.answer_check(check=check, actor=Actor.for_user(owner), version=1, **says)
    script = Actor(holder(project, "sponsor"), None, "token", None, "test")

    with pytest.raises(HumanSessionRequired):
        services.answer_check(check=check, actor=script, version=2, **says)


def test_an_archived_project_stands_still(project, owner, holder, check_of, stage_of, in_days, now):
    archive_project(project=project, actor=Actor.for_user(owner), now=now)
    stage, check = stage_of(project), check_of(project, "charter")

    with pytest.raises(ProjectArchived):
        services.schedule_stage(stage=stage, actor=Actor.for_user(owner), version=1, due_on=in_days(9), now=now)
    Membership.objects.filter(project=project, user=owner).update(decide=True)
    with pytest.raises(ProjectArchived):
        services.waive_check(check=check, actor=Actor.for_user(owner), reason="x", until=in_days(9), now=now)


def test_the_plan_of_a_stage_that_is_over_stands(project, owner, pass_gate, stage_of, in_days, now):
    pass_gate(project, by=owner)
    over = stage_of(project, "initiation")

    with pytest.raises(StageClosed):
        services.schedule_stage(
            stage=over, actor=Actor.for_user(owner), version=over.version, due_on=in_days(9), now=now
        )


def test_status_and_gate_check_tell_the_same_of_a_project_that_ended(make_project, api, owner_of, pass_gate):
    project = make_project("SIX", template="six_step", creator=owner_of)
    for _ in range(6):
        pass_gate(project, by=owner_of)
    client = api(owner_of)

    status = client.get("/api/v1/projects/SIX/status/").json()
    check = client.get("/api/v1/projects/SIX/gates/current/check/").json()

    assert status["state"] == "completed"
    assert (status["sentence"], status["gate"]["verdict"]) == (check["sentence"], check["verdict"])
    assert (check["verdict"], check["ready"], check["blockers"]) == ("pass", True, [])


@pytest.fixture
def owner_of(make_user):
    return make_user("six-owner")


def test_who_opened_an_extraordinary_review_takes_it_back_and_a_contributor_does_not(
    project, owner, contributor, stage_of, ask, now
):
    review = ask(stage_of(project), by=owner, extraordinary=True)

    with pytest.raises(PermissionDenied):
        services.withdraw_review(review=review, actor=Actor.for_user(contributor), now=now)
    assert services.withdraw_review(review=review, actor=Actor.for_user(owner), now=now).state == "withdrawn"


def test_a_put_that_would_move_the_level_is_refused(project, owner, api):
    body = {"name": "New", "objective": "Help people decide", "level": "lean"}

    answer = api(owner).put("/api/v1/projects/RECO/", body, format="json", headers={"If-Match": '"v1"'})

    assert answer.status_code == 400
    assert answer.json()["code"] == "read_only_field"
    assert Project.objects.get().name != "New"


@pytest.mark.parametrize(
    "path",
    [
        "projects/RECO/?bogus=1",
        "projects/RECO/status/?bogus=1",
        "projects/RECO/gates/current/check/?bogus=1",
        "projects/RECO/stages/data/checks/?limit=1",
    ],
)
def test_a_parameter_that_an_endpoint_does_not_take_is_refused(project, owner, api, path):
    answer = api(owner).get(f"/api/v1/{path}")

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


def test_stages_take_the_ordering_that_they_declare(project, owner, api):
    answer = api(owner).get("/api/v1/projects/RECO/stages/?ordering=-position").json()

    assert answer["results"][0]["key"] == "maintenance"


def test_a_metric_that_fails_by_its_interval_names_the_end_that_counts(project, owner, stage_of, now):

    push_metric(
        project=project,
        actor=Actor.for_user(owner),
        metric="data_schema_pass_rate",
        value=99.4,
        low=98.6,
        high=99.9,
        run_id="r1",
        measured_at=now - timedelta(hours=1),
        now=now,
    )
    answer = readiness(stage_of(project, "data"), today=now.date())
    found = next(blocker for blocker in answer.blockers if blocker.check == "schema_checks")

    assert "98.6" in wording.detail(found)
    assert "99.4 measured" in wording.detail(found)
