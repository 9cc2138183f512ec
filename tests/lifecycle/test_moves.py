"""A project moves to another level, template version or other tags; nothing decided changes, nothing said is lost."""

import copy

import pytest

from accounts.actor import Actor
from common import content
from common.errors import PermissionDenied, ValidationFailed
from journal.models import Entry
from lifecycle import services
from lifecycle.errors import CurrentStageGone, LevelNotOffered, ProjectNotActive, RoundIsOpen
from lifecycle.models import Check, LimitOverride, Process, Stage, TemplateVersion
from lifecycle.models.definition import LEVELS, parse
from lifecycle.models.templates import definition_of
from lifecycle.selectors import frozen_states, readiness, shown_checks
from projects.models import Project, ProjectTag
from records.models import Evidence

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def risk_officer(project, holder):
    return holder(project, "risk_officer")


@pytest.fixture
def to_level(project, risk_officer, now):
    """`to_level("lean")`, by the risk officer."""

    def move(level, *, by=None, reason="It is smaller than thought."):
        return services.change_level(
            project=project, actor=Actor.for_user(by or risk_officer), level=level, reason=reason, now=now
        )

    return move


@pytest.fixture
def keys_of():
    """`keys_of(project)`: what is asked, by key with whether it is required."""

    def read(project):
        rows = Check.objects.asked().filter(stage__process__project=project, stage__superseded=False)
        return dict(rows.values_list("key", "required"))

    return read


@pytest.fixture
def edition(now):
    """`edition(change)`: publishes the next version of the built-in template, as `change(document)` left it."""

    def publish(change) -> TemplateVersion:
        document = copy.deepcopy(content.document("eight-stage"))
        change(document)
        _tidy(document)
        return services.publish_template(document=document, actor=Actor.system("test"), now=now)

    # A database that gives an id again after a rollback would meet what was read under it before.
    definition_of.cache_clear()
    yield publish
    definition_of.cache_clear()


def _tidy(document):
    """What a template's editor keeps in order by itself: the numbers of stages, and where a gate leads back to."""
    known = [stage["key"] for stage in document["stages"]]
    for order, stage in enumerate(document["stages"], 1):
        stage["order"] = order
        if "return_to" in stage["gate"]:
            stage["gate"]["return_to"] = [key for key in stage["gate"]["return_to"] if key in known]


@pytest.fixture
def to_version(project, owner, now):
    def move(number=2):
        return services.change_version(project=project, actor=Actor.for_user(owner), version=number, now=now)

    return move


def stage_in(document, key):
    return next(stage for stage in document["stages"] if stage["key"] == key)


def item_in(document, stage, key):
    return next(item for item in stage_in(document, stage)["items"] if item["key"] == key)


# --- levels


def test_lean_is_light():
    definition = parse(content.document("eight-stage"))

    required = [item for stage in definition.stages for item in stage.items if item.required_for("lean", ())]
    votes = sum(stage.rules["lean"].quorum for stage in definition.stages)

    assert len(definition.stages) == 8
    assert len(required) <= 20
    assert votes == 8


@pytest.mark.parametrize("level", LEVELS)
def test_a_project_that_moved_to_a_level_asks_what_one_that_began_there_asks(
    project, to_level, keys_of, make_project, level
):
    to_level(level)

    assert keys_of(project) == keys_of(make_project("OTHER", level=level))
    assert [row.level for row in Stage.objects.filter(process__project=project)] == [level] * 8


def test_a_move_says_which_checks_it_adds_drops_and_makes_optional(project, to_level, keys_of):
    before = keys_of(project)

    changed = to_level("lean").changed

    after = keys_of(project)
    assert set(changed.dropped) == before.keys() - after.keys() != set()
    assert set(changed.added) == after.keys() - before.keys() == set()
    assert set(changed.optional) == {key for key in after if before[key] and not after[key]}
    assert changed.required == []
    entry = Entry.objects.get(verb="project.level_changed")
    assert (entry.data["before"], entry.data["after"], entry.data["reason"]) == (
        "standard",
        "lean",
        "It is smaller than thought.",
    )
    assert entry.data["dropped"] == changed.dropped


def test_there_and_back_again_loses_no_answer(project, owner, to_level, keys_of, stage_of, meet_all, now):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    before = readiness(stage_of(project), today=now.date())
    asked, rows = keys_of(project), set(Check.objects.values_list("pk", flat=True))

    to_level("lean")
    assert Check.objects.filter(dropped=True).exists()
    to_level("standard")

    after = readiness(stage_of(project), today=now.date())
    assert keys_of(project) == asked
    assert set(Check.objects.values_list("pk", flat=True)) == rows
    assert {one.check.key: one.state for one in after.checks} == {one.check.key: one.state for one in before.checks}
    assert after.ready


