"""The risk pages, as people use them."""

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from projects.models import Project
from risks import services
from risks.models import Assessment, Risk
from tests.fixtures.people import AddMember, Browse, MakeProject
from tests.fixtures.rooms import MakeRisk
from tests.risks.test_assessments import KEY, all_yes

pytestmark = pytest.mark.usefixtures("frozen")
REGISTER, ASSESSMENT = "/projects/RECO/risks/", f"/projects/RECO/assessments/{KEY}/"


def headline(html: str) -> str:
    found = re.search(r'<h1 id="verdict">(.*?)</h1>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1] if found else "")).strip()


def test_the_register_says_what_nobody_accepted(
    browse: Browse, project: Project, contributor: User, viewer: User, make_risk: MakeRisk
) -> None:
    make_risk(project, contributor, 4, 5, title="Bias")
    make_risk(project, contributor, 2, 2, title="Late data")

    html = browse(viewer).get(REGISTER).content.decode()

    assert headline(html) == "1 risk is high or critical, and nobody accepted it. 2 risks are open."
    assert html.index("Bias") < html.index("Late data")
    assert "risk-form" not in html


def test_a_risk_is_taken_from_the_library(browse: Browse, project: Project, contributor: User) -> None:
    client = browse(contributor)

    page = client.get(f"{REGISTER}?library=algorithm_failure", headers={"accept-language": "zh-hans"})
    form = page.context["form"]
    sent = dict(form.initial)
    answer = client.post(f"{REGISTER}new/", sent, headers={"accept-language": "zh-hans"})

    risk = Risk.objects.get()
    assert sent["title"] == "算法失效"
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/risks/{risk.pk}/")
    assert (risk.title, risk.library, risk.inherent["score"]) == ("Algorithm failure", "algorithm_failure", 12)


def test_a_refused_risk_keeps_what_was_typed(browse: Browse, project: Project, contributor: User) -> None:
    answer = browse(contributor).post(
        f"{REGISTER}new/", {"title": "", "category": "legal", "likelihood": "9", "impact": "2", "cause": "typed"}
    )

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "likelihood"}
    assert "typed" in answer.content.decode()
    assert not Risk.objects.exists()


