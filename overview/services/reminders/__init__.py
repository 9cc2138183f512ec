from overview.services.reminders.dispatch import sweep
from overview.services.reminders.insertion import tick

__all__ = ["sweep", "tick"]
