"""Codes about portfolios, standing roles and guests."""

from django.utils.translation import gettext_lazy as _

from common.problem_code import ProblemCode

PORTFOLIOS: dict[str, ProblemCode] = {
    "already_standing": ProblemCode(
        _("This person has a standing role on the portfolio already"), _("Change the standing role instead.")
    ),
    "below_itself": ProblemCode(
        _("A portfolio cannot move below itself"), _("Name another parent, or none for the top.")
    ),
    "account_ended": ProblemCode(_("The account has ended"), _("An admin may set a later last day.")),
    "too_deep": ProblemCode(_("The tree of portfolios would be too deep"), _("Some twenty levels fit.")),
    "nothing_to_inherit": ProblemCode(
        _("No portfolio above the project gives this person a standing role"),
        _("Add the person as a member of the project, or give the role on the portfolio."),
    ),
}
