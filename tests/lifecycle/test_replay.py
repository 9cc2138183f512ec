"""Every frozen decision is replayed: what was voted on is what the packet's hash says, and nothing else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from common import clock
from common.canonical import digest
from lifecycle.criteria.packs import verify_pack
from lifecycle.models import Decision, GateReview
from lifecycle.selectors import round_fingerprint, round_readiness
from lifecycle.selectors.packs import pack_of, packable
from lifecycle.services import tallies, votes

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
Seen = dict[int, str]


@pytest.fixture(scope="module")
def spied() -> Iterator[Seen]:
    """By round, the packet recomputed from the database just before the vote that decided it took effect."""
    seen: Seen = {}
    with pytest.MonkeyPatch.context() as patch:
        carry_out = tallies.carry_out

        def look(review: GateReview, answer: Any, decision: Decision, **given: Any) -> Any:
            fresh = votes.locked_review(review)
            seen[review.pk] = round_fingerprint(fresh, round_readiness(fresh, today=given["now"].date()))
            return carry_out(review, answer, decision, **given)

        patch.setattr(tallies, "carry_out", look)
        yield seen


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, spied: Seen) -> Iterator[Seen]:
    with django_db_blocker.unblock(), clock.frozen(NOW), transaction.atomic():
        call_command("load_content", stdout=StringIO())
        call_command("load_demo", stdout=StringIO())
        yield spied
        transaction.set_rollback(True)


def replayed(seen: Seen) -> list[str]:
    """The words of all frozen decisions, after each was held against its hash."""
    reviews = list(GateReview.objects.decided())
    for review in reviews:
        assert digest(review.document) == review.packet, review
        assert digest(json.loads(json.dumps(review.document))) == review.packet
        assert seen[review.pk] == review.packet, review
        assert {row["key"]: row["state"] for row in review.basis["checks"]} == {
            row["key"]: row["state"] for row in review.document["checks"]
        }
        assert {vote.packet for vote in review.votes.filter(state="standing")} == {review.packet}
        assert verify_pack(pack_of(packable(review.pk), confidential=True, read_journal=True)) == [], review
    return [review.decision for review in reviews]


@pytest.mark.django_db
def test_every_decision_of_a_project_that_meets_all_of_them_gives_the_same_hash_again(
    project, owner, spied, stage_of, meet_all, ask, vote, holder, pass_gate, in_days, now
) -> None:
    def decide(decision: str, at: datetime, **said: Any) -> None:
        review = ask(stage_of(project), by=owner, at=at, despite_blockers=True)
        roles = [*review.must_include, *(role for role in review.deciders if role not in review.must_include)]
        for role in roles[: max(review.quorum, len(review.must_include))]:
            vote(review, holder(project, role), decision, at=at, **said)

    pass_gate(project, by=owner)
    for stage in (stage_of(project, "requirements"), stage_of(project, "data")):
        meet_all(stage, by=owner)
    joint = ask(stage_of(project), by=owner, through="data")
    for role in joint.must_include or joint.deciders[: joint.quorum]:
        vote(joint, holder(project, role), "go")
    for role in joint.deciders:
        joint.refresh_from_db()
        if joint.is_open and not joint.votes.filter(roles__contains=role).exists():
            vote(joint, holder(project, role), "go")
    design = stage_of(project)
    meet_all(design, by=owner, leave=("baseline_chosen",))
    bring = {"text": "Bring it", "owner": owner, "due_on": in_days(20), "check": "baseline_chosen"}
    decide("conditional_go", now, conditions=[bring])
    decide("recycle", now + timedelta(hours=1), reason="scope", return_to="design")
    decide("kill", now + timedelta(hours=2))

    assert sorted(replayed(spied)) == sorted(["go", "go", "conditional_go", "recycle", "kill"])
    [together] = [review for review in GateReview.objects.decided() if review.joint.exists()]
    assert [stage.key for stage in together.joint.all()] == ["data"]


# Last, for the demo stays loaded until the file's tests are done.
@pytest.mark.django_db
def test_every_decision_of_the_demo_gives_the_same_hash_again(demo: Seen) -> None:
    words = replayed(demo)

    assert len(words) >= 10
    assert {"go", "conditional_go", "recycle"} <= set(words)
