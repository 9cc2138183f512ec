"""Templates by the API: exported and imported as YAML, planned without a trace, published by people."""

from typing import Any

import jsonschema
import pytest

from accounts.models import User
from common import strict_yaml
from journal.models import Entry
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.services.templates import edits
from tests.contract import bad_inputs
from tests.fixtures.templates import eight_stage

pytestmark = [pytest.mark.django_db, pytest.mark.core, pytest.mark.usefixtures("frozen")]
HERE = "/api/v1/templates/"
RENAMED = edits.change_template({"name": {"en": "Our way"}})
NEW_CHECK = {
    "key": "toxicity", "kind": "metric", "required": True, "from": "lean", "depends_on": ["model"],
    "on_recycle": "redo", "material": True, "source_state": "default", "text": {"en": "Toxicity is low."},
    "metric": {"key": "hallucination_rate", "operator": "<=", "threshold": 1, "direction": "lower"},
}  # fmt: skip


@pytest.fixture
def editor(api: Any, admin: User) -> Any:
    return api(admin)


def as_yaml(*some: edits.Edit) -> str:
    return strict_yaml.dumps(eight_stage(*some))


def send(client: Any, where: str, text: str, **headers: str) -> Any:
    return client.generic("POST", f"{HERE}{where}/", text, content_type="application/yaml", headers=headers)


def test_what_is_exported_is_imported_and_exported_byte_for_byte(editor: Any, eight: ProcessTemplate) -> None:
    text = editor.get(f"{HERE}eight_stage/versions/1/?format=yaml").content.decode()
    changed = text.replace("en: Eight-stage large-model project", "en: Our way")

    answer = send(editor, "import", changed)

    assert (answer.status_code, answer.headers["ETag"]) == (201, '"v1"')
    assert (answer.json()["version"], answer.json()["state"], answer.json()["name"]) == (2, "draft", "Our way")
    again = editor.get(f"{HERE}eight_stage/versions/2/?format=yaml")
    assert again.content.decode() == changed
    assert again.headers["Content-Type"] == "application/yaml; charset=utf-8"


def test_importing_what_stands_there_writes_nothing(editor: Any, eight: ProcessTemplate) -> None:
    answer = send(editor, "import", as_yaml())

    assert (answer.status_code, answer.json()["version"], answer.json()["state"]) == (200, 1, "published")
    assert eight.versions.count() == 1


def test_a_document_may_come_as_json(editor: Any, eight: ProcessTemplate) -> None:
    answer = editor.post(f"{HERE}import/", eight_stage(RENAMED))

    assert answer.status_code == 201


def test_an_open_draft_is_replaced_with_its_tag_only(editor: Any, draft: TemplateVersion) -> None:
    refused = send(editor, "import", as_yaml(RENAMED))
    replaced = send(editor, "import", as_yaml(RENAMED), **{"If-Match": refused.json()["etag"]})
    stale = send(editor, "import", as_yaml(), **{"If-Match": refused.json()["etag"]})

    assert (refused.status_code, refused.json()["code"], refused.json()["number"]) == (409, "draft_already_open", 2)
    assert (replaced.status_code, replaced.headers["ETag"]) == (201, '"v2"')
    assert stale.status_code == 412


def test_a_wrong_document_is_told_place_by_place(editor: Any, eight: ProcessTemplate) -> None:
    wrong = as_yaml(edits.change_stage("data", {"duration_days": 0}), edits.change_template({"colour": "blue"}))

    answer = send(editor, "import", wrong)

    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, "validation_failed")
    assert {error["pointer"]: error["code"] for error in body["errors"]} == {
        "/colour": "unknown_field",
        "/stages/2/duration_days": "out_of_range",
    }
    assert not TemplateVersion.objects.drafts().exists()


