"""How an entry and a notice read, in the reader's language; facts in, a sentence out."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _

from common import content
from common.texts import as_read, localised
from journal.models import Entry, Notice
from projects.models import Health
from projects.selectors.phrases import (
    ACCESS_WORDS,
    ANSWERS,
    DECISIONS,
    ENTRIES,
    LEVELS,
    OTHERS,
    OUTCOMES,
    OVERDUE,
    REASONS,
    REMINDERS,
    Phrase,
)

Names = Mapping[int, str]
PEOPLE = ("member", "owner", "manager", "deputy", "user")
# Which page shows what a notice is about; the rest is told on the project's own page.
LOG = ("comment", "progress", "action")
OWN = {"change": "changes", "evidence": "evidence"}
TABS = {"deputy": "settings/#deputies", "budget": "budget/", "risk": "risks/"}
LIMITS = ("limit", "baseline")
GATE = ("review", "condition", "waiver", "stage", "check", "limit", "vote", "maintenance")


class _Gaps(dict[str, str]):
    """A fact that an older or foreign entry does not carry reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def entry_text(entry: Entry, names: Names) -> str:
    """What happened, in a sentence; `names` has the people of `people_of(entry)`. An unknown verb stands for itself."""
    phrase = ENTRIES.get(entry.verb)
    if phrase is None:
        return entry.verb
    who = names.get(entry.actor_id or 0) or _("Eightgate")
    return _tidy(str(phrase) % _Gaps({**_told(entry.data, names), "who": who}))


def notice_text(notice: Notice, entry: Entry | None = None, names: Names | None = None, text: str = "") -> str:
    """What the notice tells: an event as its entry does, a reminder with its dates (`text`: an action's own)."""
    if entry is not None:
        return entry_text(entry, names or {})
    phrase = _reminder(notice)
    if phrase is None:
        return notice.kind
    facts = _told(notice.payload, names or {})
    return _tidy(str(phrase) % _Gaps({**facts, **({"text": text} if text else {})}))


def _reminder(notice: Notice) -> Phrase | None:
    if phrase := OTHERS.get((notice.kind, notice.reason)):
        return phrase
    late = notice.payload.get("offset", 0) > 0
    return (OVERDUE.get(notice.kind) if late else None) or REMINDERS.get(notice.kind)


def reason_text(reason: str) -> str:
    """Why this person is told."""
    return str(REASONS.get(reason, reason))


def outcome_text(entry: Entry) -> str:
    """What came of that for which a notice asks, told by the entry that settled it."""
    return str(OUTCOMES[entry.verb]) % _Gaps(_told(entry.data, {}))


def notice_url(notice: Notice, project_key: str | None, entry: Entry | None = None) -> str:
    """The page where the notice is acted upon, or read about."""
    if not project_key:
        return _portfolio_url(notice, entry) or "/inbox/"
    page, kind = f"/projects/{project_key}/", notice.kind.split(".")[0].split("_")[0]
    if kind in LOG:
        return f"{page}log/#{notice.object.replace(':', '-')}"
    if kind in OWN:
        return f"/{OWN[kind]}/{notice.object.partition(':')[2]}/"
    if kind in LIMITS and (told := entry.data.get("key") if entry else None):
        return f"{page}checks/{told}/limit/"
    if kind in TABS:
        return page + TABS[kind]
    stage = (entry.data if entry else notice.payload).get("stage")
    if kind not in GATE or not stage:
        return page
    mark = f"#{notice.object.replace(':', '-')}" if kind == "check" else ""
    return f"{page}gates/{stage}/{mark}"


def _portfolio_url(notice: Notice, entry: Entry | None) -> str:
    kind, _colon, number = notice.object.partition(":")
    number = number if kind == "portfolio" else str(entry.data.get("portfolio_id", "")) if entry else ""
    return f"/portfolios/{number}/" if number else ""


def people_of(entry: Entry) -> set[int]:
    """Ids of the people whose names the sentence needs."""
    told = {entry.data.get(name) for name in PEOPLE} | {entry.actor_id}
    return {person for person in told if isinstance(person, int)}


def short_day(day: date) -> str:
    """As "6 Jul", "7月6日"."""
    return dateformat.format(day, _("j M"))


def _told(data: Mapping[str, Any], names: Names) -> dict[str, str]:
    return {name: TOLD.get(name, _plain)(value, names) for name, value in _facts(data).items()}


def _facts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The entry's data, with what stands in before and after brought up; objects become the list of their fields."""
    facts = dict(data)
    before, after = data.get("before"), data.get("after")
    if isinstance(after, Mapping):
        facts = {**after, **facts, "fields": list(after)}
    for name in ("check", "assessment") if "key" in facts else ():
        facts.setdefault(name, facts["key"])
    facts.update({name: "" for name, side in (("before", before), ("after", after)) if isinstance(side, Mapping)})
    return facts


def _plain(value: Any, names: Names) -> str:
    if value is None or isinstance(value, dict):
        return ""
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _person(value: Any, names: Names) -> str:
    return names.get(value, _("somebody")) if isinstance(value, int) else _plain(value, names)


def _day(value: Any, names: Names) -> str:
    try:
        return short_day(date.fromisoformat(str(value)[:10]))
    except ValueError:
        return _plain(value, names)


def _money(value: Any, names: Names) -> str:
    try:
        return f"{Decimal(str(value)):,f}"
    except InvalidOperation:
        return _plain(value, names)


def _words(words: Mapping[str, Any]) -> Callable[[Any, Names], str]:
    def tell(value: Any, names: Names) -> str:
        keys = value if isinstance(value, list) else [value]
        return ", ".join(str(words.get(key, key)) for key in keys if key is not None)

    return tell


def _stage(value: Any, names: Names) -> str:
    return localised(content.stage_names().get(str(value))) or str(value).replace("_", " ")


def _check(value: Any, names: Names) -> str:
    text = localised(content.check_texts().get(str(value))) or str(value).replace("_", " ")
    return text if len(text) <= 90 else f"{text[:88]}…"


def _assessment(value: Any, names: Names) -> str:
    known = content.questionnaires().get(str(value))
    return localised(known["name"]) if known else str(value)


def _tags(value: Any, names: Names) -> str:
    known = content.tags()
    keys = value if isinstance(value, list) else [value]
    return ", ".join(localised(known[key]["name"]) if key in known else str(key) for key in keys)


def _tidy(sentence: str) -> str:
    """Without the colon that nothing followed."""
    return sentence.strip().rstrip(":：").rstrip()


TOLD: dict[str, Callable[[Any, Names], str]] = {
    **dict.fromkeys(PEOPLE, _person),
    **dict.fromkeys(("due", "due_on", "until", "since"), _day),
    **dict.fromkeys(("amount", "planned"), _money),
    "title": lambda title, names: as_read(_plain(title, names)),
    "stage": _stage,
    "check": _check,
    "assessment": _assessment,
    "tags": _tags,
    **dict.fromkeys(("level", "from_level"), _words(LEVELS)),
    "vote": _words(DECISIONS),
    "decision": _words(DECISIONS),
    "state": _words(ANSWERS),
    "access": _words(ACCESS_WORDS),
    "health": _words(dict(Health.choices)),
}
