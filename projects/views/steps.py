"""What every page of this room does: load what is seen, try a form on a service, cut a list into pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404

from accounts.http import PageRequest
from common.errors import DomainError
from common.forms import refuse
from projects.models import Project

Row = TypeVar("Row", bound=Model)
SIZE = 50


@dataclass(frozen=True, slots=True)
class Pager:
    """What `components/_pager.html` shows."""

    first: int
    last: int
    count: int
    previous_url: str
    next_url: str


def project_of(request: PageRequest, key: str) -> Project:
    """The project of this key, if the reader sees it. Raises Http404."""
    return get_object_or_404(Project.objects.visible_to(request.actor).select_related("portfolio"), key=key)


def took(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether the form is valid and the service took it; else the refusal stands on the form.

    Raises PermissionDenied and NotFound, which no other input would mend.
    """
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as error:
        refuse(form, error)
        return False
    return True


def paged(request: PageRequest, rows: QuerySet[Row], name: str = "page") -> tuple[list[Row], Pager]:
    """The rows of `?page=` (or another `name`, where a page has two lists) and the way to the others."""
    page = Paginator(rows, SIZE).get_page(request.GET.get(name))

    def url(number: int) -> str:
        query = request.GET.copy()
        query[name] = str(number)
        return f"?{query.urlencode()}"

    previous = url(page.previous_page_number()) if page.has_previous() else ""
    following = url(page.next_page_number()) if page.has_next() else ""
    return list(page), Pager(page.start_index(), page.end_index(), page.paginator.count, previous, following)
