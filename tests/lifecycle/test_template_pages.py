"""Templates in the browser: every piece of a draft by plain forms, its review, publishing, import."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from common import content, strict_yaml
from lifecycle import services
from lifecycle.models import ProcessTemplate, TemplateVersion
from lifecycle.models.format import breaches, canonical
from lifecycle.selectors.templates import known_keys
from lifecycle.services.templates import edits
from projects.models import PortfolioManager
from tests.fixtures.people import Browse, MakeProject
from tests.fixtures.templates import Document, Save, eight_stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HERE = "/templates/eight_stage/draft/"
RENAMED = edits.change_template({"name": {"en": "Our way"}})
NEW_CHECK = {
    "key": "toxicity", "kind": "metric", "required": True, "from": "lean", "depends_on": [], "on_recycle": "redo",
    "material": True, "source_state": "default", "text": {"en": "Toxicity is low."},
    "metric": {"key": "hallucination_rate", "operator": "<=", "threshold": 1, "direction": "lower"},
}  # fmt: skip


@pytest.fixture
def editor(browse: Browse, admin: User) -> Client:
    return browse(admin)


@pytest.fixture
def document(draft: TemplateVersion) -> Callable[[], Document]:
    """What the draft says now."""

    def read() -> Document:
        draft.refresh_from_db()
        return draft.document

    return read


@pytest.fixture
def fill(editor: Client, draft: TemplateVersion) -> Callable[..., HttpResponse]:
    """`fill("stages/data/", name_en="Data")`: the form of this page as it stands, with some fields filled in anew."""

    def send(piece: str, form: str = "form", prefix: str = "", get: str = "", **fields: Any) -> HttpResponse:
        shown = editor.get(f"{HERE}{get or piece}").context[form] if form else None
        data: dict[str, Any] = {"version": TemplateVersion.objects.get(pk=draft.pk).version}
        if shown is not None:
            data = {
                shown.add_prefix(name): value for name, value in shown.initial.items() if value not in (None, False)
            }
        data |= {f"{prefix}-{name}" if prefix else name: value for name, value in fields.items()}
        return editor.post(f"{HERE}{piece}", {name: value for name, value in data.items() if value is not None})

    return send


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def stage(document: Document, key: str) -> Document:
    return next(one for one in document["stages"] if one["key"] == key)


# --- the way in


def test_drafts_are_listed_for_those_who_edit_them(
    editor: Client, browse: Browse, stranger: User, save: Save, draft: TemplateVersion
) -> None:
    save(draft, RENAMED)

    assert "Our way" in text(editor.get("/templates/"))
    assert "Our way" not in text(browse(stranger).get("/templates/"))
    assert browse(stranger).get(HERE).status_code == 404


def test_a_draft_is_begun_once_and_opened_again(editor: Client, eight: ProcessTemplate) -> None:
    first, second = (editor.post(f"{HERE}start/", follow=True) for _time in range(2))

    assert first.redirect_chain == second.redirect_chain == [(HERE, 302)]
    assert "This draft was open already." in text(second)
    assert eight.versions.drafts().count() == 1


def test_who_does_not_edit_templates_reads_them_only(browse: Browse, stranger: User, eight: ProcessTemplate) -> None:
    reader = browse(stranger)

    assert "Edit a draft" not in text(reader.get("/templates/eight_stage/"))
    assert reader.post(f"{HERE}start/").status_code == 403
    assert [reader.get(f"/templates/{page}/").status_code for page in ("new", "import")] == [403, 403]


def test_a_new_template_is_a_draft(editor: Client, process_templates: None) -> None:
    given = {"name_zh": "我们的流程", "key": "ours", "source": "six_step"}
    answer = editor.post("/templates/new/", given, follow=True)

    assert answer.redirect_chain == [("/templates/ours/draft/", 302)]
    assert TemplateVersion.objects.get(template__key="ours").document["name"] == {"zh": "我们的流程"}
    # The other language falls back, marked.
    assert '<span lang="zh-Hans">需求' not in text(editor.get("/templates/ours/draft/"))
    taken = editor.post("/templates/new/", {**given, "key": "eight_stage"})
    assert (taken.status_code, "A template with this key exists." in text(taken)) == (422, True)


# --- pieces


def test_the_templates_data_is_saved(fill: Any, document: Callable[[], Document]) -> None:
    answer = fill("data/", get="?", name_en="Our way", default_level="lean", not_for_tags=["public_cn"])

    assert answer.status_code == 302
    saved = document()
    assert (saved["name"]["en"], saved["not_for_tags"]) == ("Our way", ["public_cn"])
    assert [level["key"] for level in saved["levels"] if level["default"]] == ["lean"]


def test_words_of_levels_decisions_and_rules_are_saved(editor: Client, draft: TemplateVersion, document: Any) -> None:
    data = {"decisions-hold-version": 1, "decisions-hold-name_en": "Wait", "decisions-hold-help_en": "Later."}
    page = editor.get(f"{HERE}words/").context["sections"][1]["rows"][2]["form"]
    data["decisions-hold-seen"] = page.initial["seen"]

    answer = editor.post(f"{HERE}words/decisions/hold/", data)

    assert answer.status_code == 302
    assert document()["decisions"][2]["name"] == {"en": "Wait"}
    assert editor.post(f"{HERE}words/decisions/nothing/", data).status_code == 404
    assert editor.post(f"{HERE}words/stages/data/", data).status_code == 404


def test_a_stage_is_added_changed_moved_and_removed(fill: Any, document: Callable[[], Document]) -> None:
    added = fill("stages/new/", name_en="Pilot run", accountable="sponsor", responsible=["ml_lead"])
    assert added.headers["Location"] == f"{HERE}stages/pilot_run/"
    fill("stages/pilot_run/", form="data", name_zh="试点", deliverables_en="Report\nPlan", deliverables_zh="报告")
    fill("stages/pilot_run/move/", form="", step="-1")

    keys = [one["key"] for one in document()["stages"]]
    pilot = stage(document(), "pilot_run")
    assert keys[-3:] == ["pilot_run", "deployment", "maintenance"]
    assert pilot["name"] == {"en": "Pilot run", "zh": "试点"}
    assert pilot["deliverables"] == [{"en": "Report", "zh": "报告"}, {"en": "Plan"}]
    assert pilot["raci"] == {"responsible": ["ml_lead"], "accountable": "sponsor"}
    assert breaches(document(), known_keys()) == []

    fill("stages/pilot_run/remove/", form="")
    assert "pilot_run" not in [one["key"] for one in document()["stages"]]


def test_a_stage_that_recurs_no_longer_says_so_at_its_gate_either(fill: Any, document: Callable[[], Document]) -> None:
    fill("stages/maintenance/", form="data", recurring=None)

    last = stage(document(), "maintenance")
    assert "recurring" not in last
    assert "recurring" not in last["gate"]
    assert "cycle_days" not in last


def test_a_gate_and_who_decides_it_are_saved(fill: Any, document: Callable[[], Document]) -> None:
    fill("stages/data/gate/", "gate", "gate", "stages/data/", question_en="Fit?", return_to=["requirements"],
         called_go_en="Use it")  # fmt: skip
    fill("stages/data/gate/lean/", form="", prefix="lean", version=2, quorum=2, deciders=["sponsor", "data_owner"],
         must_include=["sponsor"], separation=["owner_cannot_decide"], seen=seen_of(document(), "lean"))  # fmt: skip

    gate = stage(document(), "data")["gate"]
    assert (
        gate["question"] == {"en": "Fit?", "zh": "这些数据是否合法、有代表性且质量达标？"}
        or gate["question"]["en"] == "Fit?"
    )
    assert (gate["return_to"], gate["decision_names"]) == (["requirements"], {"go": {"en": "Use it"}})
    assert gate["levels"]["lean"] == {
        "quorum": 2,
        "deciders": ["sponsor", "data_owner"],
        "must_include": ["sponsor"],
        "separation": ["submitter_cannot_decide", "one_person_one_vote", "owner_cannot_decide"],
    }


def seen_of(document: Document, level: str) -> str:
    from lifecycle.forms.templates import RulesForm  # noqa: PLC0415

    return str(RulesForm.initial_of(stage(document, "data")["gate"]["levels"][level])["seen"])


NEW: dict[str, dict[str, Any]] = {
    "manual": {},
    "evidence": {"depends_on": ["dataset"]},
    "metric": {
        "metric": "task_quality",
        "threshold": "82.5",
        "slice": "women",
        "min_sample": "100",
        "baseline": "relative",
    },
    "risk": {"categories": ["legal"], "level": "high", "rescored_within_days": "30"},
    "assessment": {"assessment": "ethics_review"},
    "approval": {"role": "sponsor"},
}
ASKED: dict[str, dict[str, Any]] = {
    "manual": {"depends_on": []},
    "evidence": {"depends_on": ["dataset"]},
    "metric": {
        "metric": {
            "key": "task_quality", "operator": ">=", "threshold": 82.5, "direction": "higher", "slice": "women",
            "min_sample": 100, "baseline": {"change": "relative"},
        },
        "source_state": "default",
    },
    "risk": {"criterion": {"categories": ["legal"], "level": "high", "rescored_within_days": 30}, "depends_on": []},
    "assessment": {"assessment": "ethics_review"},
    "approval": {"role": "sponsor", "on_recycle": "redo"},
}  # fmt: skip


@pytest.mark.parametrize("kind", NEW)
def test_a_check_of_every_kind_is_written(kind: str, editor: Client, draft: TemplateVersion, document: Any) -> None:
    common = {
        "version": 1, "text_en": "It holds up in practice.", "guidance_zh": "请说明。", "from_level": "lean",
        "required": "on", "required_when": ["generative"], "on_recycle": "redo", "source_state": "default",
        "refs": "seed#1\nseed#2",
    }  # fmt: skip

    answer = editor.post(f"{HERE}stages/data/checks/new/?kind={kind}", common | NEW[kind])

    assert answer.status_code == 302, answer.context["form"].errors
    item = stage(document(), "data")["items"][-1]
    assert (item["key"], item["kind"], item["required"], item["from"]) == ("it_holds_up_in", kind, True, "lean")
    assert (item["text"], item["guidance"]) == ({"en": "It holds up in practice."}, {"zh": "请说明。"})
    assert (item["required_when"], item["refs"]) == (["generative"], ["seed#1", "seed#2"])
    assert ASKED[kind].items() <= item.items()
    assert breaches(document(), known_keys()) == []


def test_a_check_becomes_another_kind(fill: Any, document: Callable[[], Document]) -> None:
    fill("checks/charter/?kind=approval", role="sponsor")

    item = stage(document(), "initiation")["items"][0]
    assert (item["kind"], item["role"], item["on_recycle"]) == ("approval", "sponsor", "redo")


def test_a_check_is_moved_and_removed(fill: Any, document: Callable[[], Document]) -> None:
    fill("checks/charter/move/", form="", step="1")
    fill("checks/positioning/move/", form="", stage="data")
    fill("checks/use_screening/remove/", form="")

    assert [item["key"] for item in stage(document(), "initiation")["items"]][:3] == [
        "simpler_option",
        "charter",
        "budget_plan",
    ]
    assert stage(document(), "data")["items"][-1]["key"] == "positioning"


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "text in no language": ("checks/charter/", {"text_en": "", "text_zh": ""}, "text_en"),
    "a line break in a line": ("checks/charter/", {"text_en": "a\nb"}, "text_en"),
    "no limit": ("checks/latency/", {"threshold": ""}, "threshold"),
    "no finite limit": ("checks/latency/", {"threshold": "nan"}, "threshold"),
    "no such metric": ("checks/latency/", {"metric": "x"}, "metric"),
    "no category": ("checks/ethical_risks/", {"any_category": "", "categories": []}, "categories"),
    "no key to be made": ("stages/new/", {"name_zh": "试点", "accountable": "sponsor"}, "key"),
    "a key that stands there": ("stages/new/", {"name_en": "x", "key": "data", "accountable": "sponsor"}, "key"),
    "a stage without length": ("stages/data/", {"duration_days": "0"}, "duration_days"),
    "a cycle without days": ("stages/maintenance/", {"cycle_days": ""}, "cycle_days"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_stands_at_its_field(case: str, fill: Any, draft: TemplateVersion) -> None:
    piece, fields, field = REFUSED[case]
    form = "data" if piece.startswith("stages/") and piece != "stages/new/" else "form"

    answer = fill(piece, form, **fields)

    assert answer.status_code in {400, 422}
    assert list(answer.context[form].errors) == [field]
    assert TemplateVersion.objects.get(pk=draft.pk).version == 1


def test_nobody_decides_is_refused(editor: Client, draft: TemplateVersion) -> None:
    data = {"lean-version": 1, "lean-quorum": 1, "lean-must_include": ["sponsor"]}
    answer = editor.post(f"{HERE}stages/data/gate/lean/", data)

    form = next(level["form"] for level in answer.context["levels"] if level["key"] == "lean")
    assert (answer.status_code, set(form.errors)) == (422, {"deciders", "must_include"})


# --- two editors


def test_two_who_change_different_pieces_are_in_nobodys_way(
    fill: Any, save: Save, draft: TemplateVersion, editor: Client, document: Any
) -> None:
    shown = editor.get(f"{HERE}checks/charter/").context["form"]
    save(draft, edits.change_stage("data", {"duration_days": 31}))
    data = {name: value for name, value in shown.initial.items() if value not in (None, False)}

    answer = editor.post(f"{HERE}checks/charter/", {**data, "text_en": "Mine."})

    assert answer.status_code == 302
    assert stage(document(), "data")["duration_days"] == 31
    assert stage(document(), "initiation")["items"][0]["text"]["en"] == "Mine."


def test_two_who_change_the_same_piece_see_both_texts(
    save: Save, draft: TemplateVersion, editor: Client, document: Any
) -> None:
    shown = editor.get(f"{HERE}checks/charter/").context["form"]
    theirs = {**stage(draft.document, "initiation")["items"][0], "text": {"en": "Theirs."}}
    save(draft, edits.change_check("charter", theirs))
    mine = {name: value for name, value in shown.initial.items() if value not in (None, False)} | {"text_en": "Mine."}

    refused = editor.post(f"{HERE}checks/charter/", mine)
    form = refused.context["form"]
    again = editor.post(
        f"{HERE}checks/charter/", {**mine, "version": form["version"].value(), "seen": form["seen"].value()}
    )

    assert refused.status_code == 412
    assert "Theirs." in text(refused)
    assert form["text_en"].value() == "Mine."
    assert again.status_code == 302
    assert stage(document(), "initiation")["items"][0]["text"]["en"] == "Mine."


def test_a_button_of_an_older_page_says_so(
    fill: Any, save: Save, draft: TemplateVersion, editor: Client, document: Any
) -> None:
    save(draft, RENAMED)

    answer = editor.post(f"{HERE}stages/data/move/", {"version": 1, "step": "-1"}, follow=True)

    assert "Somebody changed the draft meanwhile." in text(answer)
    assert [one["key"] for one in document()["stages"]][2] == "data"


# --- publishing


def test_what_is_in_the_way_leads_to_where_it_is_mended(editor: Client, save: Save, draft: TemplateVersion) -> None:
    saved = save(draft, edits.move_stage("maintenance", -1))

    page = editor.get(HERE)
    assert [(one["url"], one["where"]) for one in page.context["problems"]] == [
        (f"{HERE}stages/maintenance/#data", "Stage “Maintenance and update”")
    ]
    refused = editor.post(f"{HERE}publish/", {"version": saved.version})
    assert refused.status_code == 400
    assert "disabled" in text(editor.get(f"{HERE}review/"))


def test_the_review_names_whom_it_turns_red_and_publishing_leads_to_the_projects(
    editor: Client, save: Save, draft: TemplateVersion, make_project: MakeProject
) -> None:
    make_project("RED", adopt_at="design", name="Reading Room")
    make_project("CALM", adopt_at="data", name="Calm Sea")
    saved = save(draft, edits.add_check("design", NEW_CHECK))

    review = editor.get(f"{HERE}review/")
    published = editor.post(f"{HERE}publish/", {"version": saved.version}, follow=True)

    assert review.context["impact"].sentence == "1 of 2 running projects would turn red."
    assert "Reading Room" in text(review)
    assert "Calm Sea" not in text(review)
    assert "New in “Model design”: Toxicity is low." in text(review)
    assert published.redirect_chain == [("/templates/eight_stage/projects/", 302)]
    assert "2 of 2 running projects are not on version 2 yet." in text(published)
    assert "/projects/RED/process/?version=2#changes" in text(published)


def test_a_project_that_the_editor_does_not_see_is_counted(
    browse: Browse, make_user: Any, save: Save, draft: TemplateVersion, make_project: MakeProject, project: Any
) -> None:
    make_project("HUSH", adopt_at="design", name="Quiet Place", visibility="private")
    editor = make_user("elsewhere")
    PortfolioManager.objects.create(portfolio=some_portfolio(), user=editor)
    save(draft, edits.add_check("design", NEW_CHECK))

    review = browse(editor).get(f"{HERE}review/")

    assert "Quiet Place" not in text(review)
    assert "1 more that you do not see; 1 would turn red" in text(review)
    assert review.context["impact"].sentence == "1 of 2 running projects would turn red."


def some_portfolio() -> Any:
    from projects.models import Portfolio  # noqa: PLC0415

    found = Portfolio.objects.create(name="Elsewhere")
    Portfolio.objects.filter(pk=found.pk).update(path=f"/{found.pk}/")
    return found


def test_the_review_asks_the_same_for_ten_times_the_projects(
    editor: Client, save: Save, draft: TemplateVersion, make_project: MakeProject
) -> None:
    save(draft, edits.add_check("design", NEW_CHECK))
    counts = []
    for keys in (range(2), range(2, 20)):
        for number in keys:
            make_project(f"P{number}", adopt_at="design")
        editor.get(f"{HERE}review/")
        with CaptureQueriesContext(connection) as queries:
            editor.get(f"{HERE}review/")
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 34


def test_pages_of_a_draft_keep_their_budgets(editor: Client, draft: TemplateVersion) -> None:
    for page, budget in {"": 13, "stages/data/": 11, "checks/charter/": 13, "words/": 11, "review/": 17}.items():
        editor.get(f"{HERE}{page}")
        with CaptureQueriesContext(connection) as queries:
            editor.get(f"{HERE}{page}")
        assert len(queries) <= budget, (page, len(queries))


def test_a_draft_is_thrown_away(editor: Client, draft: TemplateVersion, eight: ProcessTemplate) -> None:
    answer = editor.post(f"{HERE}discard/", {"version": 1}, follow=True)

    assert answer.redirect_chain == [("/templates/", 302)]
    assert eight.versions.count() == 1


def test_earlier_versions_stay_to_be_read(editor: Client, save: Save, draft: TemplateVersion) -> None:
    saved = save(draft, edits.remove_check("charter"))
    editor.post(f"{HERE}publish/", {"version": saved.version})

    assert "The charter states the problem" in text(editor.get("/templates/eight_stage/versions/1/"))
    second = text(editor.get("/templates/eight_stage/versions/2/"))
    assert "was published by Admin" in second
    assert "Gone from “Project initiation”" in second


def test_the_built_in_text_can_be_drafted_where_it_was_not_taken(
    editor: Client, save: Save, draft: TemplateVersion, monkeypatch: pytest.MonkeyPatch, eight: ProcessTemplate
) -> None:
    saved = save(draft, RENAMED)
    editor.post(f"{HERE}publish/", {"version": saved.version})
    newer, built_in = eight_stage(edits.remove_check("charter")), content.document
    monkeypatch.setattr(content, "document", lambda name: newer if name == "eight-stage" else built_in(name))

    assert "Draft the built-in text" in text(editor.get("/templates/eight_stage/"))
    editor.post(f"{HERE}start/", {"source": "built_in"})
    assert eight.versions.drafts().get().document == canonical(newer)


# --- import


def bodies(yaml: str) -> Iterable[dict[str, Any]]:
    yield {"text": yaml}
    yield {"file": SimpleUploadedFile("ours.yaml", yaml.encode())}


@pytest.mark.parametrize("way", [0, 1], ids=["pasted", "picked"])
def test_a_document_is_imported(way: int, editor: Client, eight: ProcessTemplate) -> None:
    given = list(bodies(strict_yaml.dumps(eight_stage(RENAMED))))[way]

    answer = editor.post("/templates/import/", given, follow=True)

    assert answer.redirect_chain == [(HERE, 302)]
    assert eight.versions.drafts().get().document["name"] == {"en": "Our way"}


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("a: &a [x]\nb: *a", "Write each value where it belongs."),
        ("a: b: c", "Line 1, column 5"),
        ("", "Paste a document or choose a file."),
        ("key: x", "/stages"),
        (strict_yaml.dumps(eight_stage(edits.change_stage("data", {"duration_days": 0}))), "/stages/2/duration_days"),
    ],
    ids=["aliases", "malformed", "empty", "shape", "value"],
)
def test_a_document_that_cannot_be_read_says_why_and_stays_in_the_field(
    yaml: str, said: str, editor: Client, eight: ProcessTemplate
) -> None:
    answer = editor.post("/templates/import/", {"text": yaml})

    assert answer.status_code in {400, 422}
    assert said in text(answer)
    assert not TemplateVersion.objects.drafts().exists()


def test_an_open_draft_is_replaced_only_when_told_so(editor: Client, draft: TemplateVersion) -> None:
    yaml = strict_yaml.dumps(eight_stage(RENAMED))

    refused = editor.post("/templates/import/", {"text": yaml})
    replaced = editor.post("/templates/import/", {"text": yaml, "replace": 1})

    assert refused.status_code == 409
    assert "A draft of version 2 is open already." in text(refused)
    assert replaced.status_code == 302
    assert TemplateVersion.objects.get(pk=draft.pk).document["name"] == {"en": "Our way"}


def test_a_text_in_one_language_is_marked_as_the_other(editor: Client, save: Save, draft: TemplateVersion) -> None:
    save(draft, edits.change_stage("data", {"name": {"zh": "数据"}}))

    assert '<span lang="zh-Hans">数据</span>' in text(editor.get(HERE))


def test_a_check_in_one_language_is_marked_where_projects_work_on_it(
    browse: Browse, process_templates: None, admin: User, make_project: MakeProject, now: Any
) -> None:
    charter = {**stage(eight_stage(), "initiation")["items"][0], "text": {"zh": "章程写明问题。"}}
    document = eight_stage(edits.change_template({"key": "ours"}), edits.change_check("charter", charter))
    services.publish_template(document=document, actor=Actor.for_user(admin), now=now)
    make_project("OURS", template="ours")

    for page in ("/projects/OURS/stages/initiation/", "/projects/OURS/gates/initiation/"):
        assert '<span lang="zh-Hans">章程写明问题。</span>' in text(browse(admin).get(page)), page
