from lifecycle.views.checks import answer, attach, waive
from lifecycle.views.conditions import close_condition, extend_condition, propose_condition
from lifecycle.views.gates import ask, gate, vote, withdraw_request, withdraw_vote
from lifecycle.views.limits import confirm_source, decide_limit, limit, set_baseline, set_limit
from lifecycle.views.moves import move_level, move_tags, move_version, process
from lifecycle.views.packs import pack
from lifecycle.views.stages import hold, plan_stage, resume, stage, stages
from lifecycle.views.templates import template, templates

__all__ = [
    "answer",
    "ask",
    "attach",
    "close_condition",
    "confirm_source",
    "decide_limit",
    "extend_condition",
    "gate",
    "hold",
    "limit",
    "move_level",
    "move_tags",
    "move_version",
    "plan_stage",
    "process",
    "propose_condition",
    "resume",
    "set_baseline",
    "set_limit",
    "stage",
    "stages",
    "template",
    "templates",
    "vote",
    "waive",
    "withdraw_request",
    "withdraw_vote",
]
    "new_check",
    "new_stage",
    "new_template",
    "pack",
