"""The format of a template's document: its rules, its one spelling, and what differs between two."""

from copy import deepcopy
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from common import content, strict_yaml
from common.canonical import digest
from common.errors import DomainError
from lifecycle import services
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.definition import parse
from lifecycle.models.format import breaches, canonical, flaws
from lifecycle.selectors.templates import changes_between, known_keys
from lifecycle.services.templates import edits
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.django_db, pytest.mark.core]


# --- its rules


BROKEN: dict[str, tuple[edits.Edit, dict[str, str]]] = {
    "a role nobody knows": (
        edits.change_rules(
            "data", "standard",
            {"quorum": 1, "deciders": ["nobody"], "must_include": ["sponsor"], "separation": ["one_person_one_vote"]},
        ),
        {
            "/stages/2/gate/levels/standard/deciders/0": "not_found",
            "/stages/2/gate/levels/standard/must_include/0": "not_found",
            "/stages/2/gate/levels/standard/separation": "required",
        },
    ),
    "somebody asked for where anybody decides": (
        edits.change_rules(
            "data", "lean",
            {"quorum": 1, "deciders": "any", "must_include": ["sponsor"],
             "separation": ["submitter_cannot_decide", "one_person_one_vote"]},
        ),
        {"/stages/2/gate/levels/lean/must_include": "invalid_choice"},
    ),
    "a return to a later stage": (
        edits.change_gate("data", {"return_to": ["training"]}), {"/stages/2/gate/return_to/0": "not_found"}
    ),
    "a stage that recurs and is not the last": (
        edits.change_stage("data", {"recurring": True}),
        {"/stages/2/recurring": "invalid_choice", "/stages/2/cycle_days": "required"},
    ),
    "a cycle that never runs": (
        edits.change_stage("data", {"cycle_days": 5}), {"/stages/2/cycle_days": "invalid_choice"}
    ),
    "a stage named as an address": (
        edits.both(
            edits.change_gate("maintenance", {"return_to": None}), edits.change_stage("data", {"key": "current"})
        ),
        {"/stages/2/key": "invalid_choice"},
    ),
    "a gate named twice": (
        edits.change_gate("data", {"key": "gate_design"}),
        {"/stages/2/gate/key": "not_unique", "/stages/3/gate/key": "not_unique"},
    ),
    "a template named as an address": (edits.change_template({"key": "import"}), {"/key": "invalid_choice"}),
    "two default levels": (edits.change_words("levels", "lean", {"default": True}), {"/levels": "invalid_choice"}),
    "a decision that does something else": (
        edits.change_words("decisions", "hold", {"opens_next": True}), {"/decisions/2/opens_next": "invalid_choice"}
    ),
    "a rule without a name": (
        lambda document: document["separation_rules"].pop(0),
        {f"/stages/{n}/gate/levels/{level}/separation/0": "not_found"
         for n in range(8) for level in ("lean", "standard", "regulated")},
    ),
    "a tag nobody knows": (edits.change_template({"not_for_tags": ["x"]}), {"/not_for_tags/0": "not_found"}),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_rule_that_is_broken_is_named_with_its_place(case, metric_definitions):
    edit, expected = BROKEN[case]
    document = eight_stage(edit)

    assert flaws(document) == []
    assert {error.pointer: error.code for error in breaches(document, known_keys())} == expected


CHECKS: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "unknown metric": ("latency", {"metric": {"key": "x", "operator": "<=", "threshold": 1, "direction": "lower"}},
                       {"metric/key": "not_found"}),
    "against the direction": (
        "latency", {"metric": {"key": "p95_latency_ms", "operator": ">=", "threshold": 1, "direction": "higher"}},
        {"metric/direction": "invalid_choice"}),
    "operator against direction": (
        "latency", {"metric": {"key": "p95_latency_ms", "operator": ">=", "threshold": 1, "direction": "lower"}},
        {"metric/operator": "invalid_choice"}),
    "limit from nowhere": ("latency", {"source_state": None}, {"source_state": "required"}),
    "unknown tag": ("latency", {"required_when": ["generative", "x"]}, {"required_when/1": "not_found"}),
    "risks depend on nothing": ("open_risks", {"depends_on": ["model"]}, {"depends_on": "invalid_choice"}),
    "unknown category": ("open_risks", {"criterion": {"categories": ["x"], "level": "high"}},
                         {"criterion/categories/0": "not_found"}),
    "unknown questionnaire": ("transparency_ok", {"assessment": "x"}, {"assessment": "not_found"}),
    "unknown signer": ("ops_signature", {"role": "x"}, {"role": "not_found"}),
    "signature kept": ("ops_signature", {"on_recycle": "keep"}, {"on_recycle": "invalid_choice"}),
    "key twice": ("latency", {"key": "charter"}, {"key": "not_unique"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CHECKS)
def test_a_check_that_cannot_work_is_named_with_its_place(case, metric_definitions):
    key, fields, expected = CHECKS[case]
    document = eight_stage()
    items = edits.home_of(document, key)["items"]
    place = next(number for number, item in enumerate(items) if item["key"] == key)
    edits.write(items[place], fields)

    assert {error.pointer: error.code for error in breaches(document, known_keys())} == {
        f"/stages/6/items/{place}/{where}": code for where, code in expected.items()
    }


@pytest.mark.parametrize("name", ["eight-stage", "six-step"])
def test_the_built_in_templates_keep_every_rule(name, db):
    document = content.document(name)

    assert flaws(document) == []
    assert breaches(document, known_keys()) == []
    assert canonical(document) == document


def test_an_organisations_own_metric_is_known(db):
    from records.models import MetricDefinition  # noqa: PLC0415

    MetricDefinition.objects.create(key="returns", name={"en": "Returns"}, direction="lower")

    assert known_keys().metrics["returns"] == "lower"


def test_one_language_is_enough_and_the_other_falls_back(process_templates, admin, now):
    document = eight_stage(edits.change_template({"key": "ours", "name": {"zh": "我们的"}, "description": None}))

    draft, _written = services.import_template(document=document, actor=Actor.for_user(admin), now=now)

    assert parse(draft.document).name == {"zh": "我们的"}


# --- one spelling


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip())
)
LINE = st.dictionaries(st.sampled_from(["en", "zh"]), TEXT, min_size=1)
STAGES = [stage["key"] for stage in content.document("eight-stage")["stages"]]
CHECK_KEYS = [item["key"] for stage in content.document("eight-stage")["stages"] for item in stage["items"]]
EDIT = st.one_of(
    st.builds(lambda name: edits.change_template({"name": name}), LINE),
    st.builds(lambda key, name: edits.change_stage(key, {"name": name}), st.sampled_from(STAGES), LINE),
    st.builds(edits.move_stage, st.sampled_from(STAGES), st.sampled_from([-1, 1])),
    st.builds(edits.remove_stage, st.sampled_from(STAGES[:-1])),
    st.builds(edits.send_check, st.sampled_from(CHECK_KEYS), st.sampled_from(STAGES)),
    st.builds(edits.move_check, st.sampled_from(CHECK_KEYS), st.sampled_from([-1, 1])),
    st.builds(edits.remove_check, st.sampled_from(CHECK_KEYS)),
    st.builds(
        lambda key, name, limit: lambda document: edits.home_of(document, key)["items"].append(
            {
                "key": f"m{crc32(str(limit).encode())}", "kind": "metric", "required": True, "from": "lean",
                "depends_on": [], "on_recycle": "redo", "material": False, "text": name, "source_state": "default",
                "metric": {"key": "task_quality", "operator": ">=", "threshold": limit, "direction": "higher"},
            }
        ),
        st.sampled_from(CHECK_KEYS), LINE, st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15),
    ),
)  # fmt: skip


