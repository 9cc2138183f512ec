from typing import Any

from django.utils.translation import gettext as _

from common.errors import FieldError
from lifecycle.errors import InvalidTemplate
from lifecycle.models.format import Document, canonical, flaws
from lifecycle.selectors.templates import wrong_in


def shaped(document: Any) -> Document:
    """A document of the format in its one spelling; a draft may still break rules. Raises InvalidTemplate."""
    _refuse(flaws(document))
    return canonical(document)


def whole(document: Any) -> Document:
    """A document that can be published, in its one spelling. Raises InvalidTemplate naming every place."""
    _refuse(wrong_in(document))
    return canonical(document)


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        place = {"place": errors[0].pointer or "/", "detail": errors[0].detail}
        raise InvalidTemplate(_("%(place)s: %(detail)s") % place, errors=errors)
