"""Every code of a problem document, with its title and what to do about it; `/api/docs/problems/` shows them."""

from django.utils.translation import gettext_lazy as _

from common.portfolio_codes import PORTFOLIOS
from common.problem_code import ProblemCode

_code = ProblemCode

REQUEST: dict[str, ProblemCode] = {
    "malformed_json": _code(_("The body is not JSON"), _("The detail names line and column.")),
    "duplicate_key": _code(
        _("A name stands twice"), _("An object or query names the same key twice; which one counts would be a guess.")
    ),
    "json_too_deep": _code(_("The JSON is nested too deeply"), _("At most 20 levels.")),
    "too_many_keys": _code(_("An object has too many keys"), _("At most 1000.")),
    "body_too_large": _code(_("The body is too large"), _("2 MB for JSON, 26 MB for uploads and imports.")),
    "too_many_fields": _code(_("The form has too many fields"), _("At most 1000.")),
    "unsupported_charset": _code(_("The charset is not supported"), _("Send UTF-8.")),
    "unsupported_content_encoding": _code(_("The content encoding is not supported"), _("Send the body uncompressed.")),
    "unsupported_media_type": _code(
        _("The media type is not supported"),
        _("The API page of the endpoint says what it takes; mostly application/json."),
    ),
    "malformed_multipart": _code(
        _("The multipart body is broken"), _("It is cut off or its boundary does not fit its header.")
    ),
    "not_acceptable": _code(
        _("The answer has no such format"), _("Accept application/json, or ask for a format the endpoint names.")
    ),
    "method_not_allowed": _code(_("The method is not allowed here"), _("The Allow header names those that are.")),
    "invalid_host": _code(_("The Host header is unknown"), _("The server answers to the names in ALLOWED_HOSTS only.")),
    "invalid_header": _code(_("A header is not usable"), _("The pointer or the detail names it.")),
    "bad_request": _code(_("The request is not usable"), _("It broke a rule that protects the server.")),
    "not_found": _code(
        _("This does not exist, or you may not see it"), _("Unknown and invisible look the same on purpose.")
    ),
    "rate_limited": _code(_("Too many requests"), _("Wait as many seconds as the Retry-After header says.")),
    "busy": _code(
        _("The server is busy"),
        _("Another change holds the same data. Repeat after Retry-After; an Idempotency-Key makes that safe."),
    ),
    "unavailable": _code(_("The server cannot reach its database"), _("Repeat the request after Retry-After.")),
    "pdf_not_available": _code(
        _("This server cannot make a PDF now"),
        _("The JSON holds the same, and the page prints. An operator installs Pango, or gives the server more time."),
    ),
    "storage_full": _code(_("The storage is full"), _("Nothing was written. An operator has to make room.")),
    "internal_error": _code(
        _("Something went wrong on the server"), _("Nothing was changed. Tell an operator the request id.")
    ),
}

WHO: dict[str, ProblemCode] = {
    "not_authenticated": _code(
        _("Sign in first"), _("Send a token as Authorization: Bearer egt_…, or a session cookie.")
    ),
    "token_invalid": _code(_("The token is not valid"), _("It is unknown or revoked, or its owner is deactivated.")),
    "token_expired": _code(_("The token has expired"), _("Its owner can make a new one.")),
    "csrf_failed": _code(
        _("The page's safety mark is missing"),
        _("Session requests that write need the X-CSRFToken header and the site's own Origin."),
    ),
    "permission_denied": _code(_("You may not do this"), _("You see it, but lack the right the detail names.")),
    "scope_missing": _code(
        _("The token lacks a scope"), _("The detail names it. Scopes are chosen when a token is made.")
    ),
    "human_session_required": _code(
        _("Only a signed-in person may do this"), _("No token may vote, manage members and tokens or change settings.")
    ),
    "scope_not_grantable": _code(_("The scope cannot be given"), _("Unknown, or wider than any token may hold.")),
    "reauthentication_required": _code(
        _("Sign in again first"), _("The sign-in is older than 15 minutes and this step is a sensitive one.")
    ),
}

