"""From a checked query string to the projects it names, for pages and for the API."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from accounts.actor import Actor
from common.api import ListQuery, Page
from overview.selectors.outlooks import AT_ONCE, board
from overview.services.outlooks import refresh_outlooks
from projects.models import Project

# What the memos decide must not choose which memos are asked anew.
REMEMBERED = ("verdict", "moved")


def named_by(query: ListQuery, page: Page, *, actor: Actor, now: datetime) -> tuple["QuerySet[Project]", bool]:
    """A `board` of the visible projects that the filters name, their memos brought up to date first.

    The second value says that more memos were out of date than one request asks anew.
    """
    visible = board(Project.objects.visible_to(actor))
    first = _only(page, [name for name in page.filters if name not in REMEMBERED])
    rows = query.narrow(visible, first)
    refreshed = refresh_outlooks(projects=rows, now=now)
    return query.narrow(rows, replace(_only(page, REMEMBERED), search="")), refreshed == AT_ONCE


def _only(page: Page, names: Collection[str]) -> Page:
    return replace(page, filters={name: value for name, value in page.filters.items() if name in names})
