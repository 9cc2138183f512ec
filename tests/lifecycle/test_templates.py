"""Drafts begin, change piece by piece, are published for ever or thrown away."""

from typing import Any

import pytest

from accounts.actor import Actor
from common import content
from common.canonical import digest
from common.errors import NotFound, PermissionDenied, ValidationFailed, VersionMismatch
from journal.models import Entry
from lifecycle import services
from lifecycle.errors import DraftAlreadyOpen, InvalidTemplate, NothingToPublish, VersionIsPublished
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.format import breaches
from lifecycle.selectors.templates import known_keys
from lifecycle.services.templates import edits
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.django_db, pytest.mark.core]
SYSTEM = Actor.system("test")
NAME = {"en": "Our way"}
RENAMED = edits.change_template({"name": NAME})


def entries(verb: str) -> list[dict[str, Any]]:
    return list(Entry.objects.filter(verb=verb).order_by("seq").values_list("data", flat=True))


def errors_of(refused: Any) -> dict[str, str]:
    return {error.pointer: error.code for error in refused.value.errors}


# --- beginning


def test_a_draft_says_what_is_published_and_has_the_next_number(draft, eight, admin):
    published = eight.versions.published().get()

    assert (draft.number, draft.document, draft.digest) == (2, published.document, published.digest)
    assert (draft.is_draft, draft.edited_by) == (True, admin)
    assert entries("template.draft_started") == [{"key": "eight_stage", "number": 2, "digest": draft.digest}]


def test_a_template_has_one_draft(draft, eight, admin, now):
    with pytest.raises(DraftAlreadyOpen) as refused:
        services.start_draft(template=eight, actor=Actor.for_user(admin), now=now)

    assert refused.value.extra == {"number": 2, "etag": '"v1"'}


@pytest.mark.parametrize("who", ["owner", "stranger", "auditor"])
def test_drafts_are_for_those_who_edit_templates(who, eight, now, request):
    person = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        services.start_draft(template=eight, actor=Actor.for_user(person), now=now)


def test_a_portfolio_manager_edits_templates(portfolio_manager, eight, now):
    assert services.start_draft(template=eight, actor=Actor.for_user(portfolio_manager), now=now).number == 2


def test_drafts_are_seen_by_those_who_edit_templates(draft, admin, portfolio_manager, stranger):
    seen = {
        person.username: TemplateVersion.objects.visible_to(Actor.for_user(person)).drafts().exists()
        for person in (admin, portfolio_manager, stranger)
    }

    assert seen == {"admin": True, "portfolio-manager": True, "stranger": False}


def test_a_new_template_begins_with_one_stage_and_can_be_published(process_templates, admin, now):
    draft = services.new_template(key="ours", name=NAME, actor=Actor.for_user(admin), now=now)

    assert (draft.number, draft.template.built_in) == (1, False)
    assert [stage.key for stage in draft.definition.stages] == ["first"]
    assert services.publish_draft(draft=draft, actor=Actor.for_user(admin), now=now).published_by == admin


def test_a_new_template_may_begin_as_a_copy(eight, admin, now):
    source = eight.versions.get()

    draft = services.new_template(key="ours", name=NAME, source=source, actor=Actor.for_user(admin), now=now)

    assert draft.document == {**source.document, "key": "ours", "name": NAME}


@pytest.mark.parametrize(("key", "code"), [("eight_stage", "not_unique"), ("Ours", "invalid_key"), ("", "invalid_key")])
def test_a_new_template_needs_a_key_of_its_own(key, code, process_templates, admin, now):
    with pytest.raises(ValidationFailed) as refused:
        services.new_template(key=key, name=NAME, actor=Actor.for_user(admin), now=now)

    assert errors_of(refused) == {"/key": code}


# --- saving


def test_a_piece_is_saved_and_told(draft, save, admin):
    saved = save(draft, RENAMED)

    assert (saved.document["name"], saved.version, saved.digest) == (NAME, 2, digest(saved.document))
    told = entries("template.edited")[-1]
    assert (told["digest"], told["changes"][0]["change"]) == (saved.digest, "template_changed")


