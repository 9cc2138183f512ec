"""Codes about portfolios, standing roles and guests."""

from django.utils.translation import gettext_lazy as _

from common.problem_code import ProblemCode

PORTFOLIOS: dict[str, ProblemCode] = {
    "already_standing": ProblemCode(
        _("This person has a standing role on the portfolio already"), _("Change the standing role instead.")
    ),
    "nothing_to_inherit": ProblemCode(
        _("No portfolio above the project gives this person a standing role"),
        _("Add the person as a member of the project, or give the role on the portfolio."),
    ),
}
