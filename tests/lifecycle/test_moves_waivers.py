"""What becomes of waivers when a move makes their checks stricter, or something else."""

from functools import partial

import pytest

from accounts.actor import Actor
from journal.models import Entry, Notice
from lifecycle import services
from lifecycle.models import Process, Waiver
from lifecycle.models.definition import parse
from lifecycle.models.templates import definition_of
from lifecycle.selectors import readiness
from lifecycle.selectors.templates import impact_of
from lifecycle.services.templates import edits
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SYSTEM = Actor.system("test")


@pytest.fixture
def waive(check_of, in_days, now):
    def waive(project, key, *people):
        for user in people:
            said = {"reason": "On paper.", "until": in_days(90), "now": now}
            waiver = services.waive_check(check=check_of(project, key), actor=Actor.for_user(user), **said)
        return waiver

    return waive


@pytest.fixture
def state(stage_of, now):
    return lambda project, key: readiness(stage_of(project), today=now.date()).of(key).state


@pytest.fixture
def lean(make_project):
    return make_project("LEAN", level="lean")


@pytest.fixture
def edition(process_templates, now):
    """`edition(edit)`: the built-in process changed, as its next version."""
    definition_of.cache_clear()
    yield lambda edit: services.publish_template(document=eight_stage(edit), actor=SYSTEM, now=now)
    definition_of.cache_clear()


def of_kind(document, kind):
    edits.home_of(document, "charter")["items"][0] |= {"kind": kind}
    assert edits.home_of(document, "charter")["items"][0]["key"] == "charter"


def test_what_one_granted_at_lean_is_asked_of_a_second_one_at_a_stricter_level(
    lean, holder, waive, state, api, in_days, now
):
    officer, sponsor = holder(lean, "risk_officer"), holder(lean, "sponsor")
    alone = waive(lean, "charter", officer)
    move = {"project": lean, "actor": Actor.for_user(officer), "level": "standard", "reason": "It grew.", "now": now}

    tried = services.tried(partial(services.change_level, **move))
    assert (tried.changed.waivers_asked, Waiver.objects.count()) == (["charter"], 1)
    assert "charter" in {blocker["check"] for blocker in tried.gained}
    body = {"level": "standard", "reason": "It grew."}
    shown = api(officer).post("/api/v1/projects/LEAN/level/?dry_run=1", body, format="json").json()
    assert shown["waivers_asked"] == ["charter"]

    services.change_level(**move)

    assert state(lean, "charter") == "open"
    alone.refresh_from_db()
    assert (alone.granted_by, alone.until) == (officer, in_days(90)), "what a decision rested on is not edited"
    asked = Waiver.objects.get(granted_at=None)
    assert (asked.opened_by, asked.reason, asked.until) == (officer, "On paper.", in_days(90))
    entry = Entry.objects.get(verb="project.level_changed")
    assert entry.data["waivers_asked"] == ["charter"]
    told = dict(Notice.objects.filter(entry_seq=entry.seq).values_list("recipient_id", "reason"))
    assert told[sponsor.pk] == "second"

    assert waive(lean, "charter", sponsor).granted_by == sponsor
    assert state(lean, "charter") == "waived"


def test_a_waiver_of_a_check_that_its_tags_make_required_takes_a_second_one(
    project, owner, holder, waive, check_of, now
):
    process = Process.objects.get(project=project)
    key, tag = next(
        (item.key, item.required_when[0])
        for stage in process.definition.stages
        for item in stage.items
        if item.required_when and item.reaches("standard") and not item.required
    )
    project.refresh_from_db()
    waive(project, key, holder(project, "sponsor"))

    services.change_tags(project=project, actor=Actor.for_user(owner), version=project.version, tags=[tag], now=now)

    assert check_of(project, key).required
    assert not Waiver.objects.in_force(now.date()).exists()
    assert Entry.objects.get(verb="project.tags_changed").data["waivers_asked"] == [key]


def test_what_two_granted_stays_at_every_level_and_an_optional_check_needs_one(
    project, holder, waive, state, check_of, now
):
    officer, sponsor = holder(project, "risk_officer"), holder(project, "sponsor")
    waive(project, "charter", sponsor, officer)
    optional = next(one.key for one in check_of(project, "charter").stage.checks.all() if not one.required)
    waive(project, optional, sponsor)

    move = services.change_level(
        project=project, actor=Actor.for_user(officer), level="lean", reason="It shrank.", now=now
    )

    assert (move.changed.waivers_asked, state(project, "charter")) == ([], "waived")


@pytest.mark.parametrize("people", [["sponsor"], ["sponsor", "risk_officer"]])
def test_a_check_of_another_kind_keeps_neither_waiver_nor_request(
    people, project, owner, holder, edition, waive, state, now
):
    waive(project, "charter", *(holder(project, role) for role in people))
    edition(lambda document: of_kind(document, "manual"))

    move = services.change_version(project=project, actor=Actor.for_user(owner), version=2, now=now)

    assert (move.changed.waivers_ended, state(project, "charter")) == (["charter"], "open")
    # Another gatekeeper would ask anew, not grant what was asked about something else.
    again = waive(project, "charter", holder(project, "legal_counsel"))
    assert (again.granted_at, again.reason) == (None, "On paper.")
    assert again.opened_by == holder(project, "legal_counsel")


def test_the_impact_of_a_template_counts_waivers_that_take_a_second_one(project, owner, holder, edition, waive, now):
    key = next(
        item.key for item in Process.objects.get(project=project).definition.stages[0].items if not item.required
    )
    waive(project, key, holder(project, "sponsor"))

    def stricter(document):
        next(item for item in document["stages"][0]["items"] if item["key"] == key)["required"] = True

    found = impact_of(parse(eight_stage(stricter)), actor=SYSTEM, today=now.date())
    [touched] = found.touched
    edition(stricter)
    move = services.change_version(project=project, actor=Actor.for_user(owner), version=2, now=now)

    assert [one["check"] for one in touched.gained] == [key]
    assert [one["check"] for one in move.gained] == [key]
