"""The words around the figures: headline, five questions, filter menus. A figure is the door to the rows it counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.http import PageRequest
from lifecycle.models.definition import LEVELS, Definition
from overview.forms.filters import VERDICT_NAMES, link
from overview.forms.project import templates
from overview.selectors import monday, portfolio
from overview.selectors.outlooks import LEVEL_NAMES
from overview.selectors.project.headline import Headline, Part, gap
from overview.views.asked import Asked
from projects.models import Health, Portfolio, ProjectState

PAGE = "/portfolio/"


@dataclass(frozen=True, slots=True)
class Question:
    asks: str
    answer: str
    url: str
    lines: tuple[monday.Line, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A word, how many, and where they are listed."""

    text: str
    count: int
    url: str
    key: str


def headline(figures: portfolio.Figures, waiting: Sequence[monday.Waiting], *, narrowed: bool, ended: bool) -> Headline:
    """How many are stuck, and the first decision that waits for the reader.

    Without a project to count: whether filters leave none (`narrowed`), all have ended, or there is none at all.
    """
    stuck, active = figures.by_verdict.get("fail", 0), figures.by_state.get(ProjectState.ACTIVE, 0)
    if not figures.projects:
        return _nothing(narrowed=narrowed, ended=ended)
    if stuck:
        words = ngettext("%(n)s of %(all)s is stuck.", "%(n)s of %(all)s are stuck.", stuck)
    else:
        words = _("None of %(all)s is stuck.")
    mine = next((one for one in waiting if one.me), None)
    parts = [Part(text=gap() + _("Nothing waits for you."))]
    if mine:
        after = gap() + _("needs you: %(what)s.") % {"what": mine.detail}
        parts = [Part(text=gap()), Part(url=mine.url, strong=mine.title, after=after)]
    return Headline("fail" if stuck else "pass", words % {"n": stuck, "all": active}, tuple(parts))


def _nothing(*, narrowed: bool, ended: bool) -> Headline:
    if narrowed:
        door = Part(url=PAGE, strong=_("Clear the filters"), after=gap() + _("to see every project."))
        return Headline("", _("Nothing matches the filters."), (Part(text=gap()), door), sign=False)
    if ended:
        return Headline("", _("No project is running."), sign=False)
    return Headline("", _("No project yet."), rest=gap() + _("Start one, or load the demo."), sign=False)


def questions(
    figures: portfolio.Figures,
    risks: portfolio.RiskMap,
    moves: Sequence[monday.Move],
    given: Asked,
    request: PageRequest,
) -> list[Question]:
    query, rows, today = running(request.GET), given.rows, given.today
    return [
        Question(
            _("Which gates are late?"),
            _projects(figures.overdue),
            link(query, overdue="true"),
            tuple(monday.late_lines(rows, today)),
        ),
        Question(
            _("What waits for me?"),
            _projects(figures.waiting_on_me),
            link(query, waiting="true"),
            tuple(monday.my_decisions(rows, request.actor, today)),
        ),
        Question(
            _("What changed?"),
            _projects(figures.changed),
            link(query, changed="true"),
            tuple(monday.changes(rows, today)),
        ),
        Question(
            _("Which dates moved?"),
            ngettext("%(n)s later", "%(n)s later", figures.moved) % {"n": figures.moved},
            link(query, moved="true"),
            tuple(monday.move_lines(moves, today)),
        ),
        Question(
            _("Which risks are red?"),
            ngettext("%(n)s critical", "%(n)s critical", risks.critical) % {"n": risks.critical},
            link(query, to="/portfolio/risks/", critical="true"),
            tuple(monday.red_lines(rows, today)),
        ),
    ]


def _projects(count: int) -> str:
    return ngettext("%(n)s project", "%(n)s projects", count) % {"n": count}


def health_links(figures: portfolio.Figures, given: QueryDict) -> list[Figure]:
    shown = running(given)
    return [
        Figure(str(label), figures.by_health.get(key, 0), link(shown, health=key), key) for key, label in Health.choices
    ]


def state_links(every: portfolio.Counts, query: QueryDict) -> list[Figure]:
    """All states, ended ones too; only those that have projects."""
    counts: Counter[str] = Counter()
    for (state, _template), count in every.items():
        counts[state] += count
    return [
        Figure(str(label), counts[key], link(query, state=key), key)
        for key, label in ProjectState.choices
        if counts[key]
    ]


def risk_links(given: QueryDict) -> dict[str, str]:
    return {
        "open": link(given, to="/portfolio/risks/"),
        "critical": link(given, to="/portfolio/risks/", critical="true"),
        "unaccepted": link(given, to="/portfolio/risks/", unaccepted="true"),
    }


def running(given: QueryDict) -> QueryDict:
    """The page counts what runs unless it is asked for a state; a list of it must say so."""
    target = given.copy()
    target.setdefault("state", "active,on_hold")
    return target


def elsewhere(definition: Definition | None, total: int, figures: portfolio.Figures, given: QueryDict) -> list[Choice]:
    """Projects that follow another process, with their own columns."""
    if definition is None or total >= figures.projects:
        return []
    others = [(key, name) for key, name in templates() if key != definition.key]
    return [Choice(name, link(given, to="/portfolio/", template=key), current=False) for key, name in others]


def menus(request: PageRequest) -> list[Menu]:
    """The filters one reaches for first; all others come through figures and lists."""
    given = request.GET
    names = Portfolio.objects.visible_to(request.actor).values_list("name", flat=True).distinct()[:50]
    return [
        _menu(_("All portfolios"), "portfolio", [(name, name) for name in names], given),
        _menu(_("All levels"), "level", [(level, LEVEL_NAMES[level]) for level in LEVELS], given),
        _menu(_("All verdicts"), "verdict", list(VERDICT_NAMES.items()), given),
    ]


def _menu(everything: str, name: str, options: Sequence[tuple[str, Any]], given: QueryDict) -> Menu:
    chosen = given.get(name, "")
    rest = given.copy()
    rest.pop(name, None)
    first = Choice(everything, link(rest, to=PAGE), current=not chosen)
    others = [Choice(str(text), link(given, to=PAGE, **{name: key}), current=key == chosen) for key, text in options]
    words = dict(options)
    return Menu(str(words.get(chosen, everything)), (first, *others))
