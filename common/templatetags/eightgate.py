"""What templates need besides Django's own words: icons, signs, dates, durations and figures as ui.md writes them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from common import texts
from common.days import between

register = template.Library()

SPRITE = "dist/sprite.svg"
DECORATION = SafeString('aria-hidden="true"')
TONES = {
    "fail": "fail",
    "stale": "stale",
    "waiting": "waiting",
    "pass": "pass",
    "carry": "carry",
    # health
    "on_track": "pass",
    "at_risk": "stale",
    "off_track": "fail",
    # indicators
    "green": "pass",
    "amber": "stale",
    "red": "fail",
    # risk levels
    "low": "none",
    "medium": "none",
    "high": "stale",
    "critical": "fail",
}
# State of a check: tone, icon of the sprite.
CHECK_STATES = {
    "met": ("pass", "met"),
    "not_met": ("fail", "fail"),
    "stale": ("stale", "stale"),
    "open": ("none", "open"),
    "waiting": ("waiting", "waiting"),
    "deferred": ("carry", "deferred"),
    "waived": ("carry", "waived"),
    "not_applicable": ("none", "na"),
}
CHECK_WORDS = {
    "met": gettext_lazy("Met"),
    "not_met": gettext_lazy("Not met"),
    "stale": gettext_lazy("Stale"),
    "open": pgettext_lazy("state of a check", "Open"),
    "waiting": gettext_lazy("Waiting"),
    "deferred": gettext_lazy("Deferred"),
    "waived": gettext_lazy("Waived"),
    "not_applicable": gettext_lazy("Not applicable"),
}
OPERATORS = {"lte": "≤", "lower": "≤", "<=": "≤", "gte": "≥", "higher": "≥", ">=": "≥", "lt": "<", "gt": ">", "eq": "="}
VERDICT_WORDS = {
    "fail": gettext_lazy("No go"),
    "stale": gettext_lazy("Not yet"),
    "waiting": gettext_lazy("Waiting"),
    "pass": gettext_lazy("Go is possible"),
}
LEVEL_WORDS = {
    "low": gettext_lazy("low"),
    "medium": gettext_lazy("medium"),
    "high": gettext_lazy("high"),
    "critical": gettext_lazy("critical"),
}
LEVEL_ICONS = {"low": "open", "medium": "open", "high": "risk", "critical": "fail"}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite; decoration unless it has a `label`."""
    return _use(f"i-{name}", f"eg-ico {css}".strip(), label)


@register.simple_tag
def sign(verdict: str, label: str = "") -> SafeString:
    """The road sign of a verdict, in its tone; the bars of a hold for anything else."""
    name = verdict if verdict in {"fail", "stale", "waiting", "pass"} else "none"
    return _use(f"g-{name}", f"eg-gate eg-{name}", label)


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """The icon of a check's state, with the state in words for those who do not see it."""
    _tone, name = CHECK_STATES.get(state, ("none", "open"))
    return _use(f"i-{name}", "eg-ico", str(CHECK_WORDS.get(state, state)))


def _use(symbol: str, css: str, label: str) -> SafeString:
    say = format_html('role="img" aria-label="{}"', label) if label else DECORATION
    return format_html(
        '<svg class="{}" width="16" height="16" {}><use href="{}#{}"></use></svg>', css, say, static(SPRITE), symbol
    )


@register.filter
def tone(state: str) -> str:
    """The tone's class of a verdict, a health, a risk level, an indicator or a check's state: `eg-fail` …"""
    name = CHECK_STATES[state][0] if state in CHECK_STATES else TONES.get(state, "none")
    return f"eg-{name}"


@register.filter
def state_name(state: str) -> str:
    """A check's state in words."""
    return str(CHECK_WORDS.get(state, state))


@register.filter
def verdict_name(verdict: str) -> str:
    """A gate's verdict in words."""
    return str(VERDICT_WORDS.get(verdict, verdict))


@register.filter
def state_symbol(state: str) -> str:
    """The icon's name of a check's state."""
    return CHECK_STATES.get(state, ("none", "open"))[1]


@register.filter
def level_name(level: str) -> str:
    """A risk level in words."""
    return str(LEVEL_WORDS.get(level, level))


@register.filter
def level_icon(level: str) -> str:
    """The icon that goes with a risk level."""
    return LEVEL_ICONS.get(level, "open")


