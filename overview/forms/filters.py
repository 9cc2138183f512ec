"""What a page of projects may be asked in its address: the filters of the API's list, and those behind the figures."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError

from accounts.actor import Actor
from common import content
from common.api import ListQuery, Page
from common.api.filters import choice, flag, text
from common.errors import FieldError, ValidationFailed
from common.texts import listed, localised
from lifecycle.criteria import Verdict
from lifecycle.models.definition import LEVELS
from lifecycle.selectors import in_stage, owned_by, tagged_with
from overview.forms.project import template_name
from overview.selectors import portfolio
from overview.selectors.drawings import impact_names, likelihood_names
from overview.selectors.outlooks import LEVEL_NAMES
from projects.models import Health, Project, ProjectState

Projects = QuerySet[Project]
ORDERINGS = {
    "key": "key",
    "name": "name",
    "created": "created_at",
    "target_on": "target_on",
    "due": "now__due_on",
    "stage": "now__position",
}
# Filters without a value of their own, as the words that stand for them.
WORDS: dict[str, str | Promise] = {
    "overdue": _("Past its planned end"),
    "waiting": _("Waiting for me"),
    "changed": _("Changed in the last 7 days"),
    "moved": _("Go-live moved"),
    "red": _("With a critical risk"),
    "mine": _("Mine"),
    "critical": _("Critical"),
    "unaccepted": _("Not accepted"),
}
# What a filter with a value asks for.
NAMES: dict[str, str | Promise] = {
    "state": _("State"),
    "health": _("Health"),
    "stage": _("Stage"),
    "portfolio": _("Portfolio"),
    "template": _("Process"),
    "level": _("Level"),
    "tag": _("Tag"),
    "owner": _("Owner"),
    "verdict": _("Verdict"),
    "likelihood": _("Likelihood"),
    "impact": _("Impact"),
    "search": _("Search"),
}
VERDICT_NAMES: dict[str, str | Promise] = {
    "fail": _("No go"),
    "stale": _("Stale"),
    "waiting": _("Waiting for people"),
    "pass": _("Go is possible"),
}


def project_query(actor: Actor, today: date, *, default: str = "key") -> ListQuery:
    """The declaration over a `board`; some filters ask who reads, and on which day."""
    return ListQuery(
        filters={
            "state": choice("state", ProjectState.values),
            "health": choice("health", Health.values),
            "stage": text(in_stage, longest=40),
            "portfolio": text("portfolio__name"),
            "template": text("process__template_key", longest=60),
            "level": choice("process__level", LEVELS),
            "tag": text(tagged_with, longest=40),
            "owner": text(owned_by),
            "verdict": choice(_verdict, [verdict.value for verdict in Verdict]),
            "overdue": flag(_when(portfolio.overdue(today))),
            "waiting": flag(_when(portfolio.waiting_on(actor, today))),
            "changed": flag(_when(portfolio.changed(today))),
            "moved": flag(_when(portfolio.moved())),
            "red": flag(_when(portfolio.red())),
            "mine": flag(_when(Q(memberships__user_id=actor.user_id))),
        },
        orderings=ORDERINGS,
        default=default,
        search=("key", "name", "translations__zh__name"),
    )


def parameters() -> list[OpenApiParameter]:
    """The filters in OpenAPI's words, for answers that are figures and have no pages."""
    declared = project_query(Actor.anonymous(), date(2026, 1, 1)).parameters
    return [one for one in declared if one.name not in {"limit", "offset", "ordering"}]


def _verdict(rows: Projects, words: list[str]) -> Projects:
    return rows.filter(portfolio.ACTIVE & Q(now__isnull=False, outlook__verdict__in=words))


def _when(condition: Q) -> Any:
    def apply(rows: Projects, yes: bool) -> Projects:  # noqa: FBT001 - a filter's shape
        return rows.filter(condition) if yes else rows.exclude(condition)

    return apply


def read_page(query: ListQuery, given: QueryDict) -> Page:
    """The query string of a page, checked as the API checks it. Raises ValidationFailed."""
    try:
        return query.read(given)
    except ValidationError as error:
        detail: Any = error.detail
        errors = [FieldError(f"/{name}", items[0].code, str(items[0])) for name, items in _lists(detail)]
        raise ValidationFailed(errors=errors) from error


def _lists(detail: Mapping[str, Any]) -> Iterable[tuple[str, list[Any]]]:
    for name, items in detail.items():
        yield name, items if isinstance(items, list) else [items]


@dataclass(frozen=True, slots=True)
class Word:
    """A filter that is set, in words; `without` is the query string that remains when it is taken away."""

    name: str
    text: str
    without: str


def words(page: Page, given: QueryDict) -> list[Word]:
    """The filters in force, as removable words above a list."""
    found = [Word(name, _said(name, value), _without(given, name)) for name, value in page.filters.items()]
    if page.search:
        found.append(Word("search", _pair("search", f"“{page.search}”"), _without(given, "search")))
    return found


def _without(given: QueryDict, *names: str) -> str:
    rest = given.copy()
    for name in (*names, "offset", "format"):
        rest.pop(name, None)
    return f"?{rest.urlencode()}" if rest else "?"


def _said(name: str, value: Any) -> str:
    if name in WORDS:
        return str(WORDS[name]) if value else str(_("Not: %(what)s") % {"what": WORDS[name]})
    choices = CHOICES.get(name)
    if choices is None:
        return _pair(name, _named(name, value))
    return _pair(name, listed(str(choices.get(word, word)) for word in value))


def _pair(name: str, value: str) -> str:
    return str(_("%(name)s: %(value)s") % {"name": NAMES.get(name, name), "value": value})


def _named(name: str, value: Any) -> str:
    if name in STEPS:
        return f"{value} {STEPS[name]()[value - 1]}"
    if name == "tag":
        return localised(content.tags().get(value, {}).get("name")) or value
    if name == "stage":
        return localised(content.stage_names().get(value)) or value
    if name == "template":
        return template_name(value)
    return str(value)


STEPS: dict[str, Callable[[], tuple[str, ...]]] = {"likelihood": likelihood_names, "impact": impact_names}
CHOICES: dict[str, Mapping[str, str | Promise]] = {
    "state": dict(ProjectState.choices),
    "health": dict(Health.choices),
    "level": LEVEL_NAMES,
    "verdict": VERDICT_NAMES,
}


def link(given: QueryDict, *, to: str = "/projects/", **changes: str) -> str:
    """A list's address with the filters of this page and some more: the door behind a figure."""
    target = given.copy()
    for name in ("offset", "limit", "ordering", "format"):
        target.pop(name, None)
    for name, value in changes.items():
        target[name] = value
    return f"{to}?{target.urlencode()}" if target else to
