"""What separation of duties and empty roles mean for the reader, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.texts import listed
from lifecycle.criteria.wording.shapes import role_name
from lifecycle.selectors.seats import Lacking


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


def _roles(keys: list[str] | tuple[str, ...]) -> str:
    return listed(role_name(key) for key in keys)
