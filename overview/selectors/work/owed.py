"""Whose work it is: one rule, for the rows of my work and for the number beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.actor import SESSION, Actor
from accounts.models import User
from common.questions import Question
from lifecycle.models import Answer, Check, CheckEvidence, GateReview, Stage
from lifecycle.models.process import CURRENT
from overview.selectors.outlooks import RUNNING
from overview.selectors.portfolio import acceptable_by
from projects.models import Action, FunctionalRole, Membership, Project
from projects.selectors import notices_of
from risks.models import Risk

# What a project's own facts clear: nobody's name stands on a pause, and risks are accepted one by one.
NOBODYS = frozenset({"project", "risk", "condition", "intake"})


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in one running project: access and functional roles.

    `taken`, of an owner: the roles that anybody holds there. What a role owes that nobody holds is the owner's.
    """

    project: Project
    owner: bool
    decides: bool
    makes: bool
    works: bool
    roles: frozenset[str]
    taken: frozenset[str] = frozenset()


# What is read of a seat: a person may have hundreds, and every page counts what is owed in all of them.
NEEDED = (
    *("user", "owner", "contribute", "decide", "project__key", "project__name", "project__translations"),
    *("project__state", "project__outlook__verdict", "project__outlook__blockers", "project__outlook__optional"),
)


def seats_of(actor: Actor) -> list[Seat]:
    """The running projects this person is a member of, with their memos. Two queries."""
    rows = list(
        Membership.objects.visible_to(actor)
        .filter(user_id=actor.user_id or 0, project__state__in=RUNNING)
        .select_related("project__outlook")
        .only(*NEEDED)
        .order_by("-owner", "project__key")
    )
    roles: dict[int, set[str]] = {}
    taken: dict[int, set[str]] = {}
    owned = [row.project_id for row in rows if row.owner]
    mine = Q(membership__user_id=actor.user_id or 0)
    held = FunctionalRole.objects.filter(mine | Q(membership__project__in=owned)).order_by()
    for membership, project, role in held.values_list("membership", "membership__project", "role") if rows else ():
        roles.setdefault(membership, set()).add(role)
        taken.setdefault(project, set()).add(role)
    return [
        Seat(
            project=row.project,
            owner=row.owner,
            decides=row.decide,
            makes=row.owner or row.contribute,
            works=row.owner or row.contribute or row.decide,
            roles=frozenset(roles.get(row.pk, ())),
            taken=frozenset(taken.get(row.project_id, ())),
        )
        for row in rows
    ]


def is_mine(owed: Mapping[str, Any], user_id: int | None, seat: Seat) -> bool:
    """A check is the person's whose name is on it; without a name, and for signatures, the role's that must act.

    Work of a role that nobody holds is the owner's; a signature is nobody else's to give.
    """
    if owed["kind"] in NOBODYS or not seat.works:
        return False
    if owed["kind"] in {"approval", "assessment"}:
        return bool(seat.roles.intersection(owed["who"]))
    if owed["assignee"]:
        return bool(owed["assignee"] == user_id)
    return bool(seat.roles.intersection(owed["who"])) or (seat.owner and not seat.taken.intersection(owed["who"]))


def owed_by_memo(seats: Iterable[Seat], user_id: int | None) -> int:
    """How many checks of current gates are this person's work, by the memos."""
    found = 0
    for seat in seats:
        outlook = getattr(seat.project, "outlook", None)
        if outlook is not None:
            found += sum(is_mine(owed, user_id, seat) for owed in [*outlook.blockers, *outlook.optional])
    return found


def votes_to_give(actor: Actor, today: date) -> "QuerySet[GateReview]":
    """One's own, and those of the people whose deputy one is today."""
    return GateReview.objects.visible_to(actor).waiting_on(actor, today)


def actions_of(actor: Actor) -> "QuerySet[Action]":
    """Open actions, conditions among them, in running projects."""
    return Action.objects.visible_to(actor).open().filter(owner_id=actor.user_id, project__state__in=RUNNING)


def risks_to_accept(actor: Actor, today: date) -> "QuerySet[Risk]":
    """With `gate_due`: the day by which somebody has to decide about it."""
    gate = Stage.objects.current().filter(process__project=OuterRef("project"))
    return (
        acceptable_by(actor, today)
        .filter(project__in=Project.objects.visible_to(actor).filter(state__in=RUNNING))
        .annotate(gate_due=Subquery(gate.values("due_on")[:1]))
    )


def checks_ahead(actor: Actor) -> "QuerySet[Check]":
    """What has one's name on it in later stages: open, and for a person to answer."""
    proved = CheckEvidence.objects.standing().filter(check_row=OuterRef("pk"))
    rows = Check.objects.visible_to(actor).filter(
        assignee_id=actor.user_id,
        answer__in=[Answer.OPEN, Answer.NOT_MET],
        kind__in=["manual", "evidence"],
        dropped=False,
        stage__superseded=False,
        stage__ended_at=None,
        stage__process__project__state__in=RUNNING,
    )
    return rows.exclude(stage__state__in=[*CURRENT]).exclude(Exists(proved))


@dataclass(frozen=True, slots=True)
class OwedCounts:
    work: int
    unread: int


def owed_counts(actor: Actor, seats: Iterable[Seat], now: datetime) -> OwedCounts:
    """The numbers of the sidebar. One query beside that of the seats."""
    person = actor.user
    if person is None:
        return OwedCounts(0, 0)
    rows = _numbers(
        user=person.pk,
        admin=person.is_admin,
        auditor=person.is_auditor,
        guest=person.is_guest,
        day=now.date(),
        moment=now,
    )
    work = sum(row.votes_owed + row.actions_owed + row.risks_owed + row.ahead_owed for row in rows)  # type: ignore[attr-defined]  # annotated by _numbers
    return OwedCounts(work + owed_by_memo(seats, person.pk), sum(row.unread_owed for row in rows))  # type: ignore[attr-defined]  # annotated by _numbers


@Question
def _numbers(*, user: int, admin: bool, auditor: bool, guest: bool, day: date, moment: datetime) -> "QuerySet[User]":
    """The person with how much of each kind waits for them; written once, for every page asks it (decision 0003)."""
    actor = Actor(User(pk=user, is_admin=admin, is_auditor=auditor, is_guest=guest), None, SESSION, None, "")
    return (
        User.objects.active()
        .filter(pk=user)
        .only("pk")
        .annotate(
            votes_owed=_number(votes_to_give(actor, day)),
            actions_owed=_number(actions_of(actor)),
            risks_owed=_number(risks_to_accept(actor, day)),
            ahead_owed=_number(checks_ahead(actor)),
            unread_owed=_number(notices_of(actor).unread(moment)),
        )
    )


def _number(rows: "QuerySet[Any]") -> Coalesce:
    """How many rows there are, as a value within another query."""
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
