"""What separation of duties and empty roles mean for the reader, in sentences."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.texts import listed
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.models import GateReview, Vote
from lifecycle.selectors.seats import Member
from lifecycle.selectors.sittings import Lacking, Sitting
from lifecycle.views.marks import DECISIONS
from lifecycle.views.readers import Reader


def lacks_words(lacks: Lacking) -> list[str]:
    """Why the gate cannot be decided with go as its people stand; empty where it can."""
    said = []
    if lacks.voters < lacks.quorum:
        can = _("nobody can give one")
        if lacks.voters:
            can = ngettext("%(n)s person can give one", "%(n)s people can give one", lacks.voters) % {"n": lacks.voters}
        needed = ngettext("%(n)s vote is needed", "%(n)s votes are needed", lacks.quorum) % {"n": lacks.quorum}
        said.append(_("%(needed)s, and %(can)s.") % {"needed": needed, "can": can})
    if lacks.must:
        said.append(_("Nobody can give the vote that a go needs: %(roles)s.") % {"roles": _roles(lacks.must)})
    rest = [role for role in lacks.empty if role not in lacks.must]
    if rest and lacks.voters < lacks.quorum:
        said.append(_("Nobody can vote as %(roles)s.") % {"roles": _roles(rest)})
    if lacks.outside:
        said.append(_("A vote from outside the team is needed, and nobody can give it."))
    return said


def voters_of(review: GateReview, votes: Sequence[Vote], reader: Reader, sitting: Sitting) -> list[dict[str, Any]]:
    """Everyone with a seat, their deputies of today, and who stepped back; those who voted first."""
    by_user = {vote.user_id: vote for vote in votes}
    serving = {deputy.deputy_id: deputy.user_id for deputy in sitting.deputies}
    recused = {one.user_id: one.reason for one in review.recusals.all()} if sitting.apart.recused else {}
    rows = []
    for member in reader.members:
        roles = sitting.seated(member.roles) if member.decides else frozenset()
        vote, stands_in = by_user.get(member.user_id), serving.get(member.user_id)
        if not (roles or vote or stands_in):
            continue
        rows.append({
            "name": member.user.display_name,
            "me": member.user_id == reader.actor.user_id,
            "decision": vote.decision if vote else "",
            "word": DECISIONS[vote.decision] if vote else "",
            "note": _note(member, roles, review, sitting),
            "why": recused.get(member.user_id, ""),
            "stands_in": _names(vote.on_behalf_of if vote else [stands_in] if stands_in else [], sitting),
        })  # fmt: skip
    return sorted(rows, key=lambda row: not row["decision"])


def _note(member: Member, roles: Collection[str], review: GateReview, sitting: Sitting) -> str:
    """What the list says of somebody who has not voted."""
    if member.user_id in sitting.apart.recused:
        return _("stepped back")
    return _("required") if set(roles) & set(review.must_include) else _("not yet")


def _names(people: Iterable[int], sitting: Sitting) -> str:
    """Of those for whom a deputy votes; who can no longer sign in has none."""
    return listed(sitting.members[user].user.display_name for user in people if user in sitting.members)


def _roles(keys: list[str] | tuple[str, ...]) -> str:
    return listed(role_name(key) for key in keys)
