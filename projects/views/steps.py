"""What every page of this room does: load what is seen, try a form on a service."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.shortcuts import get_object_or_404

from accounts.http import PageRequest
from common.errors import DomainError
from common.forms import refuse
from projects.models import Project


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
