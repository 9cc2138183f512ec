"""Moves of level, tags and template version by the API and on the page of the process."""

import copy

import pytest

from accounts.actor import Actor
from common import content
from journal.models import Entry
from lifecycle import services
from lifecycle.models import Check, Process
from lifecycle.models.templates import definition_of
from projects.models import ProjectTag

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def risk_officer(project, holder):
    return holder(project, "risk_officer")


@pytest.fixture
def second_version(process_templates, now):
    """Without the charter, and with one item more in data."""
    document = copy.deepcopy(content.document("eight-stage"))
    initiation, data = document["stages"][0], document["stages"][2]
    initiation["items"] = [item for item in initiation["items"] if item["key"] != "charter"]
    more = {"key": "one_more", "text": {"en": "One more", "zh": "再一项"}}
    data["items"].append({**data["items"][0], **more})
    definition_of.cache_clear()
    yield services.publish_template(document=document, actor=Actor.system("test"), now=now)
    definition_of.cache_clear()


def address(project, name):
    return f"/api/v1/projects/{project.key}/{name}/"


def test_a_script_moves_the_level_and_reads_what_changed(project, risk_officer, api):
    response = api(risk_officer).post(address(project, "level"), {"level": "lean", "reason": "Small"}, format="json")

    told = response.json()
    assert response.status_code == 200, told
    assert (told["level"], told["level_confirmed"], told["dry_run"]) == ("lean", True, False)
    assert told["dropped"]
    assert not told["added"]
    assert {blocker["check"] for blocker in told["blockers_lost"]} <= {*told["dropped"], *told["optional"]}
    assert Process.objects.get(project=project).level == "lean"


def test_a_dry_run_answers_the_same_and_writes_nothing(project, risk_officer, api):
    body, url = {"level": "regulated", "reason": "Large"}, address(project, "level")

    tried = api(risk_officer).post(f"{url}?dry_run=1", body, format="json").json()

    assert tried["dry_run"]
    assert tried["blockers_gained"]
    assert Process.objects.get(project=project).level == "standard"
    assert not Entry.objects.filter(verb="project.level_changed").exists()
    assert api(risk_officer).post(url, body, format="json").json() | {"dry_run": True} == tried


def test_an_open_round_refuses_the_move(project, ready, risk_officer, api):
    response = api(risk_officer).post(address(project, "level"), {"level": "lean", "reason": "Small"}, format="json")

    assert (response.status_code, response.json()["code"]) == (409, "round_is_open")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"level": "heavy", "reason": "x"}, "invalid_choice"),
        ({"level": "lean"}, "required"),
        ({"level": "lean", "reason": " "}, "blank"),
    ],
)
def test_a_level_needs_its_name_and_a_reason(project, risk_officer, api, body, code):
    response = api(risk_officer).post(address(project, "level"), body, format="json")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, code)


def test_a_typing_error_in_dry_run_is_no_move(project, risk_officer, api):
    response = api(risk_officer).post(
        f"{address(project, 'level')}?dryrun=1", {"level": "lean", "reason": "Small"}, format="json"
    )

    assert response.status_code == 400
    assert Process.objects.get(project=project).level == "standard"


def test_a_script_moves_the_version(project, owner, api, second_version):
    url = address(project, "template-version")

    tried = api(owner).post(f"{url}?dry_run=1", {"version": 2}, format="json").json()
    done = api(owner).post(url, {"version": 2, "reason": "It is newer"}, format="json")

    assert (tried["added"], tried["dropped"]) == (["one_more"], ["charter"])
    assert [blocker["check"] for blocker in tried["blockers_lost"]] == ["charter"]
    assert (done.status_code, done.json()["template_version"]) == (200, 2)
    assert api(owner).post(url, {"version": 9}, format="json").json()["errors"][0]["code"] == "not_found"


def test_a_dropped_check_is_nowhere(project, owner, contributor, api, second_version, check_of):
    check = check_of(project, "charter")
    api(owner).post(address(project, "template-version"), {"version": 2}, format="json")

    for url in (f"/api/v1/checks/{check.pk}/", address(project, "checks/charter")):
        assert api(contributor).get(url).status_code == 404
        assert api(contributor).patch(url, {"version": 1, "note": "x"}, format="json").status_code == 404
    listed = api(contributor).get(address(project, "stages/initiation/checks")).json()["results"]
    assert "charter" not in {row["key"] for row in listed}


def test_a_patch_of_the_tags_changes_the_checks(project, owner, api):
    url = f"/api/v1/projects/{project.key}/"
    before = api(owner).get(url).json()

    response = api(owner).patch(
        url, {"version": before["version"], "tags": ["high_risk"], "name": "New"}, format="json"
    )

    assert response.status_code == 200, response.json()
    assert (response.json()["tags"], response.json()["name"]) == (["high_risk"], "New")
    assert response.json()["version"] == before["version"] + 1
    assert Check.objects.asked().filter(stage__process__project=project, key="filing_labels").exists()
    again = api(owner).patch(url, {"version": before["version"], "tags": []}, format="json")
    assert again.status_code == 412