@given(some=st.lists(EDIT, max_size=6))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_exported_imports_and_exports_byte_for_byte(some: list[edits.Edit], db: None) -> None:
    document = eight_stage()
    for edit in some:
        try:
            edit(document)
        except DomainError:
            continue
    stored = TemplateVersion(document=canonical(document), number=1, digest="", template=keep())
    stored.save()
    stored.refresh_from_db()
    first = strict_yaml.dumps(canonical(stored.document))

    again = canonical(strict_yaml.loads(first.encode()))

    assert strict_yaml.dumps(again) == first
    assert digest(again) == digest(stored.document)


def keep() -> ProcessTemplate:
    template, _made = ProcessTemplate.objects.get_or_create(key="kept")
    template.versions.all().delete()
    return template


# --- what changed


def test_changes_are_told_by_key():
    document = eight_stage(
        edits.both(edits.move_stage("data", -1), edits.move_stage("data", -1)),
        edits.change_stage("design", {"name": {"en": "Blueprint"}}),
        edits.add_stage("pilot", {"en": "Pilot"}, {}),
        edits.remove_stage("training"),
        edits.send_check("charter", "design"),
        edits.both(edits.move_check("use_screening", -1), edits.move_check("use_screening", -1)),
        edits.remove_check("positioning"),
        edits.change_check("latency", {**_item("latency"), "required": False}),
        edits.change_rules("design", "lean", {**_rules("design", "lean"), "quorum": 2}),
    )

    changes = changes_between(eight_stage(), document)

    found = {(change.what, change.stage, change.check, change.level) for change in changes}

    gone = {("check_removed", "training", item["key"], "") for item in _stage("training")["items"]}
    assert found == gone | {
        ("stage_moved", "data", "", ""),
        ("stage_changed", "design", "", ""),
        ("stage_added", "pilot", "", ""),
        ("stage_removed", "training", "", ""),
        ("gate_changed", "design", "", "lean"),
        ("gate_changed", "maintenance", "", ""),
        ("check_moved", "design", "charter", ""),
        ("check_reordered", "initiation", "use_screening", ""),
        ("check_removed", "initiation", "positioning", ""),
        ("check_changed", "deployment", "latency", ""),
    }


def test_nothing_changed_is_nothing_told():
    assert changes_between(eight_stage(), eight_stage()) == []


def _stage(key: str) -> dict[str, Any]:
    return next(stage for stage in eight_stage()["stages"] if stage["key"] == key)


def _item(key: str) -> dict[str, Any]:
    return next(item for item in edits.home_of(eight_stage(), key)["items"] if item["key"] == key)


def _rules(stage: str, level: str) -> dict[str, Any]:
    return deepcopy(_stage(stage)["gate"]["levels"][level])
