"""What day it is for the person who acts."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.actor import Actor
from common.errors import ValidationFailed


def day_of(actor: Actor, now: datetime) -> date:
    """Today where the actor lives; UTC's day for the system."""
    return now.astimezone(ZoneInfo(actor.user.timezone)).date() if actor.user else now.date()


def past_day(day: date | None, *, actor: Actor, now: datetime) -> date:
    """The day something happened, today if not said. Raises ValidationFailed for one that lies ahead everywhere."""
    if day is None:
        return day_of(actor, now)
    if day > now.date() + timedelta(days=1):
        raise ValidationFailed.at("date", "in_the_future", _("The day lies in the future."))
    return day
