"""What the gate page tells its reader: how many votes are still needed, where it goes on, who may decide."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actor import Actor
from accounts.models import User
from lifecycle.models import Check, GateReview, Stage
from lifecycle.services import attach_link
from projects.models import Membership, Project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PROOF = "https://docs.example.org/charter"
Read = Callable[[User, str], str]


@pytest.fixture
def read(client: Client) -> Read:
    """`read(user, "/projects/RECO/")`: the page's body."""

    def get(user: User, url: str) -> str:
        client.force_login(user)
        return client.get(url).content.decode()

    return get


def test_the_sentence_says_how_many_more_votes_are_needed(
    project: Project,
    owner: User,
    holder: Callable[..., User],
    stage_of: Callable[..., Stage],
    meet_all: Callable[..., None],
    ask: Callable[..., GateReview],
    vote: Callable[..., GateReview],
    read: Read,
    api: Callable[..., APIClient],
) -> None:
    def said() -> str:
        return str(api(owner).get("/api/v1/projects/RECO/gates/current/check/").json()["sentence"])

    meet_all(stage_of(project), by=owner)
    review = ask(stage_of(project), by=owner)
    assert said().endswith("; 2 votes are needed.")
    vote(review, holder(project, "risk_officer"), "go")

    assert said().endswith("; 1 more vote is needed.")
    assert "; 1 more vote is needed." in read(owner, "/projects/RECO/gates/initiation/")
    assert "1 more vote is needed" in read(owner, "/projects/RECO/")

    # Enough by number, but the sponsor must be among them.
    vote(review, holder(project, "finance_partner"), "go")
    assert said().endswith("; 1 more vote is needed.")


def test_a_decided_gate_leads_on_to_the_current_one(
    project: Project, owner: User, pass_gate: Callable[..., GateReview], read: Read
) -> None:
    pass_gate(project, by=owner)

    decided = read(owner, "/projects/RECO/gates/initiation/")
    ahead = read(owner, "/projects/RECO/gates/data/")

    door = 'href="/projects/RECO/gates/requirements/">'
    assert "Decided: Go." in decided
    assert f"{door}Go on to “" in decided
    assert f"{door}Go to the current gate, “" in ahead


def test_a_gate_leads_nowhere_once_the_project_is_over(
    project: Project,
    owner: User,
    holder: Callable[..., User],
    stage_of: Callable[..., Stage],
    ask: Callable[..., GateReview],
    vote: Callable[..., GateReview],
    read: Read,
) -> None:
    review = ask(stage_of(project), by=owner, despite_blockers=True)
    for role in ("sponsor", "finance_partner"):
        vote(review, holder(project, role), "kill")

    page = read(owner, "/projects/RECO/gates/initiation/")

    assert "Decided: Kill." in page
    assert "Go on to" not in page


def test_a_gate_that_nobody_can_decide_says_which_votes_are_missing(
    project: Project,
    owner: User,
    holder: Callable[..., User],
    stage_of: Callable[..., Stage],
    meet_all: Callable[..., None],
    ask: Callable[..., GateReview],
    read: Read,
) -> None:
    url = "/projects/RECO/gates/initiation/"
    alone = read(owner, url)
    holder(project, "risk_officer")
    one = read(owner, url)
    meet_all(stage_of(project), by=owner)  # the sponsor signs, the finance partner too
    ask(stage_of(project), by=owner)

    assert "2 votes are needed, and nobody can give one." in alone
    assert "Nobody can give the vote that a go needs: Sponsor." in alone
    assert "Nobody can vote as Finance partner, Risk officer." in alone
    assert "A vote from outside the team is needed" in alone
    assert "2 votes are needed, and 1 person can give one." in one
    assert "Nobody can vote as Finance partner." in one
    assert 'id="lacks"' in alone
    assert 'id="lacks"' not in read(owner, url)


def test_proof_and_ownership_take_a_voter_away(
    project: Project,
    owner: User,
    holder: Callable[..., User],
    check_of: Callable[..., Check],
    read: Read,
    now: datetime,
) -> None:
    people = [holder(project, role) for role in ("sponsor", "finance_partner")]
    assert 'id="lacks"' not in read(owner, "/projects/RECO/gates/initiation/")

    supplier = Actor.for_user(people[0])
    attach_link(check=check_of(project, "charter"), actor=supplier, url=PROOF, title="Charter", now=now)

    page = read(owner, "/projects/RECO/gates/initiation/")
    assert "2 votes are needed, and 1 person can give one. Nobody can give the vote that a go needs: Sponsor." in page


def test_an_upload_that_costs_a_vote_says_so_before(
    make_project: Callable[..., Project],
    make_user: Callable[..., User],
    add_member: Callable[..., Membership],
    check_of: Callable[..., Check],
    read: Read,
    now: datetime,
) -> None:
    project = make_project("STRI", level="regulated", creator=make_user("boss"))
    sponsor = add_member(project, "sam", ["contribute", "decide"], ["sponsor", "project_manager"]).user
    maker = add_member(project, "max", ["contribute"], ["data_lead"]).user
    page, vote, sign = "/projects/STRI/stages/initiation/", "costs you your vote", "your signature at this gate"

    assert vote in read(sponsor, page)
    assert vote in read(sponsor, "/")
    assert vote not in read(maker, page)
    assert vote not in read(User.objects.get(username="boss"), page)
    assert sign in read(sponsor, page)

    check = check_of(project, "charter")
    attach_link(check=check, actor=Actor.for_user(sponsor), url=PROOF, title="Charter", now=now)
    assert vote not in read(sponsor, page)


def test_an_upload_costs_nothing_where_authors_decide(
    make_project: Callable[..., Project], add_member: Callable[..., Membership], read: Read
) -> None:
    project = make_project("LEAN", level="lean")
    voter = add_member(project, "sam", ["contribute", "decide"], ["sponsor"]).user

    assert "Proof from you" not in read(voter, "/projects/LEAN/stages/initiation/")


def test_the_page_asks_twenty_questions_at_most_of_any_reader_before_and_after_the_decision(
    project: Project,
    owner: User,
    holder: Callable[..., User],
    stage_of: Callable[..., Stage],
    meet_all: Callable[..., None],
    ask: Callable[..., GateReview],
    vote: Callable[..., GateReview],
    push_metric: Callable[..., object],
    browse: Callable[[User], Client],
    now: datetime,
) -> None:
    """A gate with measured checks, votes, conditions and a reader who may vote."""
    Stage.objects.filter(process__project=project, key="initiation").update(state="passed", ended_at=now)
    Stage.objects.filter(process__project=project, key="evaluation").update(state="active", started_at=now)
    stage = stage_of(project)
    meet_all(stage, by=owner)
    review = ask(stage, by=owner)
    ethics, officer = holder(project, "ethics_reviewer"), holder(project, "risk_officer")
    sponsor = holder(project, "sponsor")

    def asked(user: User) -> int:
        reader = browse(user)
        reader.get(stage.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(stage.get_absolute_url()).status_code == 200
        return len(queries)

    condition = {"text": "Tell the board.", "owner": owner, "due_on": now.date(), "check": ""}
    vote(review, ethics, "conditional_go", conditions=[condition])
    before = [asked(user) for user in (owner, ethics, officer, sponsor)]
    vote(review, officer, "go")
    assert GateReview.objects.get(pk=review.pk).decision == "conditional_go"

    assert max([*before, *map(asked, (owner, officer))]) <= 20
