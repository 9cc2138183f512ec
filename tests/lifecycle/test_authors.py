"""Whoever a check's proof comes from neither signs nor decides on it, by whichever way it came there."""

from datetime import datetime
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from journal.models import Entry
from lifecycle import services
from lifecycle.errors import SeparationOfDuties
from lifecycle.models import Check
from lifecycle.selectors import authors, gather
from projects.models import Project
from records.services import withdraw_evidence
from tests.fixtures.gates import StageOf
from tests.fixtures.proofs import CheckOf, Link

pytestmark = [pytest.mark.core, pytest.mark.django_db]


@pytest.fixture
def regulated(make_project: Any, owner: User) -> Project:
    """Where nobody signs on their own evidence, and no author decides."""
    found: Project = make_project("REG", level="regulated", creator=owner)
    return found


@pytest.fixture
def sign(check_of: CheckOf, now: datetime) -> Any:
    def act(project: Project, key: str, by: User) -> Check:
        check = check_of(project, key)
        return services.answer_check(check=check, actor=Actor.for_user(by), version=check.version, state="met", now=now)

    return act


def authors_at(project: Project, stage_of: StageOf, key: str, now: datetime) -> set[int]:
    stage = stage_of(project, key)
    return set(authors(gather([stage], today=now.date())[stage.pk]))


def test_a_signature_falls_when_a_colleague_attaches_the_signers_own_proof(
    regulated: Project, owner: User, holder: Any, check_of: CheckOf, link: Link, also: Link, sign: Any
) -> None:
    ops = holder(regulated, "ops_lead")
    proof = link(regulated, "charter", by=ops)
    sign(regulated, "ops_signature", ops)

    also(regulated, "monitoring_live", proof, by=owner)

    assert check_of(regulated, "ops_signature").answer == "open"
    assert Entry.objects.newest_first()[0].data["signatures_fallen"] == 1


def test_the_supplier_of_a_revision_that_was_replaced_still_signs_nothing(
    regulated: Project, owner: User, holder: Any, link: Link, revise: Link, sign: Any
) -> None:
    ops = holder(regulated, "ops_lead")
    proof = link(regulated, "monitoring_live", by=ops)

    revise(proof, by=owner)

    with pytest.raises(SeparationOfDuties):
        sign(regulated, "ops_signature", ops)


def test_the_supplier_of_a_revision_that_was_replaced_stays_an_author(
    project: Project, owner: User, contributor: User, stage_of: StageOf, link: Link, revise: Link, now: datetime
) -> None:
    second = revise(link(project, "charter", by=contributor), by=owner)
    assert authors_at(project, stage_of, "initiation", now) == {owner.pk, contributor.pk}

    revise(second, by=owner)

    assert authors_at(project, stage_of, "initiation", now) == {owner.pk, contributor.pk}


def test_nobody_is_an_author_of_what_was_withdrawn(
    regulated: Project,
    owner: User,
    holder: Any,
    stage_of: StageOf,
    link: Link,
    revise: Link,
    sign: Any,
    now: datetime,
) -> None:
    ops = holder(regulated, "ops_lead")
    second = revise(link(regulated, "monitoring_live", by=ops), by=owner)

    withdraw_evidence(evidence=second, actor=Actor.for_user(owner), reason="Wrong", version=1, now=now)

    assert authors_at(regulated, stage_of, "deployment", now) == set()
    assert sign(regulated, "ops_signature", ops).answer == "met"