@register.filter
def localised(text: Mapping[str, str] | str | None) -> str:
    """A text of the content in the reader's language, or in the other one where that is missing."""
    return texts.localised(text)


@register.filter
def listed(words: Iterable[str]) -> str:
    """Words one after another, with the reader's own comma."""
    return texts.listed(words)


@register.simple_tag
def text_of(text: Mapping[str, str] | str | None) -> str:
    """Like `localised`, with the language marked where the reader gets the other one."""
    words = texts.localised(text)
    if not texts.is_fallback(text):
        return words
    other = "en" if texts.language() == "zh" else "zh-Hans"
    return format_html('<span lang="{}">{}</span>', other, words)


@register.filter(expects_localtime=True)
def day(value: date | datetime | None, today: date | datetime | None = None) -> str:
    """As "6 Jul", "7月6日"; with the year unless it is that of `today` (`{{ due|day:shell.today }}`)."""
    if not value:
        return ""
    same = bool(today) and value.year == _date(today).year
    # Translators: Django's date format for a day of this year
    return dateformat.format(value, _("j M") if same else _("j M Y"))


@register.filter(expects_localtime=True)
def weekday(value: date | datetime | None) -> str:
    """As "Wed 8 Jul", for what is due within days."""
    # Translators: Django's date format for a day of this week
    return dateformat.format(value, _("D j M")) if value else ""


@register.filter(expects_localtime=True)
def long_day(value: date | datetime | None) -> str:
    """As "Monday 6 July"."""
    # Translators: Django's date format for a day with its weekday
    return dateformat.format(value, _("l j F")) if value else ""


@register.filter(expects_localtime=True)
def moment(value: datetime | None, today: date | datetime | None = None) -> str:
    """A day with its time: "6 Jul, 09:12"."""
    if not value:
        return ""
    clock = dateformat.format(value, "H:i")
    if today and value.date() == _date(today):
        return clock
    return _("%(day)s, %(time)s") % {"day": day(value, today), "time": clock}


@register.filter
def due_in(value: date | datetime | None, today: date | datetime | None) -> str:
    """As "8 days late", "today", "in 18 days"; empty without a date."""
    if not value or not today:
        return ""
    days = between(today, value)
    if days == 0:
        return _("today")
    return late(-days) if days < 0 else ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}


@register.filter
def late(days: int) -> str:
    """As "8 days late"."""
    return ngettext("%(n)s day late", "%(n)s days late", days) % {"n": days}


@register.filter
def days(number: int) -> str:
    """As "14 days"."""
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}


@register.filter
def figure(value: Decimal | float | None, places: int | None = None) -> str:
    """A number as people read it: thousands apart, no zeros at the end unless `places` are asked for."""
    if value is None:
        return "–"
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    plain = format(exact.normalize(), "f") if exact else "0"
    decimals = len(plain.partition(".")[2]) if places is None else places
    return f"{exact:,.{decimals}f}"


@register.filter
def operator(name: str) -> str:
    """A limit's sign: ≤, ≥, <, >, by operator or by the metric's direction."""
    return OPERATORS.get(name, name)


@register.filter
def initials(name: str) -> str:
    """Two letters for the disc beside a name; one character of a Chinese name."""
    words = [word for word in str(name).replace("-", " ").split() if word]
    if not words:
        return ""
    if not words[0][0].isascii():
        return words[0][-1]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


@register.filter
def percent_of(part: Decimal | float | None, whole: Decimal | float | None) -> int:
    """`part` in percent of `whole`, for a bar's width and its words."""
    return round(100 * Decimal(str(part or 0)) / Decimal(str(whole))) if whole else 0


@register.filter
def control(field: BoundField) -> SafeString:
    """A form's field with Tabler's class for its kind, marked when it was refused."""
    attrs: dict[str, Any] = {}
    if css := f"{_control_class(field)} {field.field.widget.attrs.get('class', '')}".strip():
        attrs["class"] = css
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether the field is a single box, whose label stands beside it."""
    return isinstance(field.field.widget, CheckboxInput)


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        # Django puts the class on the group's box too; .eg-options styles what is inside.
        return ""
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


def _date(value: date | datetime | None) -> date:
    if value is None:
        raise TypeError("a date is needed")
    return value.date() if isinstance(value, datetime) else value


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's query with some of it changed: `{% query page=2 stage=None %}`; an empty value is taken out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in (None, ""):
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