def test_the_blockers_of_the_current_gate_are_compared(project, to_level, blockers_of, stage_of):
    before = blockers_of(stage_of(project))

    move = to_level("regulated")

    after = blockers_of(stage_of(project))
    assert {one["check"] for one in move.gained} == after.keys() - before.keys() != set()
    assert move.lost == ()


def test_a_trial_says_the_same_and_writes_nothing(project, risk_officer, to_level, keys_of, now):
    before, entries = keys_of(project), Entry.objects.count()

    tried = services.tried(lambda: to_level("lean"))

    assert (keys_of(project), Entry.objects.count()) == (before, entries)
    assert Process.objects.get(project=project).level == "standard"
    assert to_level("lean").changed == tried.changed


def test_confirming_the_level_changes_no_check(project, to_level, keys_of):
    before = keys_of(project)

    move = to_level("standard")

    assert move.changed.as_data() == {"added": [], "dropped": [], "required": [], "optional": []}
    assert move.process.level_confirmed
    assert keys_of(project) == before
    assert Entry.objects.filter(verb="project.level_confirmed").count() == 1
    assert to_level("standard").process.level_confirmed
    assert Entry.objects.filter(verb="project.level_confirmed").count() == 1


def test_only_legal_risk_and_the_portfolio_move_the_level(project, to_level, owner, gatekeeper, portfolio_manager):
    for person in (owner, gatekeeper):
        with pytest.raises(PermissionDenied):
            to_level("lean", by=person)

    assert to_level("lean", by=portfolio_manager).process.level == "lean"


def test_a_round_that_is_open_stands_still(project, ready, to_level):
    with pytest.raises(RoundIsOpen):
        to_level("lean")

    assert Process.objects.get(project=project).level == "standard"


def test_a_project_that_ended_is_not_moved(project, to_level):
    Project.objects.filter(pk=project.pk).update(state="killed")

    with pytest.raises(ProjectNotActive):
        to_level("lean")


def test_what_was_decided_stays_as_it_was(
    project, owner, to_level, pass_gate, stage_of, edition, to_version, browse, now
):
    review = pass_gate(project, by=owner)
    decided = stage_of(project, "initiation")
    before = shown_checks(decided, today=now.date(), confidential=True), frozen_states(decided)
    seen = [_main(browse(owner), project, kind) for kind in ("stages", "gates")]

    edition(lambda document: stage_in(document, "initiation")["items"].pop(0))
    to_version()
    to_level("regulated")

    decided = stage_of(project, "initiation")
    assert (decided.ended_version.number, decided.ended_level, decided.level) == (1, "standard", "standard")
    assert (shown_checks(decided, today=now.date(), confidential=True), frozen_states(decided)) == before
    assert [_main(browse(owner), project, kind) for kind in ("stages", "gates")] == seen
    fresh = type(review).objects.get(pk=review.pk)
    assert (fresh.packet, fresh.document, fresh.basis) == (review.packet, review.document, review.basis)
    assert stage_of(project).level == "regulated"


def _main(reader, project, kind):
    """What a page of the first stage says, without what differs each time."""
    page = reader.get(f"/projects/{project.key}/{kind}/initiation/").content.decode()
    return [line for line in page.split("<main")[1].splitlines() if "csrf" not in line]


def test_a_later_move_does_not_restamp_what_ended_before(project, owner, to_level, pass_gate, stage_of):
    pass_gate(project, by=owner)
    to_level("lean")
    to_level("regulated")

    assert stage_of(project, "initiation").level == "standard"


def test_a_second_iteration_marks_what_is_new_as_its_other_checks(
    project, owner, stage_of, meet_all, ask, vote, holder, to_level
):
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    for role in ("sponsor", "finance_partner"):
        vote(review, holder(project, role), "recycle", reason="scope")

    changed = to_level("regulated").changed

    second = stage_of(project)
    assert second.iteration == 2
    added = Check.objects.filter(stage=second, key__in=changed.added)
    assert added
    assert all(check.carried == check.item.on_recycle for check in added)


# --- template versions


def test_a_version_that_asks_the_same_keeps_every_answer(
    project, owner, edition, to_version, keys_of, stage_of, meet_all, now
):
    meet_all(stage_of(project), by=owner)
    asked = keys_of(project)
    edition(lambda document: item_in(document, "initiation", "charter")["text"].update(en="A charter is signed"))

    changed = to_version().changed

    assert changed.as_data() == {"added": [], "dropped": [], "required": [], "optional": []}
    assert keys_of(project) == asked
    answer = readiness(stage_of(project), today=now.date())
    assert answer.ready
    assert answer.of("charter").check.item.text["en"] == "A charter is signed"