VALUES: dict[str, ProblemCode] = {
    "validation_failed": _code(_("The input is not valid"), _("The list of errors names each place.")),
    "unknown_field": _code(_("There is no such field"), _("Often a typing error; nothing is dropped in silence.")),
    "read_only_field": _code(
        _("The field cannot be written"), _("Sent back unchanged it is ignored, changed it is refused.")
    ),
    "required": _code(_("A field is missing"), _("The pointer names it.")),
    "null_not_allowed": _code(_("The field may not be null"), _("Leave it out or give it a value.")),
    "invalid_type": _code(_("The value has the wrong type"), _("Numbers are numbers, not strings; lists are lists.")),
    "invalid_choice": _code(_("The value is not one of those allowed"), _("The API page lists them.")),
    "not_finite": _code(_("The number is not finite"), _("NaN and infinity measure nothing.")),
    "out_of_range": _code(_("The value is out of range"), _("The detail names the limits.")),
    "invalid_date": _code(_("This date does not exist"), _("Write it as 2026-07-06.")),
    "timezone_required": _code(
        _("The time needs its zone"), _("End it with Z or an offset, as in 2026-07-06T09:00:00+02:00.")
    ),
    "in_the_future": _code(_("The time lies in the future"), _("Five minutes of clock difference are tolerated.")),
    "invalid_timezone": _code(_("There is no such time zone"), _("Use a name of the IANA database, as Europe/Berlin.")),
    "null_character": _code(_("The text holds a null character"), _("No text may.")),
    "invalid_unicode": _code(
        _("The text is not valid Unicode"), _("It holds half of a surrogate pair or bytes that are not UTF-8.")
    ),
    "control_character": _code(
        _("The text holds a control character"),
        _("One-line text may not hold line breaks, controls or direction overrides."),
    ),
    "blank": _code(_("The text is empty"), _("Spaces and invisible characters do not count.")),
    "too_long": _code(_("The value is too long"), _("The detail names the limit.")),
    "too_short": _code(_("The value is too short"), _("The detail names the limit.")),
    "not_unique": _code(_("This exists already"), _("Another row has this value.")),
    "invalid_key": _code(_("The key has the wrong form"), _("A project's key is 2 to 10 of A–Z and 0–9.")),
    "invalid_url": _code(_("The address is not usable"), _("It starts with http:// or https:// and names a host.")),
    "invalid_email": _code(_("The mail address is not usable"), _("It looks like name@example.org.")),
    "invalid_username": _code(_("The user name has the wrong form"), _("Letters, digits, dot, hyphen and underscore.")),
}

LISTS: dict[str, ProblemCode] = {
    "unknown_parameter": _code(_("There is no such parameter"), _("The list takes only the filters it declares.")),
    "invalid_ordering": _code(
        _("The list cannot be ordered by this"), _("The API page names the orderings; a leading hyphen reverses.")
    ),
    "invalid_limit": _code(_("The page size is not usable"), _("1 to 200.")),
    "invalid_cursor": _code(
        _("The cursor is not usable"), _("Follow the links next and previous; do not build cursors.")
    ),
}

STATE: dict[str, ProblemCode] = {
    "conflict": _code(_("The request conflicts with the current state"), _("The detail says with what.")),
    "precondition_required": _code(
        _("Say which version you are changing"), _('Send If-Match: "v3" or "version": 3 in the body.')
    ),
    "version_mismatch": _code(
        _("Someone changed this meanwhile"),
        _("Read the current version (its ETag is in the answer), then decide whose change stands."),
    ),
    "invalid_idempotency_key": _code(_("The Idempotency-Key is not usable"), _("1 to 255 printable ASCII characters.")),
    "idempotency_in_progress": _code(_("The same request is still running"), _("Repeat it in a moment.")),
    "idempotency_key_reused": _code(
        _("The Idempotency-Key belongs to another request"), _("Take a new key for another body, path or method.")
    ),
    "already_created": _code(
        _("This was created before"), _("The secret was shown once and is not stored; make a new one if it is lost.")
    ),
}

