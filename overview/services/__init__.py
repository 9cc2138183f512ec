from overview.services.reminders import sweep, tick

__all__ = ["sweep", "tick"]
