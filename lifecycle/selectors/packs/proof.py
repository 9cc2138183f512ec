"""What a decision rested on, as a pack tells it: evidence, risks with their acceptances, waivers, own limits."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from common.canonical import storable
from lifecycle.models import GateReview, LimitOverride, Waiver
from lifecycle.selectors.packs.people import People
from records.models import Evidence
from risks.models import Acceptance, Risk

Section = dict[str, Any]


def _frozen(review: GateReview) -> Iterator[tuple[str, Section]]:
    """Each evidence of the packet with its check's key."""
    for check in review.document.get("checks", []):
        for proof in check["evidence"]:
            yield check["key"], proof


def _rows(review: GateReview) -> dict[int, Evidence]:
    ids = {proof["id"] for _key, proof in _frozen(review)}
    return Evidence.objects.select_related("supplied_by").in_bulk(ids)


def holds_addresses(review: GateReview) -> bool:
    open_ones = {proof["id"] for _key, proof in _frozen(review) if proof.get("url")}
    return Evidence.objects.filter(pk__in=open_ones, confidential=True).exists()


def evidence(review: GateReview, people: People, *, confidential: bool) -> list[Section]:
    """A row for each evidence at each check; `confidential`: whether addresses of such links are told."""
    rows, found = _rows(review), []
    for key, proof in _frozen(review):
        row = rows[proof["id"]]
        people.meet(row.supplied_by)
        found.append({
            "check": key,
            "id": row.pk,
            "title": row.title,
            "kind": "file" if row.is_file else "link",
            "filename": row.filename,
            "url": row.url if confidential or not row.confidential else "",
            "sha256": row.sha256,
            "size": row.size,
            "confidential": row.confidential,
            "supplied_by": people.named(row.supplied_by_id),
            "supplied_at": row.supplied_at,
            "effective_at": row.effective_at,
            "valid_until": row.valid_until,
        })  # fmt: skip
    return found


def risks(review: GateReview, people: People, at: datetime) -> list[Section]:
    """The risks that the packet read, with the acceptance that covered each when the round was decided."""
    read = {row["id"]: row for row in review.document.get("risks", [])}
    titles = {row["id"]: row["title"] for row in review.basis.get("risks", [])}
    known = Risk.objects.in_bulk(read)
    covering = Acceptance.objects.filter(risk__in=read, complete=True, accepted_at__lte=at, until__gte=at.date())
    by_risk: dict[int, Section] = {}
    for one in covering.select_related("accepted_by", "second_by").order_by("until", "pk"):
        if one.score >= read[one.risk_id]["score"]:
            by_risk[one.risk_id] = _acceptance(one, people)
    return [
        {
            **row,
            "title": titles.get(pk) or known[pk].title,
            "category": known[pk].category,
            "acceptance": by_risk.get(pk) if row["accepted"] else None,
        }
        for pk, row in read.items()
    ]


def _acceptance(one: Acceptance, people: People) -> Section:
    people.meet(one.accepted_by, one.second_by)
    return {
        "by": people.named(one.accepted_by_id),
        "as": one.accepted_as,
        "second_by": people.named(one.second_by_id),
        "second_as": one.second_as,
        "at": one.accepted_at,
        "until": one.until,
        "score": one.score,
        "plan": one.plan,
    }


def waivers(review: GateReview, people: People, at: datetime) -> list[Section]:
    """Those that covered a check of the packet when the round was decided."""
    rows = _waivers_named(review) if review.document.get("format") else _waivers_then(review, at)
    found: dict[str, Section] = {}
    for one in rows.select_related("check_row", "opened_by", "granted_by"):
        people.meet(one.opened_by, one.granted_by)
        found[one.check_row.key] = {
            "check": one.check_row.key,
            "id": one.pk,
            "reason": one.reason,
            "granted_reason": one.granted_reason,
            "until": one.until,
            "opened_by": people.named(one.opened_by_id),
            "opened_at": one.opened_at,
            "granted_by": people.named(one.granted_by_id),
            "granted_at": one.granted_at,
        }
    return [found[key] for key in sorted(found)]


def _waivers_named(review: GateReview) -> QuerySet[Waiver]:
    return Waiver.objects.filter(pk__in=[row["waiver"] for row in review.document["checks"] if row["waiver"]])


def _waivers_then(review: GateReview, at: datetime) -> QuerySet[Waiver]:
    """Packets of format 1 name the day alone: granted for it by then, in the iterations that the round decided.

    The last one of a check counts, and a round about a change read other iterations too: its own come last.
    """
    frozen = [(row["key"], row["waived_until"]) for row in review.document.get("checks", []) if row.get("waived_until")]
    covers = [Q(check_row__key=key, until=until) for key, until in frozen]
    own = Q(check_row__stage__in=[review.stage_id, *(stage.pk for stage in review.joint.all())])
    wanted = Q(*covers, _connector=Q.OR) if covers else Q(pk__in=[])
    rows = Waiver.objects.granted().filter(wanted, check_row__stage__process=review.stage.process_id)
    rows = rows.filter(granted_at__lte=at, check_row__stage__opened_at__lte=at)
    mine = Case(When(own, then=1), default=0)
    return rows.order_by(mine, "check_row__stage__iteration", "pk")


def limits(review: GateReview, people: People, at: datetime) -> list[Section]:
    """The project's own limits in force when the round was decided."""
    keys = [row["key"] for row in review.document.get("checks", [])]
    still = Q(replaced_at=None) | Q(replaced_at__gt=at)
    rows = LimitOverride.objects.filter(
        still, process=review.stage.process_id, check_key__in=keys, in_force_at__lte=at
    ).select_related("set_by", "agreed_by")
    found = []
    for one in rows.order_by("check_key", "pk"):
        people.meet(one.set_by, one.agreed_by)
        found.append({
            "check": one.check_key,
            "threshold": storable(one.threshold),
            "reason": one.reason,
            "set_by": people.named(one.set_by_id),
            "set_at": one.set_at,
            "agreed_by": people.named(one.agreed_by_id),
            "in_force_at": one.in_force_at,
        })  # fmt: skip
    return found
