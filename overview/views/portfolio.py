"""Monday's page: where every project stands, and the five questions."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.http import PageRequest
from common.tables import FORMATS
from common.templatetags.eightgate import percent_of
from lifecycle.models import TemplateVersion
from lifecycle.models.definition import Definition
from lifecycle.models.templates import definition_of
from overview.forms.filters import link, words
from overview.selectors import monday, portfolio
from overview.selectors.drawings import heat_map, move_chart, reached_bars
from overview.selectors.matrix import columns, matrix_rows, short_name
from overview.selectors.outlooks import board
from overview.selectors.project.headline import short_sum
from overview.views.asked import Asked, asked, pager
from overview.views.files import file_answer
from overview.views.questions import (
    elsewhere,
    headline,
    health_links,
    menus,
    questions,
    risk_links,
    running,
    state_links,
)
from projects.models import Project

# Of the matrix: a screen and a half.
ROWS = 25


@login_required
@require_GET
def portfolio_page(request: PageRequest) -> HttpResponseBase:
    """Figures, matrix and lists of one set of projects; `?format=csv` or `xlsx` gives the matrix as a file."""
    given = asked(request, formats=FORMATS)
    if "limit" not in request.GET:
        given = replace(given, page=replace(given.page, limit=ROWS))
    definition = _definition(given)
    rows = portfolio.furthest_first(given.rows)
    in_matrix = rows.filter(process__template_key=definition.key) if definition else rows.none()
    if given.form:
        return file_answer(request, given, in_matrix, "portfolio", with_stages=True)
    figures = portfolio.figures(given.rows, actor=request.actor, today=given.today)
    shown = _page(in_matrix, given)
    total = figures.by_template.get(definition.key, 0) if definition else 0
    stages = definition.stages if definition else ()
    context = {
        "figures": figures,
        "columns": [
            (column, link(running(request.GET), stage=column.key)) for column in columns(figures.squares, stages)
        ],
        "rows": matrix_rows(shown),
        "total": total,
        "pager": pager(given.page, len(shown), total, request.GET),
        "elsewhere": elsewhere(definition, total, figures, request.GET),
        "words": words(given.page, request.GET),
        "menus": menus(request),
        "files": FORMATS,
        "behind": given.behind,
        **_lists(given, definition, figures, request),
    }
    return render(request, "overview/portfolio.html", context)


def _page(rows: "QuerySet[Project]", given: Asked) -> list[Project]:
    """The rows of this page, picked by number first: thousands are sorted quickly as long as none is carried whole."""
    picked = rows.values("pk")[given.page.offset : given.page.offset + given.page.limit]
    return list(portfolio.furthest_first(board(Project.objects.filter(pk__in=picked))))


def _lists(
    given: Asked, definition: Definition | None, figures: portfolio.Figures, request: PageRequest
) -> dict[str, object]:
    """Headline, questions, and the lists and drawings below the matrix."""
    risks = portfolio.risk_map(given.rows, today=given.today)
    moves = monday.moves(given.rows)
    waiting = monday.decisions(given.rows, request.actor, given.today)
    every = portfolio.by_state_and_template(given.every)
    states, narrowed = state_links(every, request.GET), bool(given.page.filters or given.page.search)
    return {
        "headline": headline(figures, waiting, narrowed=narrowed, ended=bool(states)),
        "questions": questions(figures, risks, moves, given, request),
        "decisions": waiting,
        "moves": moves,
        "move_chart": move_chart(moves, given.today),
        "risks": risks,
        "heat": heat_map(risks.cells, lambda **cell: link(request.GET, to="/portfolio/risks/", **cell)),
        "risk_links": risk_links(request.GET),
        "health": health_links(figures, request.GET),
        "states": states,
        "reached": _reached(given, definition, every),
        "money": [
            (one, percent_of(one.spent, one.planned), short_sum(one.spent), short_sum(one.planned))
            for one in portfolio.money(given.rows)
        ],
    }


def _reached(given: Asked, definition: Definition | None, every: portfolio.Counts) -> tuple[object, ...]:
    if definition is None:
        return ()
    stages = [(stage.position, stage.key, short_name(stage)) for stage in definition.stages if not stage.recurring]
    rows = given.every.filter(process__template_key=definition.key)
    return reached_bars(monday.funnel(rows, portfolio.following(definition.key, every), stages))


def _definition(given: Asked) -> Definition | None:
    """The template whose stages are the columns: the one asked for, else the default."""
    key = given.page.filters.get("template")
    asked = {"template__key": key} if key else {"template__is_default": True}
    version = TemplateVersion.objects.newest().filter(**asked).values_list("pk", flat=True).first()
    return definition_of(version) if version else None
