from overview.selectors.work.owed import OwedCounts, Seat, is_mine, owed_counts, seats_of
from overview.selectors.work.rows import action_row, answerable, check_row, due_of, work_of
from overview.selectors.work.shapes import Drop, Due, Group, Press, Proof, Row, Say, Wait, WorkDay

__all__ = [
    "Drop",
    "Due",
    "Group",
    "OwedCounts",
    "Press",
    "Proof",
    "Row",
    "Say",
    "Seat",
    "Wait",
    "WorkDay",
    "action_row",
    "answerable",
    "check_row",
    "due_of",
    "is_mine",
    "owed_counts",
    "seats_of",
    "work_of",
]
