"""The first sentence of my work."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.days import passed
from common.templatetags.eightgate import days
from overview.selectors.project.headline import Headline, Part, gap
from overview.selectors.work import Row, WorkDay


def work_headline(day: WorkDay, today: date) -> Headline:
    """How much is late, what it holds up, how much is due today; or that nothing is owed."""
    groups = {group.key: group.rows for group in day.groups}
    late, now = groups.get("late", ()), groups.get("today", ())
    if late:
        words = ngettext("One thing is late.", "%(n)s things are late.", len(late)) % {"n": len(late)}
        return Headline("fail", words, (Part(text=gap()), _holds_up(late[0], today), *_more(len(now))), sign=False)
    if now:
        words = ngettext("One thing is due today.", "%(n)s things are due today.", len(now)) % {"n": len(now)}
        return Headline(
            "waiting",
            words,
            (
                Part(text=gap()),
                Part(url=f"#{now[0].id}", strong=now[0].text),
            ),
            sign=False,
        )
    return Headline("pass", _("Nothing is owed."), (Part(text=gap()), *_ahead(day)))


def _holds_up(row: Row, today: date) -> Part:
    since = passed(row.due.on, today) if row.due.on else 0
    return Part(
        url=f"#{row.id}", strong=row.text.rstrip(".。"), after=gap() + _("for %(days)s.") % {"days": days(since)}
    )


def _more(count: int) -> tuple[Part, ...]:
    if not count:
        return ()
    words = ngettext("One more is due today.", "%(n)s more are due today.", count)
    return (Part(text=gap() + words % {"n": count}),)


def _ahead(day: WorkDay) -> tuple[Part, ...]:
    rows = day.rows
    if not rows:
        return (Part(text=_("No work has your name or your role on it.")),)
    first = rows[0]
    return (
        Part(text=_("The next thing with your name on it: ")),
        Part(url=f"#{first.id}", strong=first.text.rstrip(".。"), after=_(", %(due)s.") % {"due": first.due.text}),
    )
