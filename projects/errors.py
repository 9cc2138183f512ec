"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class LastOwner(DomainError):
    code = "last_owner"
    title = _("A project keeps at least one owner")


class AlreadyMember(DomainError):
    code = "already_member"
    title = _("This person is a member already")


class PortfolioNameTaken(DomainError):
    code = "not_unique"
    title = _("A portfolio beside it has this name")


class AlreadyStanding(DomainError):
    code = "already_standing"
    title = _("This person has a standing role on the portfolio already")


class NothingToInherit(DomainError):
    code = "nothing_to_inherit"
    title = _("No portfolio above the project gives this person a standing role")


class KeyTaken(DomainError):
    code = "key_taken"
    title = _("Another project has this key")


class ProjectArchived(DomainError):
    code = "project_archived"
    title = _("The project is archived; restore it first")


class ProjectNotArchived(DomainError):
    code = "project_not_archived"
    title = _("The project is not archived")


class ProjectNotActive(DomainError):
    code = "project_not_active"
    title = _("The project is not active")


class ProjectNotOnHold(DomainError):
    code = "project_not_on_hold"
    title = _("The project is not on hold")


class NoVoteToHandOver(DomainError):
    code = "no_vote_to_hand_over"
    title = _("You have no vote in this project that a deputy could give")


class DeputyAlreadyNamed(DomainError):
    code = "deputy_already_named"
    title = _("You have a deputy on some of these days already")


class DeputyIsOver(DomainError):
    code = "deputy_is_over"
    title = _("This deputy serves no more")


class LineHasSpend(DomainError):
    code = "line_has_spend"
    title = _("Money was spent on this line; set its plan to 0 instead")


class ActionFollowsItsSource(DomainError):
    code = "action_follows_its_source"
    title = _("This action is closed where it comes from")


class ActionNotDone(DomainError):
    code = "action_not_done"
    title = _("Only what is done can be verified")


class VerifierDidIt(DomainError):
    """Four eyes: the second pair is somebody else's."""

    status = 403
    code = "separation_of_duties"
    title = _("Somebody else has to verify this")