FILES: dict[str, ProblemCode] = {
    "file_refused": _code(_("The file is not taken"), _("The detail says why; nothing of it was kept.")),
    "file_missing": _code(_("The form holds no file"), _("Send it as the multipart part named file.")),
    "too_many_files": _code(_("The form holds more than one file"), _("One request adds one file.")),
    "invalid_filename": _code(
        _("The file's name is not usable"), _("One line, at most 255 bytes, with an ending such as .pdf.")
    ),
    "file_type_not_allowed": _code(_("Files of this type are not taken"), _("The detail lists the endings that are.")),
    "content_mismatch": _code(
        _("The content is not what the file's name says"),
        _("The first bytes belong to another type, often a renamed page."),
    ),
    "empty_file": _code(_("The file is empty"), _("It has no bytes.")),
    "digest_mismatch": _code(
        _("The file is not the one that was announced"),
        _("The announced SHA-256 is another; the file changed on its way."),
    ),
    "file_too_large": _code(_("The file is too large"), _("At most 25 MB; link what is larger.")),
    "project_quota_exceeded": _code(
        _("The project's files take all their room"), _("At most 2 GB; link what is larger.")
    ),
    "file_damaged": _code(_("The stored file is damaged"), _("An operator restores it from a backup.")),
}

RECORDS: dict[str, ProblemCode] = {
    "metric_already_recorded": _code(
        _("This run has already reported another value"),
        _("The same value again is fine; another takes supersede and a reason."),
    ),
    "unknown_metric": _code(
        _("There is no such metric"), _("The detail names the nearest one; metric-definitions/ lists them all.")
    ),
    "evidence_already_withdrawn": _code(
        _("This evidence is already withdrawn"), _("It stays readable and counts no more.")
    ),
    "evidence_revised": _code(
        _("A later revision has taken its place"), _("The member newest holds the id of the latest revision.")
    ),
    "evidence_already_attached": _code(
        _("This evidence serves the check already"), _("Also when a later revision of it serves the check instead.")
    ),
    "evidence_too_old": _code(
        _("This evidence is older than the loop"),
        _("The check is done again; only proof that speaks of a time since the loop counts. Bring one that does."),
    ),
    "unknown_run": _code(_("No candidate has this run"), _("metrics/?candidate=true lists what candidates reported.")),
    "risk_closed": _code(_("The risk is closed"), _("Open it again first.")),
    "acceptance_already_signed": _code(
        _("You have signed this acceptance; it waits for someone else"), _("A critical risk takes two people.")
    ),
    "assessment_draft_exists": _code(_("A draft of this assessment exists"), _("Fill that one in.")),
    "assessment_not_draft": _code(
        _("Only a draft can be filled in"), _("Start a new attempt; earlier ones stay as they are.")
    ),
    "assessment_not_submitted": _code(
        _("This assessment does not wait for signatures"), _("It is a draft, approved, or followed by a newer attempt.")
    ),
    "assessment_does_not_pass": _code(
        _("The answers do not reach what the questionnaire asks for"), _("Nobody can sign it; a new attempt may pass.")
    ),
    "assessment_already_signed": _code(_("This role has signed already"), _("One signature per role.")),
    "separation_of_duties": _code(
        _("Your own work stands in the way"), _("Who made something does not decide on it; the detail names the rule.")
    ),
    "end_before_start": _code(_("The end lies before the start"), _("The pointer names the end.")),
}