def test_a_draft_is_seen_by_its_editors(editor: Any, api: Any, stranger: User, draft: TemplateVersion) -> None:
    here = f"{HERE}eight_stage/versions/2/"

    assert editor.get(here).headers["ETag"] == '"v1"'
    assert api(stranger).get(here).status_code == 404
    assert [row["version"] for row in editor.get(f"{HERE}?state=draft").json()["results"]] == [2]
    assert api(stranger).get(f"{HERE}?state=draft").json()["results"] == []
    assert {row["state"] for row in editor.get(HERE).json()["results"]} == {"published"}


def test_a_person_publishes_what_was_read(
    editor: Any, api: Any, stranger: User, draft: TemplateVersion, save: Any
) -> None:
    saved = save(draft, RENAMED)
    here = f"{HERE}eight_stage/versions/2/publish/"

    stale = editor.post(here, {}, headers={"If-Match": '"v1"'})
    published = editor.post(here, {"version": saved.version})
    again = editor.post(here, {})

    assert stale.status_code == 412
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert (again.status_code, again.json()["code"]) == (409, "version_is_published")
    assert api(stranger).get(HERE).json()["results"][0]["version"] == 2
    assert api(stranger).post(here, {}).status_code == 403


def test_a_script_plans_and_imports_and_never_publishes(
    token_client: Any, admin: User, stranger: User, eight: ProcessTemplate
) -> None:
    script, reader = token_client(admin, ["templates:plan"]), token_client(admin, ["templates:read"])

    assert send(script, "plan", as_yaml(RENAMED)).status_code == 200
    assert send(reader, "plan", as_yaml(RENAMED)).json()["code"] == "scope_missing"
    assert send(token_client(stranger, ["templates:plan"]), "plan", as_yaml()).json()["code"] == "permission_denied"
    assert send(script, "import", as_yaml(RENAMED)).status_code == 201
    refused = script.post(f"{HERE}eight_stage/versions/2/publish/", {})
    assert refused.json()["code"] == "human_session_required"


def test_a_plan_tells_changes_and_impact_and_leaves_no_trace(editor: Any, make_project: Any) -> None:
    make_project("RED", adopt_at="evaluation", name="The one")
    make_project("DATA", adopt_at="data")
    before = (TemplateVersion.objects.count(), Entry.objects.count())

    answer = send(editor, "plan", as_yaml(edits.add_check("evaluation", NEW_CHECK), edits.move_check("charter", 1)))

    body = answer.json()
    assert (answer.status_code, body["template"], body["from_version"]) == (200, "eight_stage", 1)
    assert [change["change"] for change in body["changes"]] == ["check_reordered", "check_added"]
    assert body["changes"][1]["detail"] == "New in “Model evaluation”: Toxicity is low."
    impact = body["impact"]
    assert (impact["running"], impact["turning_red"]) == (2, 0)
    assert [one["project"] for one in impact["projects"]] == ["RED"]
    assert [(one["check"], one["code"]) for one in impact["projects"][0]["gained"]] == [("toxicity", "metric_missing")]
    assert (TemplateVersion.objects.count(), Entry.objects.count()) == before


def test_the_schema_that_checks_is_served(editor: Any, eight: ProcessTemplate) -> None:
    answer = editor.get(f"{HERE}schema/")

    assert answer.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(answer.json())
    jsonschema.validate(editor.get(f"{HERE}eight_stage/versions/1/").json(), answer.json())


@pytest.mark.parametrize(
    "case", [case for case in bad_inputs.cases() if case["target"] == "template.import"], ids=lambda case: case["id"]
)
def test_a_plan_answers_bad_inputs_as_an_import_does(case: dict[str, Any], editor: Any, db: None) -> None:
    body, _type = bad_inputs._body(case, None)  # type: ignore[arg-type]  # these cases name no things of a world

    answer = editor.generic("POST", f"{HERE}plan/", body, content_type="application/yaml")

    assert (answer.status_code, answer.json()["code"]) == (400, case["expect"]["code"])