def test_a_put_of_the_tags_changes_the_checks_too(project, owner, api):
    url = f"/api/v1/projects/{project.key}/"
    row = api(owner).get(url).json()

    response = api(owner).put(url, {**row, "tags": ["high_risk"]}, format="json")

    assert response.status_code == 200, response.json()
    assert Check.objects.asked().filter(stage__process__project=project, key="filing_labels").exists()


def test_whoever_confirms_levels_changes_tags_alone(project, risk_officer, contributor, api):
    url = f"/api/v1/projects/{project.key}/"

    with_name = api(risk_officer).patch(url, {"version": 1, "tags": ["high_risk"], "name": "x"}, format="json")
    assert with_name.status_code == 403
    assert api(contributor).patch(url, {"version": 1, "tags": ["high_risk"]}, format="json").status_code == 403
    assert api(risk_officer).patch(url, {"version": 1, "tags": ["high_risk"]}, format="json").status_code == 200
    assert list(ProjectTag.objects.values_list("key", flat=True)) == ["high_risk"]


def test_an_unknown_tag_is_refused(project, owner, api):
    response = api(owner).patch(f"/api/v1/projects/{project.key}/", {"version": 1, "tags": ["nice"]}, format="json")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "not_found")


# --- the page of the process


def page_of(project, query=""):
    return f"/projects/{project.key}/process/{query}"


def test_the_page_counts_each_level_and_says_which_one_stands(project, owner, browse):
    page = browse(owner).get(page_of(project)).content.decode()

    assert "Nobody has confirmed the level yet." in page
    assert "20 required checks" in page
    assert "8 votes" in page
    assert page.count('aria-current="true"><b>Standard') == 1
    assert "?level=" not in page


def test_who_may_move_looks_at_the_change_first(project, risk_officer, browse):
    reader = browse(risk_officer)

    page = reader.get(page_of(project, "?level=lean")).content.decode()

    assert "Moving to Lean" in page
    assert "checks no longer asked for" in page
    assert "Move to Lean" in page
    assert Process.objects.get(project=project).level == "standard"


def test_the_move_is_made_from_the_page(project, risk_officer, browse, owner):
    reader = browse(risk_officer)

    done = reader.post(page_of(project) + "level/", {"level": "lean", "reason": "Small team"}, follow=True)

    assert done.redirect_chain
    assert Process.objects.get(project=project).level_confirmed
    told = browse(owner).get(page_of(project)).content.decode()
    assert "changed the level from standard to lean: Small team" in told


def test_a_move_without_a_reason_is_asked_again(project, risk_officer, browse):
    response = browse(risk_officer).post(page_of(project) + "level/", {"level": "lean", "reason": ""})

    assert response.status_code == 422
    assert "Move to Lean" in response.content.decode()
    assert Process.objects.get(project=project).level == "standard"


def test_an_open_round_is_said_before_anybody_tries(project, ready, risk_officer, browse):
    page = browse(risk_officer).get(page_of(project, "?level=lean")).content.decode()

    assert "The process stands still while a round is open" in page
    assert 'id="move"' not in page


def test_a_newer_version_is_offered_with_what_it_changes(project, owner, contributor, browse, second_version):
    assert "See what version 2 changes" in browse(owner).get(page_of(project)).content.decode()
    assert "?version=" not in browse(contributor).get(page_of(project)).content.decode()

    page = browse(owner).get(page_of(project, "?version=2")).content.decode()
    assert "One more" in page
    assert "All that the new version says otherwise" in page
    browse(owner).post(page_of(project) + "version/", {"version": 2})

    assert Process.objects.get(project=project).template_version.number == 2


def test_tags_change_from_the_page(project, owner, browse):
    reader = browse(owner)

    assert "required" in reader.get(page_of(project, "?retag=1&tags=high_risk")).content.decode()
    given = {"tags": ["high_risk"], "version": project.version}
    response = reader.post(page_of(project) + "tags/", given)

    assert response.status_code == 302
    assert list(ProjectTag.objects.values_list("key", flat=True)) == ["high_risk"]
    stale = reader.post(page_of(project) + "tags/", {"tags": [], "version": project.version})
    assert stale.status_code == 412


@pytest.mark.parametrize("query", ["?level=heavy", "?version=x", "?version=99", "?retag=1&tags=nice", "?level=%00"])
def test_a_wish_for_what_is_not_there_is_refused_in_words(project, portfolio_manager, browse, query):
    response = browse(portfolio_manager).get(page_of(project, query))

    assert response.status_code in {200, 400}
    assert 'id="move"' not in response.content.decode()


def test_stages_and_settings_lead_to_the_process(project, owner, browse):
    for page in ("stages", "settings"):
        assert f'href="{page_of(project)}"' in browse(owner).get(f"/projects/{project.key}/{page}/").content.decode()