PROJECTS: dict[str, ProblemCode] = {
    "last_owner": _code(_("A project keeps at least one owner"), _("Name another owner first.")),
    "already_member": _code(_("This person is a member already"), _("Change the membership instead.")),
    "key_taken": _code(_("Another project has this key"), _("Keys are never used twice, also not after archiving.")),
    "project_archived": _code(_("The project is archived; restore it first"), _("An archived project can be read.")),
    "project_not_archived": _code(_("The project is not archived"), _("There is nothing to restore.")),
    "project_not_active": _code(_("The project is not active"), _("It is on hold, ended or archived.")),
    "project_not_on_hold": _code(_("The project is not on hold"), _("There is nothing to resume.")),
    "line_has_spend": _code(
        _("Money was spent on this line; set its plan to 0 instead"), _("What was spent is never erased.")
    ),
    "action_follows_its_source": _code(
        _("This action is closed where it comes from"), _("A condition closes at its gate.")
    ),
    "action_not_done": _code(_("Only what is done can be verified"), _("Mark it as done first.")),
    "snooze_too_long": _code(_("A reminder sleeps seven days at most"), _("Ask whoever set the date for a later one.")),
    "invalid_reference": _code(
        _("The reference has the wrong form"), _("A thing is named by its kind and id, as check:12.")
    ),
}

LIFECYCLE: dict[str, ProblemCode] = {
    "computed_check": _code(
        _("This check is computed and cannot be ticked"),
        _("It is met by results, proof, risks or assessments; report those."),
    ),
    "gate_blocked": _code(
        _("Required checks are still open"),
        _("`blockers` explains each. Ask with `despite_blockers` for a hold, a recycle, a kill or a conditional go."),
    ),
    "criteria_not_met": _code(
        _("The criteria of the gate are not met"),
        _("`blockers` explains each; a conditional go names a condition for every one."),
    ),
    "review_already_open": _code(_("A review of this gate is already open"), _("One round at a time.")),
    "gate_already_decided": _code(
        _("This round is over"), _("What was decided is never edited; a new round may be asked for.")
    ),
    "review_not_decided": _code(
        _("This round has no decision"), _("A gate pack tells of a decision: there is one once the round is decided.")
    ),
    "no_intake": _code(
        _("Nobody has answered the intake of this project"), _("Answer its questions first; then it can be confirmed.")
    ),
    "intake_is_confirmed": _code(
        _("The intake is confirmed already"), _("Answer it anew to have other answers confirmed.")
    ),
    "recused": _code(
        _("You stepped back from this round"), _("Whoever said that they cannot decide a round does not vote in it.")
    ),
    "deputy_has_voted": _code(
        _("Your deputy has voted for you in this round"),
        _("One vote for each voice: end their time as your deputy, then vote yourself."),
    ),
    "not_to_be_reopened": _code(
        _("This decision cannot be opened again"),
        _("Only the latest decision of a stage's newest iteration, in a project without an open round."),
    ),
    "no_vote_to_hand_over": _code(
        _("You have no vote in this project that a deputy could give"), _("Only who may decide names a deputy.")
    ),
    "deputy_already_named": _code(
        _("You have a deputy on some of these days already"), _("One at a time: end the other one first.")
    ),
    "deputy_is_over": _code(_("This deputy serves no more"), _("It was ended, or its last day is over.")),
    "already_voted": _code(_("You have voted in this round"), _("Withdraw your vote to cast another.")),
    "no_vote": _code(_("You have no vote in this round"), _("There is nothing to withdraw.")),
    "packet_changed": _code(
        _("The facts changed while you read"),
        _("`packet` is what the round now rests on. Read what changed, then vote again with it."),
    ),
    "project_on_hold": _code(
        _("The project is on hold"), _("Nobody asks or votes until its owner or portfolio manager resumes it.")
    ),
    "stage_not_current": _code(
        _("This is not the project's current stage"), _("Gates open in their order; work may go ahead.")
    ),
    "stage_closed": _code(_("This iteration of the stage is over"), _("Its checks stand as they were decided.")),
    "conditions_required": _code(
        _("A conditional go needs a condition"), _("Text, owner and day; `check` where it defers one.")
    ),
    "not_for_this_decision": _code(
        _("The decision has no use for this"),
        _("Conditions go with a conditional go, `until` with a hold, `reason` and `return_to` with a recycle."),
    ),
    "decision_not_offered": _code(
        _("This round cannot end in that decision"), _("An extraordinary review ends in hold, recycle or kill.")
    ),
    "already_waived": _code(_("This check is waived already"), _("The waiver in force shows until when.")),
    "limit_is_fixed": _code(
        _("Limits stand still while a round is open"), _("Set limits before the review is asked for.")
    ),
    "no_limit_proposed": _code(
        _("Nothing waits for consent here"),
        _("What is in force and all that came before it are shown with the limit and with the baseline."),
    ),
    "proposal_changed": _code(
        _("Something else is proposed now"), _("Read what is proposed; `proposal` names what you agree to or decline.")
    ),
    "condition_closed": _code(_("This condition is closed"), _("A closed condition is not changed.")),
}

