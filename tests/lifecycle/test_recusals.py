"""Who cannot decide steps back, and the round goes on without them."""

import pytest

from accounts.actor import Actor
from common.errors import HumanSessionRequired, PermissionDenied
from journal.models import Entry, Notice
from lifecycle import services
from lifecycle.criteria.packs import read_pack, verify_pack
from lifecycle.errors import GateAlreadyDecided, Recused, SeparationOfDuties
from lifecycle.models import GateReview, Vote
from lifecycle.selectors.sittings import lacking, sitting_of
from overview.selectors.due import FINDERS, Wanted
from projects import services as projects

WHY = "My sister sells it."


@pytest.fixture
def step_back(now):
    def step_back(review, user, **actor):
        return services.recuse(review=review, actor=Actor.for_user(user), reason=WHY, now=now)

    return step_back


def test_a_vote_of_theirs_ends_and_they_vote_no_more(ready, gatekeeper, holder, project, vote, step_back, owner):
    officer = holder(project, "risk_officer")
    vote(ready, gatekeeper, "go")

    step_back(ready, gatekeeper)

    assert [one.state for one in Vote.objects.filter(review=ready)] == ["withdrawn"]
    with pytest.raises(Recused):
        vote(ready, gatekeeper, "go")
    with pytest.raises(Recused):
        step_back(ready, gatekeeper)
    entry = Entry.objects.get(verb="review.recused")
    assert (entry.data["reason"], entry.data["voted"]) == (WHY, True)
    told = dict(Notice.objects.filter(entry_seq=entry.seq).values_list("recipient_id", "reason"))
    assert (told[owner.pk], told[officer.pk]) == ("requester", "gatekeeper")
    assert gatekeeper.pk not in told


def test_only_who_holds_a_seat_steps_back_and_only_while_the_round_is_open(
    ready, owner, contributor, gatekeeper, step_back, now
):
    with pytest.raises(SeparationOfDuties):
        step_back(ready, owner)
    with pytest.raises(PermissionDenied):
        step_back(ready, contributor)
    with pytest.raises(HumanSessionRequired):
        services.recuse(review=ready, actor=Actor.system(), reason=WHY, now=now)
    services.withdraw_review(review=ready, actor=Actor.for_user(owner), now=now)
    with pytest.raises(GateAlreadyDecided):
        step_back(ready, gatekeeper)


def test_a_deputy_speaks_no_more_for_who_stepped_back(ready, gatekeeper, add_member, project, vote, step_back, now):
    colleague = add_member(project, "colleague", ["contribute"]).user
    days = {"starts_on": now.date(), "ends_on": now.date()}
    projects.name_deputy(project=project, actor=Actor.for_user(gatekeeper), deputy="colleague", now=now, **days)
    vote(ready, colleague, "go")

    step_back(ready, gatekeeper)

    assert not Vote.objects.standing().filter(review=ready).exists()


def test_the_votes_that_are_left_decide_when_the_one_against_ends(
    ready, project, owner, holder, add_member, vote, step_back, in_days, api, now
):
    other = add_member(project, "other-sponsor", ["decide"], ["sponsor"], team=False).user
    vote(ready, other, "hold", until=in_days(4))
    vote(ready, holder(project, "sponsor"), "go")
    assert vote(ready, holder(project, "finance_partner"), "go").decision == "", "a must-include role is against"

    review = step_back(ready, other)

    assert (review.decision, review.decided_at, review.stage.decision) == ("go", now, "go")
    assert review.basis["verdict"] == "pass"
    entry = Entry.objects.get(verb="review.decided")
    assert (entry.data["after"], entry.data["reason"], entry.data["next"]) == ("review.recused", WHY, "requirements")
    pack = read_pack(api(owner).get(f"/api/v1/reviews/{review.pk}/pack/").content)
    assert verify_pack(pack) == []


def test_nobody_is_reminded_or_counted_who_stepped_back(ready, gatekeeper, holder, project, step_back, now):
    other_sponsor = holder(project, "sponsor")
    before = lacking(sitting_of(ready, now=now))
    assert GateReview.objects.waiting_on(Actor.for_user(gatekeeper), now.date()).exists()

    for sponsor in (gatekeeper, other_sponsor):
        step_back(ready, sponsor)

    after = lacking(sitting_of(GateReview.objects.get(), now=now))
    assert (before.must, after.voters, after.must) == ((), before.voters - 2, ("sponsor",))
    owed = {kind: one.told for kind, one in FINDERS["review"](Wanted(ids={ready.pk}), now)}
    assert gatekeeper.pk not in owed["review_waiting"]
    assert not GateReview.objects.waiting_on(Actor.for_user(gatekeeper), now.date()).exists()


def test_a_freshly_named_gatekeeper_is_not_counted_yet(ready, gatekeeper, settings, now):
    assert lacking(sitting_of(ready, now=now)).voters > 0

    settings.ROLE_COOLDOWN_SECONDS = 600

    assert lacking(sitting_of(ready, now=now)).voters == 0


def test_the_api_tells_of_it(api, ready, gatekeeper, owner):
    url = f"/api/v1/reviews/{ready.pk}/"

    made = api(gatekeeper).post(f"{url}recuse/", {"reason": WHY}, format="json")

    assert made.status_code == 201
    [told] = api(owner).get(url).json()["recusals"]
    assert (told["user"], told["reason"]) == ("gatekeeper", WHY)
    said = {"decision": "kill", "rationale": "x", "packet": ready.packet}
    refused = api(gatekeeper).post(f"{url}votes/", said, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "recused")


def test_one_menu_holds_all_that_one_can_do_who_cannot_decide(browse, ready, gatekeeper, owner, vote):
    page = ready.stage.get_absolute_url()
    shown = browse(gatekeeper).get(page).content.decode()
    assert "I cannot decide" in shown
    assert "Step back from this round" in shown
    assert "Name a deputy for my vote" in shown
    assert "Withdraw the vote" not in shown
    vote(ready, gatekeeper, "go")
    assert "Withdraw the vote" in browse(gatekeeper).get(page).content.decode()
    asker = browse(owner).get(page).content.decode()
    assert "Withdraw the request" in asker
    assert "Step back from this round" not in asker

    assert browse(gatekeeper).post(f"/reviews/{ready.pk}/recuse/", {"reason": ""}).status_code == 422
    browse(gatekeeper).post(f"/reviews/{ready.pk}/recuse/", {"reason": WHY})

    shown = browse(gatekeeper).get(page).content.decode()
    assert "stepped back" in shown
    assert "You said that you cannot decide this round" in shown
