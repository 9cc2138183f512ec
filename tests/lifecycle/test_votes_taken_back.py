"""A vote ends before its round does: who takes it back, what becomes of the others, and who hears of it."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from common.errors import PermissionDenied
from journal.models import Entry, Notice
from lifecycle import services
from lifecycle.criteria.packs import read_pack, verify_pack
from lifecycle.errors import NoVoteToWithdraw
from lifecycle.models import Vote
from projects import services as projects
from projects.models import Membership

pytestmark = [pytest.mark.core, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def sponsor(project, holder):
    return holder(project, "sponsor")


@pytest.fixture
def finance(project, holder):
    return holder(project, "finance_partner")


@pytest.fixture
def against(project, add_member):
    """Another sponsor: while they vote otherwise, the round does not go."""
    return add_member(project, "other-sponsor", ["decide"], ["sponsor"], team=False).user


@pytest.fixture
def take_back(now):
    def withdraw(review, user, at=None):
        return services.withdraw_vote(review=review, actor=Actor.for_user(user), now=at or now)

    return withdraw


def test_the_votes_that_are_left_decide_the_round(
    ready, project, owner, sponsor, finance, against, vote, take_back, in_days, api, now, stage_of, frozen
):
    vote(ready, against, "hold", until=in_days(4))
    vote(ready, sponsor, "go")
    assert vote(ready, finance, "go").decision == ""
    frozen.at = later = now + timedelta(hours=1)

    review = take_back(ready, against, at=later)

    assert (review.decision, review.decided_at, stage_of(project).key) == ("go", later, "requirements")
    entry = Entry.objects.get(verb="review.decided")
    assert (entry.data["after"], entry.data["packet"]) == ("review.vote_withdrawn", review.packet)
    assert not Entry.objects.filter(verb="review.vote_withdrawn").exists()
    assert Notice.objects.filter(entry_seq=entry.seq, recipient_id=owner.pk).exists()
    pack = read_pack(api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").content)
    assert verify_pack(pack) == []
    pack["votes"][0]["state"], pack["journal"][-1]["data"] = "void", entry.data | {"after": ""}
    assert "decision.decided_at" in {flaw.place for flaw in verify_pack(pack)}


def test_a_conditional_go_is_carried_out_with_the_conditions_that_are_left(
    blocked, owner, sponsor, finance, against, vote, take_back, in_days
):
    charter = {"text": "Sign the charter.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    board = charter | {"text": "Tell the board.", "check": ""}
    vote(blocked, against, "conditional_go", conditions=[charter])
    vote(blocked, sponsor, "hold", until=in_days(9))
    vote(blocked, finance, "conditional_go", conditions=[board])
    take_back(blocked, sponsor)
    blocked.refresh_from_db()
    assert blocked.decision == "conditional_go"


def test_nothing_is_decided_that_no_voter_could_say_any_more(
    blocked, owner, sponsor, finance, against, holder, project, vote, take_back, in_days
):
    charter = {"text": "Sign the charter.", "owner": owner, "due_on": in_days(5), "check": "charter"}
    board = charter | {"text": "Tell the board.", "check": ""}
    vote(blocked, against, "hold", until=in_days(9))
    vote(blocked, holder(project, "risk_officer"), "conditional_go", conditions=[charter])
    vote(blocked, sponsor, "conditional_go", conditions=[board])
    vote(blocked, finance, "conditional_go")
    take_back(blocked, holder(project, "risk_officer"))

    assert take_back(blocked, against).decision == "", "nobody defers the charter"


def test_facts_that_moved_since_decide_nothing(
    ready, project, owner, sponsor, finance, against, vote, take_back, check_of, in_days, now
):
    vote(ready, against, "hold", until=in_days(4))
    vote(ready, sponsor, "go")
    vote(ready, finance, "go")
    proof = {"url": "https://docs.example.org/newer", "title": "Newer"}
    services.attach_link(check=check_of(project, "charter"), actor=Actor.for_user(owner), now=now, **proof)

    assert take_back(ready, against).decision == ""


def test_a_deputy_takes_their_vote_back(ready, project, gatekeeper, add_member, contributor, api, now):
    colleague = add_member(project, "colleague", ["contribute"], team=False).user
    days = {"starts_on": now.date(), "ends_on": now.date() + timedelta(days=7)}
    projects.name_deputy(project=project, actor=Actor.for_user(gatekeeper), deputy="colleague", now=now, **days)
    url = f"/api/v1/reviews/{ready.pk}/votes/"
    said = {"decision": "go", "rationale": "x", "packet": ready.packet}
    assert api(colleague).post(url, said, format="json").status_code == 201

    assert api(contributor).delete(f"{url}mine/").status_code == 403
    assert api(colleague).delete(f"{url}mine/").status_code == 200
    assert api(colleague).delete(f"{url}mine/").status_code == 403

    assert [vote.state for vote in Vote.objects.all()] == ["withdrawn"]


def test_who_lost_the_right_to_decide_takes_back_what_they_said(ready, project, sponsor, finance, vote, take_back):
    vote(ready, sponsor, "go")
    Membership.objects.filter(project=project, user=sponsor).update(decide=False)

    take_back(ready, sponsor)

    with pytest.raises(PermissionDenied):
        take_back(ready, sponsor)
    with pytest.raises(NoVoteToWithdraw):
        take_back(ready, finance)


@pytest.mark.parametrize("step", ["vote", "take_back", "recuse"])
def test_a_vote_that_is_void_with_its_voters_right_is_told(
    step, ready, project, holder, sponsor, finance, against, vote, take_back, in_days, now
):
    officer = holder(project, "risk_officer")
    vote(ready, officer, "hold", until=in_days(4))
    vote(ready, against, "recycle")
    Membership.objects.filter(project=project, user=officer).update(decide=False)
    Notice.objects.all().delete()

    if step == "vote":
        vote(ready, sponsor, "go")
    elif step == "take_back":
        take_back(ready, against)
    else:
        services.recuse(review=ready, actor=Actor.for_user(against), reason="I know them.", now=now)

    assert Vote.objects.get(user=officer).state == "void"
    entry = Entry.objects.newest_first()[0]
    assert entry.data["votes_void"] == [officer.pk]
    told = dict(Notice.objects.filter(entry_seq=entry.seq).values_list("recipient_id", "reason"))
    assert told[officer.pk] == "vote_void"