def test_an_item_of_another_kind_starts_open_and_its_answer_is_journalled(
    project, contributor, owner, edition, to_version, check_of, now
):
    check = check_of(project, "thresholds_set")
    actor = Actor.for_user(contributor)
    services.answer_check(check=check, actor=actor, version=check.version, state="met", note="All set", now=now)
    edition(lambda document: item_in(document, "requirements", "thresholds_set").update(kind="evidence"))

    changed = to_version().changed

    row = check_of(project, "thresholds_set")
    assert (row.kind, row.answer, row.note) == ("evidence", "open", "All set")
    assert [(was["check"], was["kind"], was["state"]) for was in changed.reopened] == [
        ("thresholds_set", "manual", "met")
    ]
    told = Entry.objects.get(verb="project.template_moved").data["reopened"]
    assert told[0]["answered_by"] == contributor.pk


def test_a_metric_with_another_slice_reads_other_results(project, owner, edition, to_version):
    def change(document):
        item = next(item for stage in document["stages"] for item in stage["items"] if item["kind"] == "metric")
        item["metric"] = {**item["metric"], "slice": "women", "min_sample": 50}

    key = next(
        item.key
        for stage in parse(content.document("eight-stage")).stages
        for item in stage.items
        if item.kind == "metric"
    )
    edition(change)
    to_version()

    check = Check.objects.get(stage__process__project=project, key=key)
    assert (check.slice, check.min_sample) == ("women", 50)


def test_an_item_that_moved_to_another_stage_takes_its_answer_along(
    project, contributor, edition, to_version, check_of, now
):
    check = check_of(project, "thresholds_set")
    services.answer_check(check=check, actor=Actor.for_user(contributor), version=check.version, state="met", now=now)

    def change(document):
        item = item_in(document, "requirements", "thresholds_set")
        stage_in(document, "requirements")["items"].remove(item)
        stage_in(document, "data")["items"].append(item)

    edition(change)
    changed = to_version().changed

    moved = check_of(project, "thresholds_set")
    assert (moved.pk, moved.stage.key, moved.answer) == (check.pk, "data", "met")
    assert (changed.added, changed.dropped) == ([], [])


def test_stages_come_and_go(project, edition, to_version, stage_of):
    def change(document):
        extra = copy.deepcopy(stage_in(document, "data"))
        extra["key"], extra["gate"]["key"] = "procurement", "gate_procurement"
        extra["items"] = [{**extra["items"][0], "key": "vendor_chosen"}]
        gone = stage_in(document, "data")
        document["stages"][document["stages"].index(gone)] = extra

    edition(change)
    changed = to_version().changed

    assert (changed.stages_added, changed.stages_skipped) == (["procurement"], ["data"])
    gone, fresh = stage_of(project, "data"), stage_of(project, "procurement")
    assert (gone.state, gone.version_id, gone.definition.key) == ("skipped", gone.ended_version_id, "data")
    assert (fresh.state, fresh.definition.key) == ("pending", "procurement")
    assert fresh.due_on > fresh.starts_on
    assert list(fresh.checks.values_list("key", flat=True)) == ["vendor_chosen"]


def test_a_stage_that_comes_back_is_taken_up_as_it_was_left(project, contributor, edition, to_version, check_of, now):
    key = content.document("eight-stage")["stages"][2]["items"][0]["key"]
    check = check_of(project, key)
    services.answer_check(check=check, actor=Actor.for_user(contributor), version=1, note="Begun", now=now)
    edition(lambda document: document["stages"].pop(2))

    to_version(2)
    assert Stage.objects.get(pk=check.stage_id).state == "skipped"
    changed = to_version(1).changed

    stage = Stage.objects.get(pk=check.stage_id)
    assert (stage.state, stage.ended_at, stage.ended_version_id) == ("pending", None, None)
    assert changed.stages_added == [stage.key]
    assert check_of(project, key).note == "Begun"
    assert Stage.objects.filter(process__project=project).count() == 8


def test_the_way_goes_on_past_a_skipped_stage(project, owner, edition, to_version, pass_gate, stage_of):
    edition(lambda document: document["stages"].pop(1))
    to_version()

    pass_gate(project, by=owner)

    assert stage_of(project).key == "data"
    assert stage_of(project, "requirements").state == "skipped"


def test_a_stage_that_is_new_behind_the_project_is_skipped(project, owner, edition, to_version, pass_gate, stage_of):
    pass_gate(project, by=owner)

    def change(document):
        extra = copy.deepcopy(document["stages"][0])
        extra["key"], extra["gate"]["key"] = "idea", "gate_idea"
        extra["items"] = [{**extra["items"][0], "key": "idea_written"}]
        document["stages"].insert(0, extra)

    edition(change)
    to_version()

    assert stage_of(project, "idea").state == "skipped"
    assert (stage_of(project).key, stage_of(project).position) == ("requirements", 3)