def test_the_published_version_stays_as_it_is_while_its_draft_changes(draft, save, eight):
    save(draft, RENAMED)

    assert eight.versions.published().get().definition.name == content.document("eight-stage")["name"]
    assert TemplateVersion.objects.get(pk=draft.pk).definition.name == NAME


def test_saving_what_stands_there_writes_nothing(draft, save):
    saved = save(draft, edits.change_template({"name": draft.document["name"]}))

    assert saved.version == 1
    assert entries("template.edited") == []


def test_whoever_saw_an_older_draft_is_told(draft, save):
    save(draft, RENAMED)

    with pytest.raises(VersionMismatch):
        save(draft, edits.change_template({"name": {"en": "Theirs"}}), version=1)


def test_a_draft_stays_in_the_format(draft, save):
    with pytest.raises(InvalidTemplate) as refused:
        save(draft, edits.change_stage("data", {"duration_days": 0, "name": {}}))

    assert errors_of(refused) == {"/stages/2/duration_days": "out_of_range", "/stages/2/name": "required"}


def test_a_piece_that_is_gone_is_not_found(draft, save):
    with pytest.raises(NotFound):
        save(draft, edits.change_check("nothing", {}))


def test_stages_change_places_and_are_counted_anew(draft, save):
    saved = save(draft, edits.move_stage("data", -1))

    assert [(stage["key"], stage["order"]) for stage in saved.document["stages"]][:3] == [
        ("initiation", 1),
        ("data", 2),
        ("requirements", 3),
    ]


def test_a_new_stage_stands_before_one_that_recurs(draft, save):
    saved = save(draft, edits.add_stage("pilot", {"en": "Pilot"}, {}))

    assert [stage.key for stage in saved.definition.stages][-2:] == ["pilot", "maintenance"]
    assert breaches(saved.document, known_keys()) == []


def test_a_stage_that_goes_is_no_longer_returned_to(draft, save):
    saved = save(draft, edits.remove_stage("design"))

    assert saved.definition.by_key["maintenance"].return_to == ("requirements", "data", "training")
    assert "design" not in saved.definition.by_key


def test_a_check_goes_to_another_stage_with_all_it_says(draft, save):
    saved = save(draft, edits.send_check("charter", "data"))

    stage, item = saved.definition.find("charter")
    assert (stage.key, item.key) == ("data", stage.items[-1].key)


@pytest.mark.parametrize(
    "edit",
    [edits.add_check("data", {"key": "charter"}), edits.add_stage("data", {"en": "x"}, {})],
    ids=["check", "stage"],
)
def test_a_key_stands_once(edit, draft, save):
    with pytest.raises(ValidationFailed) as refused:
        save(draft, edit)

    assert errors_of(refused) == {"/key": "not_unique"}


# --- publishing


def test_publishing_is_for_ever(draft, save, admin, now, eight):
    published = services.publish_draft(draft=save(draft, RENAMED), actor=Actor.for_user(admin), now=now)

    assert (published.number, published.published_at, published.published_by) == (2, now, admin)
    assert TemplateVersion.objects.newest().get(template=eight) == published
    with pytest.raises(VersionIsPublished):
        save(published, edits.change_template({"name": {"en": "Later"}}))
    with pytest.raises(VersionIsPublished):
        services.discard_draft(draft=published, actor=Actor.for_user(admin), version=published.version, now=now)


def test_new_projects_take_what_is_published(draft, save, admin, now, make_project):
    before = make_project("OLD")
    services.publish_draft(draft=save(draft, RENAMED), actor=Actor.for_user(admin), now=now)

    assert (make_project("NEW").process.template_version.number, before.process.template_version.number) == (2, 1)


def test_publishing_asks_for_every_rule(draft, save, admin, now):
    broken = save(draft, edits.move_stage("maintenance", -1))

    with pytest.raises(InvalidTemplate) as refused:
        services.publish_draft(draft=broken, actor=Actor.for_user(admin), now=now)

    assert errors_of(refused) == {"/stages/6/recurring": "invalid_choice"}


