from overview.services.exports import note_export
from overview.services.reminders import sweep, tick

__all__ = ["note_export", "sweep", "tick"]
