from overview.services.reminders.sweep import sweep
from overview.services.reminders.tick import tick

__all__ = ["sweep", "tick"]