def test_a_draft_that_says_nothing_new_is_not_published(draft, admin, now):
    with pytest.raises(NothingToPublish):
        services.publish_draft(draft=draft, actor=Actor.for_user(admin), now=now)


def test_only_what_was_read_is_published(draft, save, admin, now):
    save(draft, RENAMED)

    with pytest.raises(VersionMismatch):
        services.publish_draft(draft=draft, actor=Actor.for_user(admin), version=1, now=now)


def test_publishing_is_told_with_what_changed(draft, save, admin, now):
    services.publish_draft(draft=save(draft, RENAMED), actor=Actor.for_user(admin), now=now)

    told = entries("template.published")[-1]
    assert (told["number"], [change["change"] for change in told["changes"]]) == (2, ["template_changed"])


def test_a_draft_is_thrown_away(draft, eight, admin, now):
    services.discard_draft(draft=draft, actor=Actor.for_user(admin), version=1, now=now)

    assert eight.versions.count() == 1
    assert entries("template.draft_discarded")[0]["number"] == 2


def test_a_template_that_never_was_published_goes_with_its_draft(process_templates, admin, now):
    draft = services.new_template(key="ours", name=NAME, actor=Actor.for_user(admin), now=now)

    services.discard_draft(draft=draft, actor=Actor.for_user(admin), version=1, now=now)

    assert not ProcessTemplate.objects.filter(key="ours").exists()


# --- the built-in content


def test_an_upgrade_publishes_the_new_text_of_a_template_nobody_edited(eight, now):
    version = services.publish_template(document=eight_stage(RENAMED), actor=SYSTEM, built_in=True, now=now)

    assert (version.number, version.definition.name) == (2, NAME)


def test_an_upgrade_does_not_overwrite_what_an_organisation_published(draft, save, admin, eight, now):
    ours = services.publish_draft(draft=save(draft, RENAMED), actor=Actor.for_user(admin), now=now)

    for document in (eight_stage(), eight_stage(edits.remove_check("charter"))):
        assert services.publish_template(document=document, actor=SYSTEM, built_in=True, now=now) == ours
    assert eight.versions.count() == 2


def test_an_upgrade_leaves_a_draft_its_place_after_the_new_version(draft, now):
    version = services.publish_template(document=eight_stage(RENAMED), actor=SYSTEM, built_in=True, now=now)

    draft.refresh_from_db()
    assert (version.number, draft.number) == (2, 3)


# --- importing


def test_a_document_becomes_the_draft_of_the_next_version(eight, admin, now):
    draft, written = services.import_template(document=eight_stage(RENAMED), actor=Actor.for_user(admin), now=now)

    assert (draft.number, draft.is_draft, written) == (2, True, True)
    assert entries("template.imported")[0]["digest"] == draft.digest


def test_a_document_with_a_new_key_becomes_a_new_template(process_templates, admin, now):
    document = eight_stage(edits.change_template({"key": "ours"}))

    draft, _written = services.import_template(document=document, actor=Actor.for_user(admin), now=now)

    assert (draft.template.key, draft.number, draft.template.built_in) == ("ours", 1, False)


def test_what_stands_there_is_not_imported_again(eight, admin, now):
    standing, written = services.import_template(document=eight_stage(), actor=Actor.for_user(admin), now=now)

    assert (standing.number, written) == (1, False)


def test_an_open_draft_is_replaced_only_by_who_saw_it(draft, save, admin, now):
    actor, document = Actor.for_user(admin), eight_stage(RENAMED)
    save(draft, edits.remove_check("charter"))

    with pytest.raises(DraftAlreadyOpen):
        services.import_template(document=document, actor=actor, now=now)
    with pytest.raises(VersionMismatch):
        services.import_template(document=document, actor=actor, version=1, now=now)
    replaced, _written = services.import_template(document=document, actor=actor, version=2, now=now)
    assert (replaced.pk, replaced.version, replaced.document["name"]) == (draft.pk, 3, NAME)
