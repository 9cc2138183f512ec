"""The risks behind the heat map: exactly those that its figures count."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common import clock
from common.api import ListQuery
from common.api.filters import Filter, flag, whole
from overview.forms.filters import project_query, words
from overview.selectors.portfolio import CRITICAL, HIGH, risks_of
from overview.views.asked import asked, pager


def _when(condition: Q) -> Any:
    return lambda rows, yes: rows.filter(condition if yes else ~condition)


# Asked of the risks, not of their projects.
RISKS: dict[str, Filter] = {
    "likelihood": whole("current_likelihood", low=1, high=5),
    "impact": whole("current_impact", low=1, high=5),
    "critical": flag(_when(Q(current_score__gte=CRITICAL))),
    "unaccepted": flag(_when(Q(current_score__gte=HIGH, accepted=False))),
}


@login_required
@require_GET
def risk_list(request: PageRequest) -> HttpResponse:
    """Open risks of the running projects that the query names, the highest score first."""
    today = clock.now().date()
    given = asked(request, _query(project_query(request.actor, today)))
    rows: Any = risks_of(given.rows).with_score().with_acceptance(today).select_related("project", "owner")
    for name, value in given.page.filters.items():
        if name in RISKS:
            rows = RISKS[name].apply(rows, value)
    rows = rows.order_by("-current_score", "pk")
    total = rows.order_by().count()
    shown = list(rows[given.page.offset : given.page.offset + given.page.limit])
    context = {
        "risks": shown,
        "total": total,
        "pager": pager(given.page, len(shown), total, request.GET),
        "words": words(given.page, request.GET),
    }
    return render(request, "overview/risks.html", context)


def _query(projects: ListQuery) -> ListQuery:
    aside = {name: Filter(_leave, one.parse, one.schema) for name, one in RISKS.items()}
    return ListQuery(
        filters={**projects.filters, **aside},
        orderings=projects.orderings,
        default=projects.default,
        search=projects.search,
    )


def _leave(rows: object, _value: object) -> object:
    return rows
