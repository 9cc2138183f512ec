from lifecycle.services.baselines import decide_baseline, set_baseline
from lifecycle.services.changes import (
    announce_changes,
    confirm_change,
    kept_apart,
    may_confirm,
    open_change,
    withdraw_change,
)
from lifecycle.services.checks import answer_check
from lifecycle.services.conditions import close_condition, extend_condition, propose_condition, settle_conditions
from lifecycle.services.consents import may_consent
from lifecycle.services.intake import answer_intake, confirm_intake, try_proposal
from lifecycle.services.lapses import note_lapses
from lifecycle.services.limits import confirm_source, decide_limit, may_confirm_source, set_limit
from lifecycle.services.moves import (
    Move,
    change_level,
    change_project,
    change_tags,
    change_version,
    may_tag,
    tried,
)
from lifecycle.services.packs import FORMATS, export_pack, read_pack
from lifecycle.services.processes import start_project
from lifecycle.services.proofs import (
    attach_evidence,
    attach_file,
    attach_link,
    require_revision,
    revise_with_file,
    revise_with_link,
)
from lifecycle.services.recusals import must_hold_a_seat, recuse
from lifecycle.services.reopenings import reopen_review
from lifecycle.services.reviews import may_ask, request_review, withdraw_review
from lifecycle.services.stages import schedule_stage
from lifecycle.services.states import hold_project, resume_project
from lifecycle.services.templates import (
    discard_draft,
    import_template,
    new_template,
    publish_draft,
    publish_template,
    save_draft,
    start_draft,
    valid_template,
)
from lifecycle.services.votes import cast_vote, take_up, withdraw_vote
from lifecycle.services.waivers import waive_check

__all__ = [
    "FORMATS",
    "Move",
    "announce_changes",
    "answer_check",
    "answer_intake",
    "attach_evidence",
    "attach_file",
    "attach_link",
    "cast_vote",
    "change_level",
    "change_project",
    "change_tags",
    "change_version",
    "close_condition",
    "confirm_change",
    "confirm_intake",
    "confirm_source",
    "decide_baseline",
    "decide_limit",
    "discard_draft",
    "export_pack",
    "extend_condition",
    "hold_project",
    "import_template",
    "kept_apart",
    "may_ask",
    "may_confirm",
    "may_confirm_source",
    "may_consent",
    "may_tag",
    "must_hold_a_seat",
    "new_template",
    "note_lapses",
    "open_change",
    "propose_condition",
    "publish_draft",
    "publish_template",
    "read_pack",
    "recuse",
    "reopen_review",
    "request_review",
    "require_revision",
    "resume_project",
    "revise_with_file",
    "revise_with_link",
    "save_draft",
    "schedule_stage",
    "set_baseline",
    "set_limit",
    "settle_conditions",
    "start_draft",
    "start_project",
    "take_up",
    "tried",
    "try_proposal",
    "valid_template",
    "waive_check",
    "withdraw_change",
    "withdraw_review",
    "withdraw_vote",
]
