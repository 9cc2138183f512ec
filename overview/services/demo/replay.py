"""The demo is not loaded as rows but lived through: every event of its projects by the services, day by day."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from django.db import transaction

from accounts.actor import Actor
from common import content
from journal.models import Entry
from journal.services import record, settle_notices
from lifecycle.models import TemplateVersion
from overview.services.demo.beginning import beginning
from overview.services.demo.gates import gates
from overview.services.demo.log import log, spending
from overview.services.demo.people import MANAGER, make_people, make_portfolio
from overview.services.demo.register import register
from overview.services.demo.scene import Event, Scene
from overview.services.demo.work import checks, measurements, questionnaires, versions
from projects.models import Project

STARTED, LOADED, REMOVED = "demo.started", "demo.loaded", "demo.removed"
# What is older rings nobody any more.
RECENT = timedelta(days=7)

Tell = Callable[[int, int, Event], None]


def demo_keys() -> list[str]:
    """The keys of the demo's projects: RECO, MEDR, CARE."""
    return [project["code"] for project in content.document("demo")["projects"]]


def taken_keys() -> list[str]:
    """Those that exist."""
    return list(Project.objects.filter(key__in=demo_keys()).values_list("key", flat=True))


def is_loaded() -> bool:
    """Wholly or in part. Projects of others that happen to have the keys are not the demo."""
    return last_word() in {STARTED, LOADED}


def is_half_loaded() -> bool:
    """A replay began and did not end: somebody stopped it."""
    return last_word() == STARTED


def last_word() -> str:
    """What the journal last said of the demo; "" when nothing."""
    words = Entry.objects.filter(verb__in=[STARTED, LOADED, REMOVED]).newest_first()
    return words.values_list("verb", flat=True).first() or ""


def load_demo(*, now: datetime, tell: Tell) -> int:
    """Live through the demo's projects up to `now`; returns the number of events. One transaction an event.

    The caller has seen that none of the keys is taken. `tell` hears each event before it happens.
    """
    first = note(STARTED, now)
    scenes = _scenes(now)
    events = sorted((event for scene in scenes for event in _events(scene)), key=lambda event: event.at)
    for number, event in enumerate(events):
        tell(number, len(events), event)
        _live(event, first.seq, now)
    note(LOADED, now)
    return len(events)


@transaction.atomic
def note(verb: str, now: datetime) -> Entry:
    return record(verb, actor=Actor.system(), at=now, projects=demo_keys())


@transaction.atomic
def _live(event: Event, first: int, now: datetime) -> None:
    event.act(event.at)
    settle_notices(first_seq=first, before=now - RECENT, outcome="replayed")


def _scenes(now: datetime) -> list[Scene]:
    stories = content.document("demo")["projects"]
    midnight = datetime.combine(now.date(), time(), UTC)
    before = midnight + timedelta(days=min(story["stages"][0]["start"] for story in stories) - 1)
    people = make_people(now=before)
    portfolio = make_portfolio(manager=people[MANAGER], now=before)
    return [
        Scene(
            story=story,
            definition=_newest(story["template"]).definition,
            people=people,
            portfolio=portfolio,
            midnight=midnight,
        )
        for story in stories
    ]


def _newest(template: str) -> TemplateVersion:
    published = TemplateVersion.objects.filter(template__key=template, published_at__isnull=False)
    return published.defer("document").order_by("-number")[0]


def _events(scene: Scene) -> list[Event]:
    chapters = (beginning, versions, measurements, register, questionnaires, checks, gates, log, spending)
    return [event for chapter in chapters for event in chapter(scene)]
