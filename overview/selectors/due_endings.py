"""What holds until a day: proof that expires, waivers that end. Both matter only while their check is worked on."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, Q

from lifecycle.models import CheckEvidence, Waiver
from overview.selectors.due_people import people_of
from overview.selectors.due_shapes import AT_WORK, Owed, Wanted

AT_STAKE = {
    "check_row__dropped": False,
    "check_row__stage__superseded": False,
    "check_row__stage__ended_at": None,
    "check_row__stage__process__project__state__in": AT_WORK,
}


def proof_expiring(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """Proof that holds no longer than this day, where nothing else proves the check for longer.

    Told are its supplier and whoever the check is assigned to; one reminder, however many checks it serves.
    """
    lasting = CheckEvidence.objects.standing().filter(check_row=OuterRef("check_row"))
    longer = Q(evidence__valid_until=None) | Q(evidence__valid_until__gt=OuterRef("evidence__valid_until"))
    where = Q(evidence__valid_until__in=wanted.days) if wanted.days is not None else Q(evidence__in=wanted.ids)
    links = CheckEvidence.objects.standing().filter(where, evidence__valid_until__isnull=False, **AT_STAKE)
    rows = links.exclude(Exists(lasting.filter(longer))).select_related("evidence", "check_row__stage__process")
    ordered = rows.order_by("evidence_id", "check_row__stage__position", "check_row__position")
    for _proof, served in groupby(ordered, key=lambda link: link.evidence_id):
        links_of = list(served)
        proof, first = links_of[0].evidence, links_of[0].check_row
        if proof.valid_until is None:
            continue
        assigned = [link.check_row.assignee_id for link in links_of if link.check_row.assignee_id]
        told = {**dict.fromkeys(assigned, "assignee"), proof.supplied_by_id: "supplied_by"}
        about = {"stage": first.stage.key, "check": first.key}
        owed = Owed(f"evidence:{proof.pk}", proof.project_id, proof.valid_until, proof.supplied_at, told, about)
        yield "evidence_expiring", owed


def waivers_ending(wanted: Wanted, now: datetime) -> Iterator[tuple[str, Owed]]:
    """The waiver that covers a check longest: who asked for it, and whoever works on the check, else the owners."""
    longer = Waiver.objects.standing().filter(check_row=OuterRef("check_row"), until__gt=OuterRef("until"))
    rows = Waiver.objects.standing().filter(wanted.rows("until"), **AT_STAKE).exclude(Exists(longer))
    waivers = list(rows.select_related("check_row__stage__process"))
    people = people_of(waiver.check_row.stage.process.project_id for waiver in waivers)
    for waiver in waivers:
        check, project = waiver.check_row, waiver.check_row.stage.process.project_id
        owes = [check.assignee_id] if check.assignee_id else people[project].owners
        told = {waiver.opened_by_id: "requester", **dict.fromkeys(owes, "assignee" if check.assignee_id else "owner")}
        about = {"stage": check.stage.key, "check": check.key}
        since = waiver.granted_at or waiver.opened_at
        yield "waiver_ending", Owed(f"waiver:{waiver.pk}", project, waiver.until, since, told, about)