def test_a_version_without_the_current_stage_is_refused(project, edition, to_version, keys_of):
    edition(lambda document: document["stages"].pop(0))
    before = keys_of(project)

    with pytest.raises(CurrentStageGone):
        to_version()

    assert keys_of(project) == before


def test_a_version_without_the_level_is_refused(project, edition, to_version):
    def change(document):
        lean, _standard, regulated = document["levels"]
        document["levels"] = [lean, {**regulated, "order": 2, "default": True}]
        for stage in document["stages"]:
            del stage["gate"]["levels"]["standard"]
            for item in stage["items"]:
                item["from"] = item["from"].replace("standard", "regulated")

    edition(change)

    with pytest.raises(LevelNotOffered):
        to_version()


def test_a_version_that_does_not_exist_is_refused(to_version):
    with pytest.raises(ValidationFailed):
        to_version(9)


def test_owner_and_portfolio_move_the_version(project, edition, to_version, contributor, portfolio_manager, now):
    edition(lambda document: document["stages"].pop(7))

    with pytest.raises(PermissionDenied):
        services.change_version(project=project, actor=Actor.for_user(contributor), version=2, now=now)
    move = services.change_version(project=project, actor=Actor.for_user(portfolio_manager), version=2, now=now)

    assert move.process.template_version.number == 2


# --- tags


def test_tags_that_change_the_project_change_its_checks(project, owner, now, keys_of, make_project):
    expected = keys_of(make_project("OTHER", tags=["high_risk", "personal_data"]))

    services.change_project(
        project=project, actor=Actor.for_user(owner), version=1, tags=["high_risk", "personal_data"], now=now
    )

    assert keys_of(project) == expected
    entry = Entry.objects.get(verb="project.tags_changed")
    assert entry.data["after"]["tags"] == ["high_risk", "personal_data"]
    assert entry.data["added"]


def test_a_confirmed_level_locks_the_tags_for_the_owner(project, owner, risk_officer, to_level, now):
    to_level("standard")
    project.refresh_from_db()

    def tag(person):
        services.change_project(
            project=project, actor=Actor.for_user(person), version=project.version, tags=["generative"], now=now
        )

    with pytest.raises(PermissionDenied):
        tag(owner)
    tag(risk_officer)

    assert list(ProjectTag.objects.filter(project=project).values_list("key", flat=True)) == ["generative"]


def test_the_same_tags_change_nothing(project, owner, now):
    services.change_project(project=project, actor=Actor.for_user(owner), version=1, tags=[], name="Renamed", now=now)

    assert not Entry.objects.filter(verb="project.tags_changed").exists()
    assert Project.objects.get(pk=project.pk).name == "Renamed"


def test_dropped_checks_keep_their_proof(project, contributor, to_level, stage_of, check_of, now):
    document = parse(content.document("eight-stage"))
    key = next(
        item.key
        for item in document.by_key["data"].items
        if item.kind == "evidence" and item.applies_to("standard", ()) and not item.applies_to("lean", ())
    )
    services.attach_link(
        check=check_of(project, key),
        actor=Actor.for_user(contributor),
        url="https://docs.example.org/",
        title="Proof",
        now=now,
    )

    to_level("lean")
    assert key not in {
        row["key"] for row in shown_checks(stage_of(project, "data"), today=now.date(), confidential=True)
    }
    to_level("standard")

    row = next(
        row for row in shown_checks(stage_of(project, "data"), today=now.date(), confidential=True) if row["key"] == key
    )
    assert [proof["title"] for proof in row["evidence"]] == ["Proof"]
    assert Evidence.objects.count() == 1


# --- limits of the project's own


@pytest.fixture
def own_limit(project, owner, now):
    """A limit of the project's own, one better than the template's; the item it limits."""
    items = parse(content.document("eight-stage")).by_key["evaluation"].items
    metric = next(item for item in items if item.kind == "metric")
    services.set_limit(
        process=Process.objects.get(project=project),
        check_key=metric.key,
        threshold=metric.criterion["threshold"] + better(metric),
        reason="Ours",
        actor=Actor.for_user(owner),
        now=now,
    )
    return metric


def better(metric):
    return 1 if metric.criterion["operator"] == ">=" else -1


def test_a_stricter_limit_of_ones_own_outlives_a_move_that_keeps_the_measure(own_limit, edition, to_version):
    edition(lambda document: item_in(document, "evaluation", own_limit.key)["text"].update(en="Said anew"))

    assert to_version().changed.limits_ended == []
    assert LimitOverride.objects.standing().count() == 1


def test_a_limit_of_ones_own_ends_with_what_it_limited(own_limit, edition, to_version):

    def change(document):
        criterion = item_in(document, "evaluation", own_limit.key)["metric"]
        criterion["threshold"] += 2 * better(own_limit)

    edition(change)

    assert to_version().changed.limits_ended == [own_limit.key]
    assert not LimitOverride.objects.standing().exists()
