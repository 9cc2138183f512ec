"""Parameters of an address that nobody declared are refused at every endpoint, never ignored."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from common.api.lists import ListQuery

if TYPE_CHECKING:
    from rest_framework.views import APIView  # whose module reads this one's name from the settings

# An endpoint that takes no parameters says so to a typo, too.
NOTHING = ListQuery(paged=False)


class DeclaredParameters(BasePermission):
    """Holds an endpoint to the `query` that it declares, and to none where it declares none.

    A list checks its own when it reads them, after the rows that it may show; what is written to it takes none.
    Raises ValidationError (unknown_parameter).
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        declared: ListQuery = getattr(view, "query", NOTHING)
        if declared.paged and request.method in SAFE_METHODS:
            return True
        if refused := (NOTHING if declared.paged else declared).refused(request.query_params):
            raise ValidationError(refused)
        return True