def test_a_risk_page_tells_its_story(
    browse: Browse, project: Project, contributor: User, gatekeeper: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk = make_risk(project, contributor, 4, 4, title="Bias", residual={"likelihood": 2, "impact": 4})
    services.update_risk(
        risk=risk,
        actor=Actor.for_user(contributor),
        version=1,
        now=now,
        current={"likelihood": 3, "impact": 4},
    )

    html = browse(gatekeeper).get(f"/risks/{risk.pk}/").content.decode()

    assert headline(html) == "Bias. 12, High, and nobody has accepted it."
    assert re.findall(r"(Recorded|Scored) <span", html) == ["Scored", "Recorded"]
    assert "Accept the risk" in html


def test_a_risk_is_changed_and_closed(browse: Browse, project: Project, contributor: User, make_risk: MakeRisk) -> None:
    risk, client = make_risk(project, contributor), browse(contributor)
    page = client.get(f"/risks/{risk.pk}/")
    sent = {name: "" if value is None else value for name, value in page.context["form"].initial.items()}

    client.post(f"/risks/{risk.pk}/change/", {**sent, "current_likelihood": "1", "title": "Renamed"})
    risk.refresh_from_db()
    assert (risk.title, risk.current["score"], risk.version) == ("Renamed", 3, 2)

    client.post(f"/risks/{risk.pk}/change/", {"state": "closed", "version": "2"})
    risk.refresh_from_db()
    assert (risk.state, risk.title) == ("closed", "Renamed")


def test_of_two_tabs_the_slower_one_sees_both_values(
    browse: Browse, project: Project, contributor: User, owner: User, make_risk: MakeRisk, now: datetime
) -> None:
    risk = make_risk(project, contributor, title="First")
    services.update_risk(risk=risk, actor=Actor.for_user(owner), version=1, now=now, title="Theirs")

    answer = browse(contributor).post(f"/risks/{risk.pk}/change/", {"title": "Mine", "version": "1"})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Owner changed this" in html
    assert "Mine" in html
    assert "Theirs" in html
    assert Risk.objects.get().title == "Theirs"


def test_a_risk_is_accepted_on_its_page(
    browse: Browse, project: Project, contributor: User, gatekeeper: User, make_risk: MakeRisk
) -> None:
    risk = make_risk(project, contributor, 3, 4)

    refused = browse(contributor).post(f"/risks/{risk.pk}/accept/", {"plan": "watch"})
    answer = browse(gatekeeper).post(f"/risks/{risk.pk}/accept/", {"plan": "watch"})

    assert refused.status_code == 403
    assert "You lack the right to accept risks" in refused.content.decode()
    assert answer.status_code == 302
    assert risk.acceptances.get().accepted_as == "sponsor"


def test_all_risks_shows_only_what_one_may_see(
    browse: Browse,
    project: Project,
    contributor: User,
    stranger: User,
    make_project: MakeProject,
    add_member: AddMember,
    make_risk: MakeRisk,
) -> None:
    make_risk(project, contributor, title="Open to all")
    hidden = make_project("HIDDEN", visibility="private")
    make_risk(hidden, add_member(hidden, "insider").user, title="Secret risk")

    html = browse(stranger).get("/risks/").content.decode()

    assert "Open to all" in html
    assert "Secret risk" not in html


def test_all_risks_are_filtered_by_the_address(
    browse: Browse, project: Project, contributor: User, make_risk: MakeRisk
) -> None:
    make_risk(project, contributor, 5, 5, title="Bias", category="ethical")
    make_risk(project, contributor, 1, 2, title="Typos")
    client = browse(contributor)

    def titles(query: str) -> list[str]:
        return [risk.title for risk in client.get(f"/risks/?{query}").context["risks"]]

    assert titles("level=critical") == titles("category=ethical") == titles("likelihood=5&impact=5") == ["Bias"]
    assert titles("accepted=no&project=RECO") == ["Bias", "Typos"]
    assert titles("state=closed") == titles("owner=nobody") == []
    assert titles("level=nonsense&likelihood=x") == ["Bias", "Typos"]


@pytest.mark.parametrize("url", ["/risks/", REGISTER])
def test_a_list_costs_the_same_however_long(
    browse: Browse, project: Project, contributor: User, make_risk: MakeRisk, url: str
) -> None:
    client = browse(contributor)

    def fill(first: int, last: int) -> int:
        for count in range(first, last):
            make_risk(project, contributor, title=f"Risk {count}", owner=contributor)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    fill(0, 1)
    assert fill(1, 2) == fill(2, 20)


def test_an_assessment_is_filled_in_and_signed_in_the_browser(
    browse: Browse, project: Project, contributor: User, add_member: AddMember
) -> None:
    counsel = add_member(project, "counsel", ["contribute", "decide"], ["legal_counsel"]).user
    officer = add_member(project, "officer", ["contribute", "decide"], ["risk_officer"]).user
    client = browse(contributor)

    assert headline(client.get(ASSESSMENT).content.decode()).endswith("Nobody has answered it yet.")
    client.post(f"{ASSESSMENT}begin/")
    client.post(f"{ASSESSMENT}answers/", {"ta_owner": "yes", "step": "save"})
    assert headline(client.get(ASSESSMENT).content.decode()).endswith("8 questions are open.")

    early = client.post(f"{ASSESSMENT}answers/", {"ta_owner": "yes", "step": "submit"})
    assert early.status_code == 422
    assert len(early.context["form"].errors) == 8

    client.post(f"{ASSESSMENT}answers/", {**all_yes(), "step": "submit"})
    row = Assessment.objects.get()
    assert (row.state, row.passes) == ("submitted", True)
    browse(officer).post(f"{ASSESSMENT}signature/", {"assessment": row.pk})
    page = browse(counsel).get(ASSESSMENT).content.decode()
    assert headline(page).endswith("Passes with 100%; to sign: Legal counsel.")
    assert "Sign as Legal counsel" in page

    browse(counsel).post(f"{ASSESSMENT}signature/", {"assessment": row.pk})
    row.refresh_from_db()
    assert row.state == "approved"


def test_who_may_not_sign_is_told_why(
    browse: Browse, project: Project, contributor: User, gatekeeper: User, now: datetime
) -> None:
    actor = Actor.for_user(contributor)
    row = services.save_assessment(project=project, actor=actor, key=KEY, answers=all_yes(), now=now)
    services.submit_assessment(assessment=row, actor=actor, now=now)

    answer = browse(gatekeeper).post(f"{ASSESSMENT}signature/", {"assessment": row.pk})

    assert answer.status_code == 403
    assert "This assessment is signed by: Risk officer, Legal counsel." in answer.content.decode()


@pytest.mark.parametrize("url", ["/risks/", "/risks/1/", REGISTER, ASSESSMENT])
def test_pages_are_behind_the_sign_in(client: Client, db: None, url: str) -> None:
    assert client.get(url).headers["Location"].startswith("/accounts/login/")


def test_pages_of_private_projects_are_unseen(
    browse: Browse, project: Project, contributor: User, stranger: User, make_risk: MakeRisk
) -> None:
    risk = make_risk(project, contributor)
    Project.objects.filter(pk=project.pk).update(visibility="private")
    client = browse(stranger)

    for url in (REGISTER, ASSESSMENT, f"/risks/{risk.pk}/"):
        assert client.get(url).status_code == 404
    assert client.post(f"/risks/{risk.pk}/accept/", {"plan": "x"}).status_code == 404
