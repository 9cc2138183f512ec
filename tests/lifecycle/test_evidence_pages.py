"""The page of a proof, and the page where a check gets one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from lifecycle import services
from lifecycle.models import Check, CheckEvidence
from projects.models import Project
from records.models import Evidence
from records.services import set_subject, withdraw_evidence

pytestmark = pytest.mark.usefixtures("frozen")
CheckOf = Callable[[Project, str], Check]
Browse = Callable[[User], Client]


@pytest.fixture
def charter(project: Project, owner: User, check_of: CheckOf, now: datetime) -> Evidence:
    actor = Actor.for_user(owner)
    set_subject(project=project, actor=actor, parts={"model": "reco 1.0"}, now=now)
    url = "https://github.com/acme/reco/pull/7"
    return services.attach_link(check=check_of(project, "charter"), actor=actor, url=url, now=now)


def page_of(client: Client, row: Evidence) -> str:
    return " ".join(client.get(f"/evidence/{row.pk}/").content.decode().split())


def test_the_page_tells_what_a_proof_is_and_what_it_serves(
    browse: Browse, charter: Evidence, viewer: User, project: Project, owner: User, now: datetime
) -> None:
    set_subject(project=project, actor=Actor.for_user(owner), parts={"model": "reco 2.0"}, now=now)

    html = page_of(browse(viewer), charter)

    assert "<strong>acme/reco#7.</strong> It proves 1 check." in html
    assert "GitHub" in html
    assert 'href="https://github.com/acme/reco/pull/7"' in html
    assert 'href="/projects/RECO/stages/initiation/#check-charter"' in html
    assert "reco 1.0" in html
    assert "now reco 2.0" in html
    assert "Add a revision" not in html
    assert "Withdraw it" not in html


def test_a_revision_is_added_and_the_older_one_points_to_it(browse: Browse, charter: Evidence, owner: User) -> None:
    client = browse(owner)
    file = SimpleUploadedFile("charter.txt", b"What, for whom, why.")

    moved = client.post(
        f"/evidence/{charter.pk}/revise/",
        {"file": file, "title": "Charter", "effective_on": "2026-03-01", "valid_until": "2026-12-31"},
    )

    fresh = Evidence.objects.get(revises=charter)
    assert moved.headers["Location"] == f"/evidence/{fresh.pk}/"
    assert (fresh.title, fresh.effective_at.date().isoformat(), str(fresh.valid_until)) == (
        "Charter",
        "2026-03-01",
        "2026-12-31",
    )
    new, old = page_of(client, fresh), page_of(client, charter)
    assert fresh.sha256 in new
    assert "revision 2" in new
    assert "A later revision has taken its place." in old
    assert f'href="/evidence/{fresh.pk}/">Go to revision 2' in old
    assert "revised since" in old
    assert "Add a revision" not in old


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"title": "x"}, "Paste a link or choose a file."),
        ({"url": "ftp://x.example/"}, "An address starts with"),
        ({"url": "https://x.example/", "effective_on": "2027-01-01"}, "This day has not come yet."),
        ({"url": "https://x.example/", "valid_until": "2026-02-01"}, "It would end before it begins to hold."),
        ({"url": "https://x.example/", "valid_until": "soon"}, "day"),
    ],
)
def test_a_revision_that_is_refused_keeps_what_was_typed(
    browse: Browse, charter: Evidence, owner: User, said: dict[str, str], words: str
) -> None:
    answer = browse(owner).post(f"/evidence/{charter.pk}/revise/", said)

    assert 400 <= answer.status_code < 500
    assert words in answer.content.decode()
    assert all(value in answer.content.decode() for value in said.values())
    assert Evidence.objects.count() == 1


def test_a_withdrawn_proof_is_struck_and_says_why(
    browse: Browse, charter: Evidence, owner: User, viewer: User, project: Project
) -> None:
    client = browse(owner)
    refused = client.post(f"/evidence/{charter.pk}/withdraw/", {"version": 1, "reason": ""})
    done = client.post(f"/evidence/{charter.pk}/withdraw/", {"version": 1, "reason": "Wrong repository"})

    assert (refused.status_code, done.status_code) == (422, 302)
    html = page_of(browse(viewer), charter)
    assert "<s>acme/reco#7</s> Withdrawn by Owner" in html
    assert "“Wrong repository”" in html
    assert "counts no more" in html
    listed = " ".join(browse(viewer).get("/projects/RECO/records/").content.decode().split())
    assert f'<s><a class="eg-b" href="/evidence/{charter.pk}/">acme/reco#7</a></s>' in listed
    assert "Wrong repository" in listed


def test_withdrawing_a_stale_version_is_refused(browse: Browse, charter: Evidence, owner: User) -> None:
    answer = browse(owner).post(f"/evidence/{charter.pk}/withdraw/", {"version": 7, "reason": "Wrong"})

    assert answer.status_code == 412
    assert Evidence.objects.standing().filter(pk=charter.pk).exists()


def test_a_contributor_withdraws_only_their_own(browse: Browse, charter: Evidence, contributor: User) -> None:
    client = browse(contributor)

    assert "Withdraw it" not in page_of(client, charter)
    assert client.post(f"/evidence/{charter.pk}/withdraw/", {"version": 1, "reason": "x"}).status_code == 403


def test_a_confidential_link_has_no_address_for_who_only_reads(
    browse: Browse, project: Project, owner: User, viewer: User, check_of: CheckOf, now: datetime
) -> None:
    actor, url = Actor.for_user(owner), "https://gitlab.com/acme/hidden-names"
    check = check_of(project, "charter")
    row = services.attach_link(check=check, actor=actor, url=url, title="Names", confidential=True, now=now)

    seen, told = page_of(browse(viewer), row), page_of(browse(owner), row)

    assert "hidden-names" not in seen
    assert "GitLab" not in seen
    assert "hidden-names" in told


def test_a_check_is_proved_with_everything_said(
    browse: Browse, project: Project, owner: User, check_of: CheckOf
) -> None:
    check, client = check_of(project, "charter"), browse(owner)
    said = {"url": "https://x.example/c", "title": "Charter", "model": "reco 3", "confidential": "on"}

    moved = client.post(f"/checks/{check.pk}/proof/add/", said)

    row = Evidence.objects.get()
    assert moved.headers["Location"] == "/projects/RECO/stages/initiation/#check-charter"
    assert (row.subject, row.confidential) == ({"model": "reco 3"}, True)
    assert "Charter" in client.get(f"/checks/{check.pk}/proof/").content.decode()


def test_a_part_that_is_cleared_on_the_form_is_for_none(
    browse: Browse, project: Project, owner: User, check_of: CheckOf, now: datetime
) -> None:
    set_subject(project=project, actor=Actor.for_user(owner), parts={"model": "reco 1", "dataset": "shop 1"}, now=now)
    place = f"/checks/{check_of(project, 'charter').pk}/proof/add/"
    said = {
        "url": "https://x.example/c",
        "title": "Charter",
        "model": "",
        "dataset": "shop 1",
        "prompt": "",
        "code": "",
    }

    browse(owner).post(place, said)
    browse(owner).post(place, {"url": "https://x.example/d", "title": "Other"})

    cleared, unsaid = Evidence.objects.order_by("pk")
    assert cleared.subject == {"dataset": "shop 1"}
    assert unsaid.subject == {"model": "reco 1", "dataset": "shop 1"}


def test_proof_of_the_project_is_offered_found_and_attached(
    browse: Browse, project: Project, owner: User, charter: Evidence, check_of: CheckOf, now: datetime
) -> None:
    client, check = browse(owner), check_of(project, "positioning")
    gone = services.attach_link(
        check=check_of(project, "charter"), actor=Actor.for_user(owner), url="https://x.example/", title="Gone", now=now
    )
    withdraw_evidence(evidence=gone, actor=Actor.for_user(owner), reason="x", version=1, now=now)
    url = f"/checks/{check.pk}/proof/"

    def html(**query: str) -> str:
        return " ".join(client.get(url, query).content.decode().split())

    offered, found, none = html(), html(q="RECO#7"), html(q="nothing")
    moved = client.post(f"{url}add/", {"evidence": charter.pk})

    button = f'name="evidence" value="{charter.pk}"'
    assert button in offered
    assert "Gone" not in offered
    assert button in found
    assert "Nothing is called “nothing”." in none
    assert moved.status_code == 302
    assert CheckEvidence.objects.filter(check_row=check, evidence=charter).exists()
    assert button not in html()


@pytest.mark.parametrize("given", ["999999", "0", "x", "", "9" * 30])
def test_what_the_project_does_not_have_is_not_attached(
    browse: Browse, project: Project, owner: User, check_of: CheckOf, given: str
) -> None:
    answer = browse(owner).post(f"/checks/{check_of(project, 'charter').pk}/proof/add/", {"evidence": given})

    assert answer.status_code == 400
    assert "The project has no such evidence." in answer.content.decode()


def test_evidence_of_another_project_is_not_attached_by_its_number(
    browse: Browse, project: Project, make_project: Any, owner: User, check_of: CheckOf, now: datetime
) -> None:
    other = make_project("SIDE", creator=owner)
    foreign = services.attach_link(
        check=check_of(other, "charter"), actor=Actor.for_user(owner), url="https://x.example/", title="x", now=now
    )

    answer = browse(owner).post(f"/checks/{check_of(project, 'charter').pk}/proof/add/", {"evidence": foreign.pk})

    assert answer.status_code == 400
    assert not CheckEvidence.objects.filter(check_row__stage__process__project=project).exists()


def test_who_only_reads_is_offered_nothing(
    browse: Browse, project: Project, viewer: User, charter: Evidence, check_of: CheckOf
) -> None:
    html = browse(viewer).get(f"/checks/{check_of(project, 'positioning').pk}/proof/").content.decode()

    assert "New proof" not in html
    assert "Attach this one" not in html


def test_the_row_of_a_check_leads_to_its_proof(
    browse: Browse, owner: User, project: Project, charter: Evidence, check_of: CheckOf
) -> None:
    html = browse(owner).get("/projects/RECO/stages/initiation/").content.decode()

    assert f'href="/evidence/{charter.pk}/"' in html
    assert f'href="/checks/{check_of(project, "charter").pk}/proof/"' in html


def test_both_pages_say_what_an_upload_costs(
    browse: Browse, make_project: Any, owner: User, link: Any, add_member: Any, check_of: CheckOf
) -> None:
    project = make_project("REG", level="regulated", creator=owner)
    proof = link(project, "monitoring_live", by=owner)
    client = browse(add_member(project, "head", ["owner"], ["ops_lead"]).user)
    words = "Proof from you costs you your signature at this gate."

    assert words in page_of(client, proof)
    assert words in client.get(f"/checks/{check_of(project, 'monitoring_live').pk}/proof/").content.decode()


def test_only_who_supplied_a_proof_and_the_owner_are_offered_a_revision(
    browse: Browse, charter: Evidence, contributor: User
) -> None:
    client = browse(contributor)

    assert "Add a revision" not in page_of(client, charter)
    answer = client.post(f"/evidence/{charter.pk}/revise/", {"url": "https://x.example/"})

    assert answer.status_code == 403
    assert Evidence.objects.count() == 1


def test_pages_cost_the_same_however_much_there_is(
    browse: Browse, project: Project, owner: User, charter: Evidence, check_of: CheckOf, now: datetime
) -> None:
    client, actor, check = browse(owner), Actor.for_user(owner), check_of(project, "charter")
    paths = (f"/evidence/{charter.pk}/", f"/checks/{check.pk}/proof/", "/projects/RECO/records/")

    def cost(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    few, newest = [cost(path) for path in paths], charter
    for number, key in enumerate(("positioning", "budget_plan", "stakeholder_needs", "intended_use")):
        services.attach_evidence(check=check_of(project, key), actor=actor, evidence=newest, now=now)
        newest = services.revise_with_link(evidence=newest, actor=actor, url=f"https://x.example/{number}", now=now)
        services.attach_link(check=check, actor=actor, url="https://x.example/", title="x", now=now)

    # The older revision's page offers no further one, which costs less.
    paths = (f"/evidence/{newest.pk}/", *paths[1:])
    assert [cost(path) for path in paths] == few
    assert max(few) <= 20


def row_of(answer: Any) -> str:
    """The row of the charter, from its page or from an answer of htmx."""
    html = " ".join(answer.content.decode().split())
    return html[html.index('id="check-charter"') :].partition("</li>")[0]


def test_a_proof_brought_by_mistake_is_withdrawn_on_its_row_and_never_erased(
    browse: Browse, charter: Evidence, project: Project, owner: User, check_of: CheckOf
) -> None:
    client, check = browse(owner), check_of(project, "charter")
    offered = row_of(client.get("/projects/RECO/stages/initiation/"))
    said = {"evidence": charter.pk, "version": charter.version, "reason": "The wrong link"}

    changed = client.post(f"/checks/{check.pk}/evidence/withdraw/", said, headers={"HX-Request": "true"})

    assert f'action="/checks/{check.pk}/evidence/withdraw/"' in offered
    assert "Why “acme/reco#7” proves nothing" in offered
    assert changed.status_code == 200
    assert "acme/reco#7" not in row_of(changed)
    assert "Withdraw proof" not in row_of(changed)
    charter.refresh_from_db()
    assert (charter.withdrawn_by, charter.withdrawn_reason) == (owner, "The wrong link")
    assert "The wrong link" in page_of(client, charter)
    assert CheckEvidence.objects.filter(evidence=charter, check_row=check).exists()


def test_without_scripts_the_row_leads_back_to_where_it_stood(
    browse: Browse, charter: Evidence, project: Project, owner: User, check_of: CheckOf
) -> None:
    check = check_of(project, "charter")
    said = {"evidence": charter.pk, "version": charter.version, "reason": "The wrong link"}

    moved = browse(owner).post(f"/checks/{check.pk}/evidence/withdraw/", said)

    assert moved["Location"] == "/projects/RECO/stages/initiation/#check-charter"


def test_the_row_offers_to_withdraw_what_one_may_withdraw(
    browse: Browse, charter: Evidence, project: Project, contributor: User, check_of: CheckOf, now: datetime
) -> None:
    check = check_of(project, "charter")
    actor = Actor.for_user(contributor)
    mine = services.attach_link(check=check, actor=actor, url="https://docs.example.org/mine", title="Mine", now=now)
    client = browse(contributor)
    others = {"evidence": charter.pk, "version": charter.version, "reason": "Not mine"}

    offered = row_of(client.get("/projects/RECO/stages/initiation/"))
    refused = client.post(f"/checks/{check.pk}/evidence/withdraw/", others, headers={"HX-Request": "true"})

    assert f'name="evidence" value="{mine.pk}"' in offered
    assert f'name="evidence" value="{charter.pk}"' not in offered
    assert refused.status_code == 403
    charter.refresh_from_db()
    assert charter.withdrawn_at is None


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"reason": ""}, 422), ({"version": 9}, 412), ({"evidence": "x"}, 422), ({"evidence": 0}, 422)],
)
def test_a_withdrawal_that_is_refused_on_the_row_says_why_and_keeps_the_reason(
    browse: Browse,
    charter: Evidence,
    project: Project,
    owner: User,
    check_of: CheckOf,
    changes: dict[str, Any],
    status: int,
) -> None:
    check = check_of(project, "charter")
    said = {"evidence": charter.pk, "version": charter.version, "reason": "The wrong link"} | changes

    refused = browse(owner).post(f"/checks/{check.pk}/evidence/withdraw/", said, headers={"HX-Request": "true"})

    assert refused.status_code == status
    assert 'role="alert"' in row_of(refused)
    if status == 412:
        assert "The wrong link</textarea>" in row_of(refused)
    charter.refresh_from_db()
    assert charter.withdrawn_at is None


def test_proof_of_another_check_is_not_withdrawn_from_this_row(
    browse: Browse, charter: Evidence, project: Project, owner: User
) -> None:
    other = Check.objects.filter(stage__process__project=project, kind="evidence").exclude(key="charter")[0]
    said = {"evidence": charter.pk, "version": charter.version, "reason": "The wrong link"}

    assert browse(owner).post(f"/checks/{other.pk}/evidence/withdraw/", said).status_code == 404
