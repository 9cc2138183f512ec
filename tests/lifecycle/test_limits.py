"""A project's own limits, their consent and source, and the model that results are compared with."""

import pytest

from accounts.actor import Actor
from common.errors import NotFound, PermissionDenied, ValidationFailed
from lifecycle import selectors, services
from lifecycle.errors import LimitIsFixed, NoLimitProposed
from lifecycle.models import Process
from records.services import push_metric

pytestmark = [pytest.mark.django_db, pytest.mark.core]
LATENCY = "latency"


@pytest.fixture
def process(project):
    return Process.objects.select_related("project").get(project=project)


@pytest.fixture
def set_limit(process, owner, now):
    def act(threshold, check=LATENCY, by=owner, version=None):
        return services.set_limit(
            process=process,
            check_key=check,
            threshold=threshold,
            reason="As agreed.",
            actor=Actor.for_user(by),
            now=now,
            version=version,
        )

    return act


@pytest.fixture
def decide_limit(process, now):
    def act(by, *, agree, check=LATENCY):
        waiting = process.limits.proposed().first()
        return services.decide_limit(
            process=process, check_key=check, proposal=waiting.pk if waiting else 0, agree=agree,
            actor=Actor.for_user(by), now=now,
        )  # fmt: skip

    return act


def default_of(process, check=LATENCY):
    return process.definition.find(check)[1].criterion["threshold"]


def limit_in_force(process, check=LATENCY):
    process.refresh_from_db()
    return selectors.limit_of(process, process.definition.find(check)[1]).threshold


def test_a_stricter_limit_is_in_force_at_once(process, set_limit):
    limit = set_limit(default_of(process) / 2)

    assert limit.in_force_at
    assert limit_in_force(process) == default_of(process) / 2


def test_a_looser_limit_waits_for_a_risk_officer(process, set_limit, decide_limit, holder, project):
    limit = set_limit(default_of(process) * 2)

    assert limit.in_force_at is None
    assert limit_in_force(process) == default_of(process)

    decide_limit(holder(project, "risk_officer"), agree=True)
    assert limit_in_force(process) == default_of(process) * 2


def test_a_declined_limit_is_never_in_force_and_stays_visible(process, set_limit, decide_limit, holder, project):
    set_limit(default_of(process) * 2)

    decide_limit(holder(project, "risk_officer"), agree=False)

    shown = selectors.limit_answer(selectors.limit_of(process, process.definition.find(LATENCY)[1]))
    assert shown["threshold"] == default_of(process)
    assert shown["proposed"] is None
    assert [row["declined_by"] is not None for row in shown["history"]] == [True]


def test_only_a_risk_officer_consents(set_limit, decide_limit, process, holder, project):
    set_limit(default_of(process) * 2)

    with pytest.raises(PermissionDenied):
        decide_limit(holder(project, "sponsor"), agree=True)


def test_nobody_consents_to_their_own_limit(set_limit, decide_limit, process, owner, project, now):
    member = project.memberships.get(user=owner)
    member.functions.create(role="risk_officer", since=now)
    set_limit(default_of(process) * 2)

    with pytest.raises(PermissionDenied):
        decide_limit(owner, agree=True)


def test_nothing_to_consent_to_is_said(decide_limit, holder, project):
    with pytest.raises(NoLimitProposed):
        decide_limit(holder(project, "risk_officer"), agree=True)


def test_a_later_limit_takes_the_place_of_the_one_before(process, set_limit):
    set_limit(default_of(process) / 2)

    set_limit(default_of(process) / 4, version=1)

    found = selectors.limit_of(process, process.definition.find(LATENCY)[1])
    assert found.threshold == default_of(process) / 4
    assert [row.replaced_at is not None for row in found.history] == [True, False]


def test_a_contributor_sets_no_limit(set_limit, contributor, process):
    with pytest.raises(PermissionDenied):
        set_limit(default_of(process) / 2, by=contributor)


def test_limits_stand_still_while_a_round_rests_on_them(make_project, add_member, make_user, ask, stage_of, now):
    project = make_project("LATE", adopt_at="evaluation")
    owner = make_user("late-owner")
    add_member(project, owner, ["owner"])
    ask(stage_of(project), by=owner, despite_blockers=True)
    process = Process.objects.select_related("project").get(project=project)

    with pytest.raises(LimitIsFixed):
        services.set_limit(
            process=process, check_key="primary_quality", threshold=1, reason="x", actor=Actor.for_user(owner), now=now
        )


def test_limits_of_other_gates_may_move_while_a_round_is_open(project, owner, ask, stage_of, set_limit, process):
    ask(stage_of(project), by=owner, despite_blockers=True)

    assert set_limit(default_of(process) / 2).in_force_at


def test_only_a_metric_check_has_a_limit(set_limit):
    with pytest.raises(ValidationFailed):
        set_limit(1, check="charter")
    with pytest.raises(NotFound):
        set_limit(1, check="no_such_check")


def test_counsel_confirms_an_unconfirmed_source(process, project, holder, now):
    item = process.definition.find("corpus_safety")[1]
    counsel = Actor.for_user(holder(project, "legal_counsel"))

    services.confirm_source(process=process, check_key=item.key, reference="5.1", actor=counsel, now=now)

    assert selectors.limit_of(process, item).source_state == "confirmed"
    assert selectors.confirmed_sources(process, [item]) == {item.key}


def test_only_counsel_confirms_a_source(process, owner, now):
    with pytest.raises(PermissionDenied):
        services.confirm_source(
            process=process, check_key="corpus_safety", reference="5.1", actor=Actor.for_user(owner), now=now
        )


def test_a_source_of_our_own_needs_no_confirmation(process, project, holder, now):
    counsel = Actor.for_user(holder(project, "legal_counsel"))

    with pytest.raises(NotFound):
        services.confirm_source(process=process, check_key=LATENCY, reference="5.1", actor=counsel, now=now)


def push(project, by, value, model, now, run):
    actor = Actor.for_user(by)
    return push_metric(
        project=project, actor=actor, now=now, metric="baseline_lift", value=value, run_id=run, measured_at=now,
        subject={"model": model},
    )  # fmt: skip


def test_with_baseline_finds_the_latest_result_of_the_named_model(project, process, contributor, check_of, now):
    from lifecycle.selectors import questions  # noqa: PLC0415 - a question of one test

    push(project, contributor, 3, "legacy 1", now, "r1")
    latest, _new = push(project, contributor, 4, "legacy 1", now, "r2")
    push(project, contributor, 9, "new 2", now, "r3")
    check = check_of(project, "beats_baseline")
    assert questions.baselines_of(checks=[check.pk]) == []

    Process.objects.filter(pk=process.pk).update(baseline_model="legacy 1")

    assert [row.baseline_id for row in questions.baselines_of(checks=[check.pk])] == [latest.pk]
