"""What a change settles is what runs, and how its checks stood then; neither what came before nor what comes after."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from lifecycle import services
from lifecycle.errors import ChangeNotRunning
from lifecycle.models import Change, GateReview
from lifecycle.selectors import differences, readiness, standing_of
from lifecycle.selectors.history import needs_new_review
from records.services import push_metric, set_subject

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def go_back(now):
    """`go_back(project, by=worker)`: what runs is the prompt from before again."""

    def act(project, *, by):
        parts = {"prompt": "p1"}
        set_subject(project=project, actor=Actor.for_user(by), parts=parts, make_current=True, now=now)

    return act


@pytest.fixture
def overtaken(nothing_is_material, in_service, worker, open_change, go_back):
    """A change to another prompt that was taken back behind it; no check is stale for it any more."""
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    go_back(project, by=worker)
    return change


def test_a_change_that_no_longer_runs_is_withdrawn_not_confirmed(overtaken, holder, worker, now):
    officer = Actor.for_user(holder(overtaken.stage.project, "risk_officer"))

    with pytest.raises(ChangeNotRunning) as refusal:
        services.confirm_change(change=overtaken, actor=officer, now=now)

    assert refusal.value.extra["elsewhere"] == [{"part": "prompt", "made": "p2", "value": "p1"}]
    assert not standing_of([Change.objects.with_process().get(pk=overtaken.pk)], today=now.date())[0].ready
    assert services.announce_changes(now=now) == 0
    done = services.withdraw_change(change=overtaken, actor=Actor.for_user(worker), reason="Taken back.", now=now)
    assert done.state == "closed"


def test_no_round_is_asked_about_it(overtaken, ask, worker, stage_of):
    with pytest.raises(ChangeNotRunning):
        ask(stage_of(overtaken.stage.project), by=worker, change=overtaken.pk)

    assert not GateReview.objects.open().exists()


def test_no_round_confirms_what_was_taken_back_while_it_was_open(
    in_service, worker, open_change, ask, vote, holder, stage_of, go_back, meet_again
):
    project = in_service()
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)
    review = ask(stage_of(project), by=worker, change=change.pk)
    go_back(project, by=worker)
    meet_again(change, by=worker)
    sponsor = holder(project, "sponsor")
    with pytest.raises(Exception, match="not counted"):
        vote(review, sponsor, "go")

    with pytest.raises(ChangeNotRunning):
        vote(review, sponsor, "go")

    assert Change.objects.get(pk=change.pk).state == "in_review"
    assert GateReview.objects.get(pk=review.pk).is_open


def test_page_and_api_offer_withdrawal_instead(overtaken, holder, worker, browse, api):
    page = browse(worker).get(f"/changes/{overtaken.pk}/").content.decode()
    refused = browse(holder(overtaken.stage.project, "risk_officer")).post(f"/changes/{overtaken.pk}/confirm/")

    assert "Overtaken." in page
    assert "Prompt: p1" in page
    assert 'id="confirm"' not in page
    assert 'id="review"' not in page
    assert '<details class="eg-fold eg-sec" open>' in page
    assert refused.status_code == 409
    assert "What runs is something else by now" in refused.content.decode()
    told = api(worker).get(f"/api/v1/changes/{overtaken.pk}/").json()
    assert (told["ready"], told["elsewhere"]) == (False, [{"part": "prompt", "value": "p1"}])


# --- what comes after a change is no part of it


@pytest.fixture
def asks_anew(stage_of):
    """`asks_anew(project, at)`: whether the evaluation, passed before the change, asks for a new review."""

    def read(project, at):
        stage = stage_of(project, "evaluation")
        rounds = GateReview.objects.decided().of_gate(stage.process_id, stage.key).filter(change=None)
        answer, gate = readiness(stage, today=at.date()), rounds.get()
        return needs_new_review(gate, stage, differences(gate, answer), answer)

    return read


def worse(change, stage, worker, at):
    """A material metric that the change named is measured again, and it is bad."""
    items = [stage.definition.by_key[key] for key in change.checks if key in stage.definition.by_key]
    rule = next(item.criterion for item in items if item.material and item.kind == "metric")
    value = float(rule["threshold"]) * (0.1 if rule["operator"] == ">=" else 10)
    given = {"metric": rule["key"], "slice": rule.get("slice", ""), "value": value, "run_id": "bad", "n": 100_000}
    push_metric(project=stage.project, actor=Actor.for_user(worker), measured_at=at, now=at, **given)


def test_what_differs_after_a_change_was_decided_asks_for_a_review(
    in_service, worker, open_change, meet_again, stage_of, ask, vote, holder, now, asks_anew
):
    project = in_service()
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)
    vote(ask(stage_of(project), by=worker, change=change.pk), holder(project, "sponsor"), "go")
    assert not asks_anew(project, now)

    later = now + timedelta(days=30)
    worse(change, stage_of(project, "evaluation"), worker, later)

    assert asks_anew(project, later)


def test_a_confirmed_change_keeps_how_its_checks_stood(
    nothing_is_material, in_service, worker, open_change, meet_again, now
):
    change = open_change(in_service(), worker, prompt="p2")
    meet_again(change, by=worker)

    done = services.confirm_change(change=change, actor=Actor.for_user(worker), now=now)

    assert {row["key"]: row["state"] for row in done.basis["checks"]} == dict.fromkeys(change.checks, "met")
