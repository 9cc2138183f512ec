"""Search over what the reader may see: names of projects, risks, cases and people."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import User
from common.texts import localised
from library.models import Case
from projects.models import Membership, Project
from risks.models import Risk

MOST = 10


@dataclass(frozen=True, slots=True)
class Hit:
    key: str
    text: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    name: str | Promise
    hits: tuple[Hit, ...]


def search(words: str, *, actor: Actor) -> list[Found]:
    """At most ten of each kind, empty kinds left out. Four queries."""
    groups = [Found(kind, name, tuple(find(words, actor))) for kind, (name, find) in KINDS.items()]
    return [group for group in groups if group.hits]


def _projects(words: str, actor: Actor) -> list[Hit]:
    named = Q(key__icontains=words) | Q(name__icontains=words) | Q(translations__zh__name__icontains=words)
    rows = Project.objects.visible_to(actor).filter(named).order_by("key")[:MOST]
    return [Hit(row.key, row.display_name, row.get_state_display(), f"/projects/{row.key}/") for row in rows]


def _risks(words: str, actor: Actor) -> list[Hit]:
    rows = Risk.objects.visible_to(actor).filter(title__icontains=words).select_related("project").order_by("pk")[:MOST]
    return [Hit(str(row.pk), row.display_title, row.project.key, f"/risks/{row.pk}/") for row in rows]


def _cases(words: str, actor: Actor) -> list[Hit]:
    named = Q(key__icontains=words) | Q(title__en__icontains=words) | Q(title__zh__icontains=words)
    rows = Case.objects.filter(named, published=True).order_by("key")[:MOST]
    return [Hit(row.key, localised(row.title), row.get_outcome_display(), f"/cases/{row.key}/") for row in rows]


def _people(words: str, actor: Actor) -> list[Hit]:
    """Members of visible projects, and oneself; whoever is in none of them is not to be found."""
    seen = Membership.objects.visible_to(actor).filter(user=OuterRef("pk"))
    named = Q(username__icontains=words) | Q(name__icontains=words) | Q(name_zh__icontains=words)
    rows = User.objects.active().filter(named).filter(Exists(seen) | Q(pk=actor.user_id)).order_by("username")[:MOST]
    return [Hit(row.username, row.display_name, row.username, f"/projects/?owner={row.username}") for row in rows]


Find = Callable[[str, Actor], list[Hit]]
KINDS: dict[str, tuple[str | Promise, Find]] = {
    "projects": (_("Projects"), _projects),
    "risks": (_("Risks"), _risks),
    "cases": (_("Cases"), _cases),
    "people": (_("People"), _people),
}
