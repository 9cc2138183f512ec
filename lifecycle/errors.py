from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError, ValidationFailed


class ComputedCheck(DomainError):
    code = "computed_check"
    title = _("This check is computed and cannot be ticked")


class GateBlocked(DomainError):
    code = "gate_blocked"
    title = _("Required checks are still open")


class CriteriaNotMet(DomainError):
    code = "criteria_not_met"
    title = _("Required checks are still open")


class ReviewAlreadyOpen(DomainError):
    code = "review_already_open"
    title = _("A review of this gate is already open")


class GateAlreadyDecided(DomainError):
    code = "gate_already_decided"
    title = _("This round is over")


class ReviewNotDecided(DomainError):
    code = "review_not_decided"
    title = _("This round has no decision")


class AlreadyVoted(DomainError):
    code = "already_voted"
    title = _("You have voted in this round")


class DeputyHasVoted(DomainError):
    code = "deputy_has_voted"
    title = _("Your deputy has voted for you in this round")


class Recused(DomainError):
    code = "recused"
    title = _("You stepped back from this round")


class NotToBeReopened(DomainError):
    code = "not_to_be_reopened"
    title = _("This decision cannot be opened again")


class NoVoteToWithdraw(DomainError):
    code = "no_vote"
    title = _("You have no vote in this round")


class PacketChanged(DomainError):
    """The facts moved while someone voted. Carries the digest that the round now has."""

    code = "packet_changed"
    title = _("The facts changed while you read")

    def __init__(self, packet: str, *, voided: int = 0, **extra: Any) -> None:
        detail = _("Your vote was not counted. Read what changed, then vote again.")
        super().__init__(detail, packet=packet, voided=voided, **extra)


class SeparationOfDuties(DomainError):
    status = 403
    code = "separation_of_duties"
    title = _("Those who decide are kept apart from those who did the work")


class NoIntake(DomainError):
    code = "no_intake"
    title = _("Nobody has answered the intake of this project")


class IntakeIsConfirmed(DomainError):
    code = "intake_is_confirmed"
    title = _("The intake is confirmed already")


class ProjectOnHold(DomainError):
    code = "project_on_hold"
    title = _("The project is on hold")


class ProjectNotActive(DomainError):
    code = "project_not_active"
    title = _("The project is not active")


class StageNotCurrent(DomainError):
    code = "stage_not_current"
    title = _("This is not the project's current stage")


class StageClosed(DomainError):
    code = "stage_closed"
    title = _("What was decided is never edited")


class ConditionsRequired(DomainError):
    status = 400
    code = "conditions_required"
    title = _("A conditional go needs a condition")


class DecisionNotOffered(DomainError):
    code = "decision_not_offered"
    title = _("This round cannot end in that decision")


class WaiverNeedsSecond(DomainError):
    status = 403
    code = "separation_of_duties"
    title = _("A second gatekeeper grants the waiver")


class AlreadyWaived(DomainError):
    code = "already_waived"
    title = _("This check is waived already")


class LimitIsFixed(DomainError):
    code = "limit_is_fixed"
    title = _("Limits stand still while a round is open")


class NoLimitProposed(DomainError):
    code = "no_limit_proposed"
    title = _("Nothing waits for consent here")


class ProposalChanged(DomainError):
    """Another proposal waits than the one that was looked at; `seen` and `proposed` are the two."""

    code = "proposal_changed"
    title = _("Something else is proposed now")


class RoundIsOpen(DomainError):
    code = "round_is_open"
    title = _("The process stands still while a round is open")


class CurrentStageGone(DomainError):
    code = "current_stage_gone"
    title = _("The version does not have the project's current stage")


class LevelNotOffered(DomainError):
    code = "level_not_offered"
    title = _("The version does not have the project's level")


class CheckNotAsked(DomainError):
    code = "check_not_asked"
    title = _("This check is no longer asked for")


class NoChangeLane(DomainError):
    code = "no_change_lane"
    title = _("Changes are opened once the project is in a stage that recurs")


class ChangeIsOver(DomainError):
    code = "change_is_over"
    title = _("This change is no longer open")


class ChangeNotReady(DomainError):
    code = "change_not_ready"
    title = _("Checks that the change turned stale are not met again")


class ChangeNeedsReview(DomainError):
    code = "change_needs_review"
    title = _("A material check turned stale, so a review decides the change")


class ChangeNotRunning(DomainError):
    """What runs is something else than the change made it: there is nothing to confirm."""

    code = "change_not_running"
    title = _("The system no longer runs on this change")

    def __init__(self, elsewhere: Sequence[tuple[str, str, str]]) -> None:
        """`elsewhere`: part, what the change made it, what it is today."""
        rows = [{"part": part, "made": made, "value": value} for part, made, value in elsewhere]
        words = ", ".join(f"{row['part']}: {row['made']} → {row['value'] or '–'}" for row in rows)
        super().__init__(
            _("What runs is something else by now (%(parts)s). Withdraw the change, or make its values current again.")
            % {"parts": words},
            elsewhere=rows,
        )


class ChangesRun(DomainError):
    code = "changes_run"
    title = _("Changes wait to be confirmed or withdrawn")


class ConditionClosed(DomainError):
    code = "condition_closed"
    title = _("This condition is closed")


class InvalidTemplate(ValidationFailed):
    """A template's document is not in the format or breaks a rule; each error names its place in the document."""

    led_by_fields = False
    title = _("The template is not valid")


class DraftAlreadyOpen(DomainError):
    """Carries the `number` of the draft and its ETag: whoever sends that as If-Match replaces it."""

    code = "draft_already_open"
    title = _("The template has a draft already")


class VersionIsPublished(DomainError):
    code = "version_is_published"
    title = _("What is published is never edited; start a draft of the next version")


class NothingToPublish(DomainError):
    code = "nothing_to_publish"
    title = _("The draft says what is published already")


class EvidenceAlreadyAttached(DomainError):
    code = "evidence_already_attached"
    title = _("This evidence serves the check already")


class EvidenceTooOld(DomainError):
    """The check is done again, and only what speaks of a time since then counts."""

    code = "evidence_too_old"
    title = _("This evidence is older than the loop")

    def __init__(self, check: str, since: date) -> None:
        super().__init__(
            _("“%(check)s” is done again since %(day)s; only proof that speaks of a time since then counts.")
            % {"check": check, "day": since}
        )


class UnknownRun(DomainError):
    """No candidate of the project has this run; what is not reported cannot be asked for."""

    status = 404
    code = "unknown_run"
    title = _("No candidate has this run")