TEMPLATES: dict[str, ProblemCode] = {
    "malformed_yaml": _code(
        _("The body is not YAML that is read here"),
        _("The detail names line and column. Tags are not read, nor days that do not exist."),
    ),
    "yaml_aliases_not_allowed": _code(
        _("The YAML uses anchors or aliases"),
        _("Write each value where it belongs; ten lines of aliases make gigabytes."),
    ),
    "yaml_too_deep": _code(_("The YAML is nested too deeply"), _("At most 20 levels.")),
    "draft_already_open": _code(
        _("The template has a draft already"), _("Publish or discard it, or send its ETag as If-Match to replace it.")
    ),
    "version_is_published": _code(
        _("What is published is never edited; start a draft of the next version"),
        _("Projects rest on published versions."),
    ),
    "nothing_to_publish": _code(
        _("The draft says what is published already"), _("Change something first, or discard the draft.")
    ),
}

MOVES: dict[str, ProblemCode] = {
    "round_is_open": _code(
        _("The process stands still while a round is open"),
        _("Level, tags and template version move once the round is decided or withdrawn."),
    ),
    "current_stage_gone": _code(
        _("The version does not have the project's current stage"),
        _("Pass or leave the stage first, or move to a version that has it."),
    ),
    "level_not_offered": _code(
        _("The version does not have the project's level"), _("Move to a level that both versions have first.")
    ),
    "no_change_lane": _code(
        _("Changes are opened once the project is in a stage that recurs"),
        _("Before that, a new model version or prompt simply turns its checks stale."),
    ),
    "change_is_over": _code(_("This change is no longer open"), _("It is confirmed, withdrawn or in review.")),
    "change_not_ready": _code(
        _("Checks that the change turned stale are not met again"), _("`blockers` names them and what each asks for.")
    ),
    "change_not_running": _code(
        _("The system no longer runs on this change"),
        _("`elsewhere` names the parts that are others by now. Withdraw the change, or make its values current again."),
    ),
    "change_needs_review": _code(
        _("A material check turned stale, so a review decides the change"),
        _("Ask for a review of the stage with `change`: it is about just these checks."),
    ),
    "changes_run": _code(
        _("Changes wait to be confirmed or withdrawn"),
        _("Confirm, review or withdraw them first; a round despite blockers may end in hold, recycle or kill."),
    ),
    "check_not_asked": _code(
        _("This check is no longer asked for"),
        _("The level, the tags or the template version dropped it; its answer is kept, should it be asked for again."),
    ),
}

# Rooms add their own when they start (see `declare`), so that a code is explained beside the rule that raises it.
CODES: dict[str, ProblemCode] = {
    **REQUEST,
    **WHO,
    **VALUES,
    **LISTS,
    **STATE,
    **FILES,
    **RECORDS,
    **PROJECTS,
    **PORTFOLIOS,
    **LIFECYCLE,
    **MOVES,
    **TEMPLATES,
}


def title_of(code: str) -> str:
    known = CODES.get(code)
    return str(known.title) if known else code.replace("_", " ").capitalize()
