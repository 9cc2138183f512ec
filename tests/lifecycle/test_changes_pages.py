"""The change lane in the browser: what people see and press."""

import pytest

from lifecycle.models import Change

pytestmark = [pytest.mark.core, pytest.mark.django_db]


def shown(client, url):
    return client.get(url).content.decode()


def test_the_recurring_stage_leads_to_its_changes(in_service, worker, browse, stage_of):
    project = in_service()
    reader = browse(worker)

    for kind in ("gates", "stages"):
        page = shown(reader, f"/projects/{project.key}/{kind}/maintenance/")
        assert "Open a change" in page
        assert f'href="/projects/{project.key}/changes/"' in page
    assert 'id="s-changes"' not in shown(reader, f"/projects/{project.key}/gates/evaluation/")


def test_a_change_is_opened_from_the_page_and_shows_its_checks_as_rows(in_service, worker, browse):
    project = in_service()

    response = browse(worker).post(
        f"/projects/{project.key}/changes/", {"text": "Shorter answers", "prompt": "p2"}, follow=True
    )

    page = response.content.decode()
    assert response.redirect_chain[-1][0] == f"/changes/{Change.objects.get().pk}/"
    assert "2 of 2 checks are to be met again" in page
    assert "p1 →" in page
    assert 'id="check-human_trial"' in page
    assert "Paste a link or drop a file" in page


def test_a_change_without_a_part_is_asked_again(in_service, worker, browse):
    response = browse(worker).post(f"/projects/{in_service().key}/changes/", {"text": "Something"})

    assert response.status_code == 400
    assert "Name at least one part that changes" in response.content.decode()
    assert not Change.objects.exists()


def test_before_the_recurring_stage_the_page_says_when(project, contributor, browse):
    page = shown(browse(contributor), f"/projects/{project.key}/changes/")

    assert "Changes are opened while the project is in a stage that recurs" in page
    assert 'id="open-change"' not in page


def test_who_may_confirm_gets_the_button_once_all_is_met(
    nothing_is_material, in_service, worker, open_change, meet_again, holder, browse
):
    project = in_service("standard")
    change = open_change(project, worker, prompt="p2")
    gatekeeper, url = browse(holder(project, "sponsor")), f"/changes/{change.pk}/"
    assert "Possible once every check above is met again." in shown(gatekeeper, url)
    early = gatekeeper.post(f"{url}confirm/")
    assert early.status_code == 409

    meet_again(change, by=worker)

    assert "a gatekeeper confirms it" in shown(gatekeeper, url)
    assert "You lack the right" in shown(browse(worker), url)
    gatekeeper.post(f"{url}confirm/")
    assert Change.objects.get().state == "confirmed"
    assert "Confirmed." in shown(gatekeeper, url)


def test_a_material_change_is_sent_to_review_from_its_page(in_service, worker, open_change, meet_again, browse):
    project = in_service()
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)
    reader, url = browse(worker), f"/changes/{change.pk}/"
    page = shown(reader, url)
    assert "Ask for a review of these checks" in page
    assert "Confirm the change" not in page

    response = reader.post(f"{url}review/", follow=True)

    assert response.redirect_chain[-1][0] == f"/projects/{project.key}/gates/maintenance/"
    assert "Go to the gate" in shown(reader, url)


def test_the_vote_panel_says_what_a_go_does_to_a_change(
    in_service, worker, open_change, meet_again, ask, stage_of, holder, browse
):
    project = in_service()
    change = open_change(project, worker, prompt="p2")
    meet_again(change, by=worker)
    ask(stage_of(project), by=worker, change=change.pk)

    page = shown(browse(holder(project, "sponsor")), f"/projects/{project.key}/gates/maintenance/")

    assert "The change is confirmed; what runs goes on until the next review." in page


def test_the_opener_withdraws_with_a_reason(in_service, worker, open_change, browse):
    change = open_change(in_service(), worker, prompt="p2")
    reader, url = browse(worker), f"/changes/{change.pk}/"

    assert reader.post(f"{url}withdraw/", {"reason": ""}).status_code == 422
    reader.post(f"{url}withdraw/", {"reason": "Rolled back"})

    page = shown(reader, url)
    assert "It was closed without being confirmed" in page
    assert "Withdraw the change" not in page


def test_a_stale_tick_is_said_again_with_one_click(
    nothing_is_material, in_service, worker, open_change, meet_again, stage_of, browse
):
    project = in_service()
    stage = stage_of(project)
    check = stage.checks.get(key="changes_gated")
    reader = browse(worker)
    reader.post(f"/checks/{check.pk}/answer/", {"state": "met", "version": check.version})
    change = open_change(project, worker, prompt="p2")
    assert "changes_gated" in change.checks

    check.refresh_from_db()
    page = shown(reader, f"/changes/{change.pk}/")
    assert 'value="met"' in page
    reader.post(f"/checks/{check.pk}/answer/", {"state": "met", "version": check.version})

    check.refresh_from_db()
    assert check.subject["prompt"] == "p2"


def test_the_stage_that_passed_offers_the_checks_of_a_change(in_service, worker, open_change, browse):
    project = in_service()
    page = f"/projects/{project.key}/stages/evaluation/"
    assert "Paste a link or drop a file" not in shown(browse(worker), page)

    open_change(project, worker, prompt="p2")

    assert "Paste a link or drop a file" in shown(browse(worker), page)
